"""The registry's lists of withdrawn receipts, fetched where a receipt is shown: kept for as long as they allow.

https://datatracker.ietf.org/doc/draft-ietf-oauth-status-list/ (8.1: fetched from the address in the receipt; 13.7: a
`ttl` says how long a copy may serve). Only lists of our own registry are fetched, whatever a receipt names; a list is
believed only once its signature was checked (`clients.receipts`).
"""

import re
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import httpx2

from clients.receipts import LIST_TYPE, MAX_LIST_BYTES

KEPT_FOR: Final = 300.0
"""Seconds: the registry's `ttl`; so long a withdrawal may stay unseen."""
_MOST: Final = 16
_NUMBER: Final = re.compile(r"[0-9]{1,10}", re.ASCII)
_OK: Final = 200


class Withdrawals:
    """One for each portal; holds a few lists of a few hundred bytes."""

    def __init__(
        self, base_url: str, client: httpx2.AsyncClient, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._below = f"{base_url}/v1/status/"
        self._client = client
        self._clock = clock
        self._kept: dict[str, tuple[float, str]] = {}

    def address_of(self, claims: Mapping[str, Any]) -> str | None:
        """The list that a receipt names; None where it names none, or one that is not our registry's."""
        match claims.get("status"):
            case {"status_list": {"uri": str(address)}}:
                number = address.removeprefix(self._below)
                return address if address.startswith(self._below) and _NUMBER.fullmatch(number) else None
        return None

    async def list_at(self, address: str, *, anew: bool = False) -> str | None:
        """The signed list at that address; None when it cannot be had now."""
        kept = self._kept.get(address)
        if kept is not None and not anew and self._clock() < kept[0] + KEPT_FOR:
            return kept[1]
        try:
            text = await self._fetch(address)
        except (httpx2.HTTPError, UnicodeDecodeError):
            return None
        if text is not None:
            if len(self._kept) >= _MOST:
                self._kept.pop(next(iter(self._kept)))
            self._kept[address] = (self._clock(), text)
        return text

    async def _fetch(self, address: str) -> str | None:
        """At most as many bytes as a list may have."""
        held = bytearray()
        async with self._client.stream(
            "GET", address, headers={"Accept": f"application/{LIST_TYPE}"}
        ) as answer:
            if answer.status_code != _OK:
                return None
            async for piece in answer.aiter_bytes():
                held += piece
                if len(held) > MAX_LIST_BYTES:
                    return None
        return held.decode("ascii").strip()
