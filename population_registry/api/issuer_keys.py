"""The identity provider's public keys.

The address comes from the provider's own metadata (RFC 8414, OpenID Connect Discovery) and must lie at the configured
issuer; nothing in a token can send us anywhere.
"""

import time
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx2

from web.published_keys import KeysUnreachable, PublishedKeys, document_at

IssuerUnreachable = KeysUnreachable
"""No keys are known and the provider does not answer; nobody can be judged now."""


class IssuerKeys:
    """The keys of one issuer, shared by all requests of this process."""

    def __init__(
        self, issuer: str, client: httpx2.AsyncClient, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._issuer = issuer.rstrip("/")
        self._client = client
        self._keys = PublishedKeys(self._download, clock)

    async def verify(self, token: str, *, algorithms: tuple[str, ...], typ: str) -> dict[str, object]:
        """The claims of a token that this issuer signed.

        Raises:
            VerificationFailed: it did not.
            IssuerUnreachable: the keys cannot be had.
        """
        return await self._keys.verified(token, typ=typ, algorithms=algorithms)

    async def _download(self) -> dict[str, object]:
        metadata = await document_at(self._client, f"{self._issuer}/.well-known/openid-configuration")
        address = metadata["jwks_uri"]
        if (
            not isinstance(address, str)
            or metadata.get("issuer") != self._issuer
            or _origin(address) != _origin(self._issuer)
        ):
            raise ValueError("the metadata belong to another issuer")
        return await document_at(self._client, address)


def _origin(address: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(address)
    return parts.scheme, parts.hostname, parts.port
