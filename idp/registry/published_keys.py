"""The registry's public keys: fetched, kept for a while, fetched again when an unknown key signs."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import httpx2

from idp.ports import Unavailable
from keys import KeyRefused, PublicKeySet, VerificationFailed

PATH: Final = "/.well-known/jwks.json"
KEPT: Final = 300.0
"""Seconds after which the keys are fetched again."""
PAUSE: Final = 1.0
"""Seconds between two fetches, however many unknown keys are presented."""
LARGEST: Final = 256 * 1024


class RegistryKeys:
    """The keys of the registry behind ``client``, shared by all requests of this process."""

    def __init__(self, client: httpx2.AsyncClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._keys: PublicKeySet | None = None
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._fetching = asyncio.Lock()

    async def verified(self, token: str, *, typ: str, algorithms: Sequence[str]) -> Mapping[str, object]:
        """The claims. Raises VerificationFailed, and Unavailable when no keys can be had."""
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
        async with self._fetching:
            if self._keys is not None and self._keys is not seen:
                return self._keys
            if self._clock() - self._tried_at >= PAUSE:
                self._tried_at = self._clock()
                try:
                    self._keys = PublicKeySet.from_jwks(await self._download())
                    self._fetched_at = self._clock()
                except (httpx2.HTTPError, KeyRefused, ValueError, TypeError) as cause:
                    if self._keys is None:
                        raise Unavailable("registry: keys") from cause
            if self._keys is None:
                raise Unavailable("registry: keys")
            return self._keys

    async def _download(self) -> Mapping[str, object]:
        answer = await self._client.get(PATH, headers={"Accept": "application/json"})
        answer.raise_for_status()
        if len(answer.content) > LARGEST:
            raise ValueError("too long")
        document = answer.json()
        if not isinstance(document, dict):
            raise TypeError("not an object")
        return document
