"""Tag, length, value: the outermost shell of an elementary file (ICAO Doc 9303 part 10; ISO/IEC 7816-4).

Lengths must be in their shortest form, as DER writes them; nothing may follow.
"""

from population_registry.papers.paper import PaperError, PaperFault

_LONG = 0x80
_LONGEST_LENGTH = 3
"""Octets of a length that says more than 127: 16 MB are plenty."""


def wrap(tag: bytes, value: bytes) -> bytes:
    """Tag, shortest length, value."""
    size = len(value)
    if size < _LONG:
        return tag + bytes([size]) + value
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return tag + bytes([_LONG | len(length)]) + length + value


def unwrap(tag: bytes, encoded: bytes) -> bytes:
    """The value of the one element that `encoded` is.

    Raises:
        PaperError: another tag, a length that is wrong or not the shortest, or something follows.
    """
    start = len(tag)
    if encoded[:start] != tag or len(encoded) <= start:
        raise PaperError(PaperFault.ENCODING)
    octets = 0 if encoded[start] < _LONG else encoded[start] - _LONG
    value = encoded[start + 1 + octets :]
    if octets > _LONGEST_LENGTH or wrap(tag, value) != encoded:
        raise PaperError(PaperFault.ENCODING)
    return value
