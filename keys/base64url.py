"""Base64url without padding (RFC 7515 section 2 and appendix C), one spelling per value only."""

import binascii
from typing import Final

_TO_URL: Final = bytes.maketrans(b"+/", b"-_")
# The signs of the other alphabet and padding become signs of neither, which the strict decoder refuses.
_FROM_URL: Final = bytes.maketrans(b"-_+/=", b"+/\x00\x00\x00")
_PADDING: Final = (b"", b"", b"==", b"=")


def encode(data: bytes) -> bytes:
    """Return the encoding of `data`, without padding."""
    return binascii.b2a_base64(data, newline=False).rstrip(b"=").translate(_TO_URL)


def decode(text: bytes) -> bytes:
    """Return what `text` encodes.

    Raises:
        ValueError: a sign outside the alphabet, padding, or unused bits that are not zero (RFC 4648 section
            3.5). Each value has one spelling, so a token cannot be altered without breaking it.
    """
    data = binascii.a2b_base64(text.translate(_FROM_URL) + _PADDING[len(text) % 4], strict_mode=True)
    rest = len(data) % 3
    if rest and encode(data[-rest:]) != text[-rest - 1 :]:
        raise ValueError("base64url")
    return data
