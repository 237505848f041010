"""The identity provider's public keys: fetched, kept for a while, fetched again when an unknown key signs.

The address comes from the provider's own metadata (RFC 8414, OpenID Connect Discovery) and must lie at the configured
issuer; nothing in a token can send us anywhere.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx2

from keys import KeyRefused, PublicKeySet, VerificationFailed

KEPT_FOR = 300.0
"""Seconds after which the keys are fetched again."""
NOT_SOONER_THAN = 1.0
"""Seconds between two fetches, however many unknown keys are presented: after an emergency roll the new key signs
at once, and its tokens must not wait long."""
LARGEST = 256 * 1024
TIMEOUT = 3.0


class IssuerUnreachable(Exception):  # noqa: N818 -- a state of the outside
    """No keys are known and the provider does not answer; nobody can be judged now."""


class IssuerKeys:
    """The keys of one issuer, shared by all requests of this process."""

    def __init__(
        self, issuer: str, client: httpx2.AsyncClient, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._issuer = issuer.rstrip("/")
        self._client = client
        self._clock = clock
        self._keys: PublicKeySet | None = None
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._fetching = asyncio.Lock()

    async def verify(self, token: str, *, algorithms: tuple[str, ...], typ: str) -> dict[str, object]:
        """The claims of a token that this issuer signed.

        Raises:
            VerificationFailed: it did not.
            IssuerUnreachable: the keys cannot be had.
        """
        keys = self._keys
        if keys is None or self._clock() - self._fetched_at > KEPT_FOR:
            keys = await self._fetch(keys)
        try:
            return keys.verify(token, algorithms=algorithms, typ=typ)
        except VerificationFailed as failed:
            if failed.code != "unknown_kid":
                raise
            fresh = await self._fetch(keys)
            if fresh is keys:
                raise
        return fresh.verify(token, algorithms=algorithms, typ=typ)

    async def _fetch(self, seen: PublicKeySet | None) -> PublicKeySet:
        """New keys, or those in use when they are younger, or when the provider was just asked or is away."""
        async with self._fetching:
            if self._keys is not seen and self._keys is not None:
                return self._keys
            if self._clock() - self._tried_at >= NOT_SOONER_THAN:
                self._tried_at = self._clock()
                try:
                    self._keys = PublicKeySet.from_jwks(await self._download())
                    self._fetched_at = self._clock()
                except (httpx2.HTTPError, KeyRefused, ValueError, KeyError, TypeError) as cause:
                    if self._keys is None:
                        raise IssuerUnreachable(type(cause).__name__) from cause
            if self._keys is None:
                raise IssuerUnreachable("no keys")
            return self._keys

    async def _download(self) -> dict[str, Any]:
        metadata = await self._document(f"{self._issuer}/.well-known/openid-configuration")
        address = metadata["jwks_uri"]
        if metadata.get("issuer") != self._issuer or _origin(address) != _origin(self._issuer):
            raise ValueError("the metadata belong to another issuer")
        return await self._document(address)

    async def _document(self, address: str) -> dict[str, Any]:
        answer = await self._client.get(
            address, headers={"Accept": "application/json"}, follow_redirects=False, timeout=TIMEOUT
        )
        answer.raise_for_status()
        if len(answer.content) > LARGEST:
            raise ValueError("too long")
        document = answer.json()
        if not isinstance(document, dict):
            raise TypeError("not an object")
        return document


def _origin(address: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(address)
    return parts.scheme, parts.hostname, parts.port
