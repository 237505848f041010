"""Opaque secrets on the wire: ``<grant id>.<32 random bytes>``, base64url; stored only as SHA-256.

The grant id leads every look-up to one Redis slot; it is random and says nothing about the person.
"""

import hashlib
import re
from dataclasses import field

from idp.domain.values import frozen

_SHAPE = re.compile(r"\A([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})\Z")


@frozen
class Handle:
    """A code or opaque token as presented: whose it claims to be, and the hash to compare."""

    grant_id: str
    digest: bytes
    secret: str = field(repr=False)

    @staticmethod
    def parse(text: str | None) -> "Handle | None":
        """The handle, or None for whatever we never issued."""
        match = _SHAPE.match(text) if text else None
        if match is None or text is None:
            return None
        return Handle(match.group(1), hashlib.sha256(text.encode("ascii")).digest(), text)
