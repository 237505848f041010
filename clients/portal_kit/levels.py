"""Levels a portal asks for; a partial order, so they are compared by both parts (domain facts: e-ID accounts, 6)."""

import re
from typing import Final

LOOK: Final = "urn:example:vn:acr:l2-a1"
FILE: Final = "urn:example:vn:acr:l2-a2"
_SHAPE: Final = re.compile(r"\Aurn:example:vn:acr:l([12])-a([1-4])\Z")


def enough(reached: str, asked: str) -> bool:
    """True when both the account level and the authentication level reach what was asked."""
    have, need = _SHAPE.match(reached), _SHAPE.match(asked)
    if have is None or need is None:
        return False
    return have.group(1) >= need.group(1) and have.group(2) >= need.group(2)
