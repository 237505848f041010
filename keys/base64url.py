"""Base64url without padding (RFC 7515 section 2 and appendix C), one spelling per value only."""

import binascii
import re

_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_", b"+/")
_ALPHABET = re.compile(rb"[A-Za-z0-9_-]*\Z")


def encode(data: bytes) -> bytes:
    """Return the encoding of `data`, without padding."""
    return binascii.b2a_base64(data, newline=False).rstrip(b"=").translate(_TO_URL)


def decode(text: bytes) -> bytes:
    """Return what `text` encodes.

    Raises:
        ValueError: a sign outside the alphabet, padding, or unused bits that are not zero. Each value has
            one spelling, so a token cannot be altered without breaking it.
    """
    if not _ALPHABET.match(text):
        raise ValueError("base64url")
    data = binascii.a2b_base64(text.translate(_FROM_URL) + b"=" * (-len(text) % 4))
    if encode(data) != text:
        raise ValueError("base64url")
    return data
