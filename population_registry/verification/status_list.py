"""Token Status List: two bits for each receipt say whether it was withdrawn, or a paper overtaken.

https://datatracker.ietf.org/doc/draft-ietf-oauth-status-list/ (OAuth group, submitted for publication)
Implemented: 4.1 (compressed byte array), 5.1 (status list token as JWT), 6.2 (`status` claim of a receipt), 7.1
(status types VALID, INVALID and APPLICATION_SPECIFIC), 8.1 (request by address). Left out: CBOR and COSE (4.3, 5.2),
aggregation (9), history (8.4): the receipt itself is kept with the dossier, and a list says what holds now.
"""

import base64
import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

STATUS_TYPE: Final = "statuslist+jwt"
BITS: Final = 2
SIZE: Final = 1 << 20
"""Statuses of one list: 256 KiB before compression, some hundred bytes after it; a million hide one another."""
FIRST_INDEX: Final = 100_000
PLACES: Final = 900_000
"""Only indices of six digits: receipts of one kind are of one length, whoever they are about."""
HOLDS_FOR: Final = timedelta(days=1)
TTL: Final = timedelta(minutes=5)
"""How long a reader may keep a list before asking anew: so long a withdrawal may stay unseen."""
INVALID: Final = 0x01
SUPERSEDED: Final = 0x03
"""7.1: 0x03 is APPLICATION_SPECIFIC. Here: the paper is genuine and a later act of its dossier overtook it."""
_HIGHEST_COMPRESSION: Final = 9
_BYTE: Final = 8


def pack(statuses: Mapping[int, int], size: int = SIZE, bits: int = BITS) -> bytes:
    """The byte array of a list of these statuses by index, and 0 everywhere else.

    Raises:
        IndexError: an index is outside the list.
    """
    packed = bytearray((size * bits + _BYTE - 1) // _BYTE)
    for index, status in statuses.items():
        if not 0 <= index < size:
            raise IndexError(index)
        # 4.1: "The bits within an array are counted from the least significant bit "0" to the most significant bit".
        place, shift = divmod(index * bits, _BYTE)
        packed[place] |= status << shift
    return bytes(packed)


def compressed(packed: bytes) -> str:
    """The `lst` member: DEFLATE in the ZLIB format at the highest level, base64url without padding (4.1, 4.2)."""
    return base64.urlsafe_b64encode(zlib.compress(packed, _HIGHEST_COMPRESSION)).rstrip(b"=").decode("ascii")


def list_address(issuer: str, number: int) -> str:
    """Where a list is fetched; also its `sub` (5.1)."""
    return f"{issuer}/v1/status/{number}"


def status_claim(issuer: str, position: int) -> dict[str, object]:
    """The `status` member of the receipt at that position of all receipts ever given out (6.2)."""
    number, place = divmod(position, PLACES)
    return {"status_list": {"idx": FIRST_INDEX + place, "uri": list_address(issuer, number)}}


def list_claims(
    issuer: str, number: int, withdrawn: Iterable[int], now: datetime, superseded: Iterable[int] = ()
) -> dict[str, object]:
    """The claims of a status list token (5.1), of positions in this list; withdrawn goes before overtaken."""
    issued = int(now.timestamp())
    shift = FIRST_INDEX - number * PLACES
    statuses = {position + shift: SUPERSEDED for position in superseded}
    statuses |= {position + shift: INVALID for position in withdrawn}
    return {
        "iss": issuer,
        "sub": list_address(issuer, number),
        "iat": issued,
        "exp": issued + int(HOLDS_FOR.total_seconds()),
        "ttl": int(TTL.total_seconds()),
        "status_list": {"bits": BITS, "lst": compressed(pack(statuses))},
    }
