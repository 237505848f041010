"""Signed, sealed and random texts altered for sure, whatever their random bytes happen to be.

Cutting a text's end off and writing ``AA`` instead alters nothing wherever it ended so before (one signature in 256),
and the last sign of base64url holds up to four bits that encode nothing. Here one bit in the middle of what a segment
encodes is turned over: the text stays well formed and as long as it was, and says other bytes.
"""

from __future__ import annotations

from keys import base64url


def altered(text: str, segment: int = -1) -> str:
    """The text with one bit of one of its segments (base64url, parted by dots) turned over: of the last, as a rule.

    Raises:
        ValueError: the segment encodes nothing, so that nothing of it can be altered.
    """
    parts = text.split(".")
    raw = bytearray(base64url.decode(parts[segment].encode()))
    if not raw:
        raise ValueError("an empty segment")
    raw[len(raw) // 2] ^= 1
    parts[segment] = base64url.encode(bytes(raw)).decode()
    return ".".join(parts)
