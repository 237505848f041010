"""What a resource asks for when it refuses: the parameters of a WWW-Authenticate challenge (RFC 6750, RFC 9470)."""

import re
from collections.abc import Mapping
from typing import Final

_PARAMETER: Final = re.compile(r'([a-z_]{1,40})="([^"\\]{0,300})"')
LONGEST: Final = 4096


def parameters(header: str) -> Mapping[str, str]:
    """Every quoted parameter, the first of each name; empty for a header that is none."""
    found: dict[str, str] = {}
    for name, value in _PARAMETER.findall(header[:LONGEST]):
        found.setdefault(name, value)
    return found
