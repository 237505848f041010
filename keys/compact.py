"""The compact serializations of JOSE: how many parts a signed and an encrypted text have, divided by dots."""

from typing import Final

JWS_PARTS: Final = 3
"""Header, payload, signature (RFC 7515 section 7.1)."""
JWE_PARTS: Final = 5
"""Header, encrypted key, initialization vector, ciphertext, authentication tag (RFC 7516 section 7.1)."""


def parts_in(text: str) -> int:
    """How many parts a text has; what is in them, nobody has looked at yet."""
    return text.count(".") + 1
