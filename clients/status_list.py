"""Read a status list whose signature was checked: an independent second implementation of the registry's.

https://datatracker.ietf.org/doc/draft-ietf-oauth-status-list/ (sections 4.1, 5.1 and 8.3)
"""

import base64
import binascii
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MOST_BYTES: Final = 1 << 22
"""Longest list, decompressed: a small text that swells without end is refused (a million receipts need 128 KiB)."""
_BITS: Final = (1, 2, 4, 8)
VALID: Final = 0x00
SUPERSEDED: Final = 0x03
"""7.1: application specific; the registry's word for a genuine paper of an act that a later act overtook."""


class StatusListBroken(Exception):
    """The list says nothing; the message says why."""


@dataclass(frozen=True, slots=True)
class StatusList:
    """The statuses behind one address."""

    address: str
    bits: int
    packed: bytes

    def status(self, index: int) -> int:
        """The status at an index: 0 valid, 1 invalid, others by 7.1. Raises `StatusListBroken` beyond the end."""
        place = index * self.bits
        # 8.3: "If the index is out of bounds of the Status List, no statement ... can be made".
        if index < 0 or place >> 3 >= len(self.packed):
            raise StatusListBroken("the index lies outside the list")
        return self.packed[place >> 3] >> (place & 7) & ((1 << self.bits) - 1)


def read_status_list(claims: Mapping[str, object], now: float) -> StatusList:
    """The list from the verified claims of its token. Raises :class:`StatusListBroken`."""
    ends = claims.get("exp")
    if ends is not None and not (isinstance(ends, int) and now < ends):
        raise StatusListBroken("the list is too old; fetch a new one")
    match claims:
        case {"sub": str(address), "status_list": {"bits": int(bits), "lst": str(text)}} if bits in _BITS:
            return StatusList(address, bits, _unpacked(text))
    raise StatusListBroken("not a status list")


def _unpacked(text: str) -> bytes:
    try:
        squeezed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        reader = zlib.decompressobj()
        packed = reader.decompress(squeezed, MOST_BYTES)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise StatusListBroken("the list cannot be unpacked") from error
    if not reader.eof:
        raise StatusListBroken("the list is cut off or too long")
    return packed
