"""Public keys of those who may send us something signed, fetched from the addresses in the settings only."""

import time
from pathlib import Path
from typing import Any, Final

import httpx2

from web.anchors import trusting
from web.patience import patient

KEYS_LIVE: Final = 300
KEYS_REST: Final = 5
"""Seconds between two fetches of a sender's keys: fresh enough, and no stranger can make us hammer a sender."""


class UnknownSender(Exception):
    """Not one of the senders that we know, or one that publishes no keys."""


class SenderKeys:
    """The keys of known senders, each kept for five minutes and fetched again for a key that is not among them."""

    def __init__(self, senders: tuple[str, ...], anchors: Path | None = None) -> None:
        self._anchors = anchors
        self._allowed = frozenset(url.rstrip("/") for url in senders)
        self._known: dict[str, tuple[float, dict[str, Any]]] = {}

    async def of(self, sender: str, kid: object) -> dict[str, Any]:
        """The sender's keys. Raises :class:`UnknownSender` and ``httpx2.HTTPError``."""
        if sender not in self._allowed:
            raise UnknownSender
        fetched_at, jwks = self._known.get(sender, (-KEYS_LIVE * 2.0, {"keys": []}))
        age = time.monotonic() - fetched_at
        missing = all(key.get("kid") != kid for key in jwks["keys"])
        if age > KEYS_LIVE or (missing and age > KEYS_REST):
            jwks = await self.fetched(sender)
            self._known[sender] = (time.monotonic(), jwks)
        return jwks

    async def fetched(self, sender: str) -> dict[str, Any]:
        """The keys a known sender publishes now."""
        trusted = trusting(self._anchors)
        async with httpx2.AsyncClient(timeout=patient(5.0), follow_redirects=False, verify=trusted) as client:
            answer = await client.get(f"{sender}/.well-known/jwks.json")
        answer.raise_for_status()
        content = answer.json()
        if not isinstance(content, dict) or not isinstance(content.get("keys"), list):
            raise UnknownSender
        return content
