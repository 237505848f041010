"""The public keys that another service publishes: fetched, kept for a while, fetched again when an unknown key signs.

https://www.rfc-editor.org/rfc/rfc7517 (section 5). Where they are, the caller knows by configuration; nothing in a
token can send us anywhere. After an emergency roll the new key signs at once, and its tokens must not wait long.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

import httpx2

from keys import KeyRefused, PublicKeySet, VerificationFailed
from web.patience import patient

KEPT: Final = 300.0
"""Seconds after which the keys are fetched again."""
PAUSE: Final = 1.0
"""Seconds between two fetches, however many unknown keys are presented."""
LARGEST: Final = 256 * 1024
TIMEOUT: Final = patient(3.0)

Download = Callable[[], Awaitable[Mapping[str, object]]]
"""Fetches the JWK Set; raises httpx2.HTTPError, ValueError, KeyError or TypeError when it cannot be had."""


class KeysUnreachable(Exception):
    """No keys are known and nobody gives any; nothing can be judged now."""


class PublishedKeys:
    """One service's keys, shared by all requests of this process."""

    def __init__(self, download: Download, clock: Callable[[], float] = time.monotonic) -> None:
        self._download = download
        self._clock = clock
        self._keys: PublicKeySet | None = None
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._fetching = asyncio.Lock()

    async def verified(self, token: str, *, typ: str, algorithms: Sequence[str]) -> dict[str, object]:
        """The claims of a token that this service signed. Raises VerificationFailed, KeysUnreachable."""
        known = self._keys
        if known is None or self._clock() - self._fetched_at > KEPT:
            known = await self._fetch(known)
        try:
            return known.verify(token, algorithms=algorithms, typ=typ)
        except VerificationFailed as failed:
            if failed.code != "unknown_kid":
                raise
            fresh = await self._fetch(known)
            if fresh is known:
                raise
        return fresh.verify(token, algorithms=algorithms, typ=typ)

    async def _fetch(self, seen: PublicKeySet | None) -> PublicKeySet:
        """New keys, or those in use when they are younger, or when they were just asked for or cannot be had."""
        async with self._fetching:
            if self._keys is not None and self._keys is not seen:
                return self._keys
            if self._clock() - self._tried_at >= PAUSE:
                self._tried_at = self._clock()
                try:
                    self._keys = PublicKeySet.from_jwks(await self._download())
                    self._fetched_at = self._clock()
                except (httpx2.HTTPError, KeyRefused, ValueError, KeyError, TypeError) as cause:
                    if self._keys is None:
                        raise KeysUnreachable(type(cause).__name__) from cause
            if self._keys is None:
                raise KeysUnreachable("no keys")
            return self._keys


async def document_at(client: httpx2.AsyncClient, address: str) -> dict[str, object]:
    """The JSON object at an address, without redirects. Raises httpx2.HTTPError, ValueError, TypeError."""
    answer = await client.get(
        address, headers={"Accept": "application/json"}, follow_redirects=False, timeout=TIMEOUT
    )
    answer.raise_for_status()
    if len(answer.content) > LARGEST:
        raise ValueError("too long")
    document = answer.json()
    if not isinstance(document, dict):
        raise TypeError("not an object")
    return document
