"""Request objects by reference: fetched once for all who ask at the same time, kept for a moment.

Whoever visits our authorization endpoint can name a client's registered `request_uri` again and again; the client's
server hears of it at most once per `again` seconds. An address that names the hash of what is there (OpenID Connect
Core 6.2, in its fragment) can never lead to anything else, so that is kept for `kept` seconds.
"""

import asyncio
import time
from base64 import urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Final

from web.egress.client import REQUEST_OBJECT_TYPES, Egress
from web.egress.errors import EgressFailed, EgressRefused

Fetch = Callable[[str], Awaitable[bytes]]


def fetching(egress: Egress) -> Fetch:
    """How the body of a reference is fetched (RFC 9101 section 5.2.3)."""

    async def fetch(url: str) -> bytes:
        return (await egress.get(url, accept=REQUEST_OBJECT_TYPES)).body

    return fetch


class RequestObjects:
    """The cache. `now` is a clock in seconds; `most`: addresses that are remembered."""

    __slots__ = ("_again", "_fetch", "_flights", "_kept", "_known", "_most", "_now")

    def __init__(
        self,
        fetch: Fetch,
        *,
        kept: float = 300,
        again: float = 5,
        most: int = 500,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch: Final = fetch
        self._kept: Final = kept
        self._again: Final = again
        self._most: Final = most
        self._now: Final = now
        self._known: Final[OrderedDict[str, tuple[float, str | None]]] = OrderedDict()
        self._flights: Final[dict[str, asyncio.Task[str | None]]] = {}

    async def get(self, uri: str, named_hash: str | None) -> str | None:
        """Return the text at `uri`, None when it cannot be had, is no ASCII, or is not what `named_hash` names."""
        known = self._known.get(uri)
        if known is not None and self._now() < known[0]:
            return known[1]
        flight = self._flights.get(uri)
        if flight is None:
            flight = self._flights[uri] = asyncio.create_task(self._fetched(uri, named_hash))
        # One visitor who goes away does not take the answer from the others.
        return await asyncio.shield(flight)

    async def aclose(self) -> None:
        """End the fetches under way."""
        flights = list(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)

    async def _fetched(self, uri: str, named_hash: str | None) -> str | None:
        text = None
        try:
            # RFC 9110 section 4.2.5 and RFC 3986 section 3.5: a fragment is never sent.
            body = await self._fetch(uri.partition("#")[0])
            if named_hash is None or hash_of(body) == named_hash:
                text = body.strip().decode("ascii")
        except (EgressRefused, EgressFailed, UnicodeDecodeError):
            text = None
        finally:
            del self._flights[uri]
        keep = self._kept if text is not None and named_hash is not None else self._again
        self._known[uri] = (self._now() + keep, text)
        self._known.move_to_end(uri)
        if len(self._known) > self._most:
            self._known.popitem(last=False)
        return text


def hash_of(body: bytes) -> str:
    """Core 6.2: "the base64url-encoded SHA-256 hash of the file contents"."""
    return urlsafe_b64encode(sha256(body).digest()).rstrip(b"=").decode("ascii")
