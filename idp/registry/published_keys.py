"""The registry's public keys, as it publishes them."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

import httpx2

from idp.ports import Unavailable
from web.published_keys import KeysUnreachable, PublishedKeys, document_at

PATH: Final = "/.well-known/jwks.json"


class RegistryKeys:
    """The keys of the registry behind ``client``, shared by all requests of this process."""

    def __init__(self, client: httpx2.AsyncClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._keys = PublishedKeys(partial(document_at, client, PATH), clock)

    async def verified(self, token: str, *, typ: str, algorithms: Sequence[str]) -> Mapping[str, object]:
        """The claims. Raises VerificationFailed, and Unavailable when no keys can be had."""
        try:
            return await self._keys.verified(token, typ=typ, algorithms=algorithms)
        except KeysUnreachable as cause:
            raise Unavailable("registry: keys") from cause
