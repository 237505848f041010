"""Key sets of clients by their `jwks_uri`: kept for a while, fetched again for a key that is not in them.

OpenID Connect Core 10.1.1: a signer changes its key by publishing a new `kid`; the verifier fetches the set anew
when it meets one. Whoever invents kids makes us fetch at most once per `again` seconds, and whoever registers many
addresses of one host makes us fetch at most `per_host` of them a minute (attack list, number 33).
"""

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import orjson

from keys import KeyRefused, PublicKeySet, base64url
from web.egress.errors import EgressFailed, EgressRefused

_LONGEST_HEADER: Final = 1400


@dataclass(frozen=True, slots=True)
class ClientKeySet:
    """A client's published keys: for verifying (`signing`), and the whole document for encrypting to it."""

    document: Mapping[str, object]
    signing: PublicKeySet
    kids: frozenset[str]

    @classmethod
    def from_document(cls, document: object) -> "ClientKeySet":
        """Return the keys of a JWK Set. Raises EgressFailed (keys) when it is none that we may use."""
        listed = document.get("keys") if isinstance(document, dict) else None
        if not isinstance(document, dict) or not isinstance(listed, list):
            raise EgressFailed("keys")
        try:
            signing = PublicKeySet.from_jwks(document)
        except KeyRefused as refused:
            raise EgressFailed("keys") from refused
        kids = (jwk.get("kid") for jwk in listed)
        return cls(document, signing, frozenset(kid for kid in kids if isinstance(kid, str)))


@dataclass(frozen=True, slots=True)
class KeepingTimes:
    """How long what is known serves, in seconds.

    `fresh`: a set without asking; `stale`: a set that cannot be fetched anew, from its last fetch; `refusal`: a
    failure is remembered; `again`: between two fetches that unknown kids cause. `per_host`: fetches from one host in
    `window` seconds, whatever causes them.
    """

    fresh: float = 300
    stale: float = 3600
    refusal: float = 30
    again: float = 10
    per_host: int = 60
    window: float = 60


class _Entry:
    """What is known of one address."""

    __slots__ = ("asked_again", "error", "flight", "found", "found_at", "retry_at")

    def __init__(self) -> None:
        self.found: ClientKeySet | None = None
        self.found_at = self.retry_at = self.asked_again = float("-inf")
        self.error: EgressRefused | EgressFailed = EgressFailed("network")
        self.flight: asyncio.Task[None] | None = None


class ClientKeys:
    """The cache; `fetch` is `Egress.get_json`, `now` a clock in seconds."""

    __slots__ = ("_asked", "_asked_since", "_entries", "_fetch", "_most", "_now", "_times")

    def __init__(
        self,
        fetch: Callable[[str], Awaitable[object]],
        *,
        times: KeepingTimes | None = None,
        most: int = 1000,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch: Final = fetch
        self._times: Final = times or KeepingTimes()
        self._most: Final = most
        self._now: Final = now
        self._entries: Final[OrderedDict[str, _Entry]] = OrderedDict()
        self._asked: Final[Counter[str]] = Counter()
        self._asked_since = float("-inf")

    async def get(self, uri: str, kid: str | None = None) -> ClientKeySet:
        """Return the keys published at `uri`; with a `kid` that they lack, after looking again.

        Concurrent callers share one fetch. The set may still lack the kid: then the token is wrong.

        Raises:
            EgressRefused, EgressFailed: there is no set that may still be used.
        """
        entry = self._entry(uri)
        if entry.flight is None and self._should_fetch(entry, kid) and self._may_ask(uri):
            entry.flight = asyncio.create_task(self._refresh(uri, entry))
        if entry.flight is not None and (entry.found is None or not self._serves(entry, kid)):
            # One caller that goes away does not take the answer from the others.
            await asyncio.shield(entry.flight)
        if entry.found is None or self._now() - entry.found_at >= self._times.stale:
            raise type(entry.error)(entry.error.reason)
        return entry.found

    async def document(self, uri: str, texts: Sequence[str]) -> Mapping[str, object] | None:
        """The JWK Set at `uri` that has the keys of these JOSE texts, if it can be had; never raises."""
        found: Mapping[str, object] | None = None
        try:
            for kid in [_kid(text) for text in texts] or [None]:
                found = (await self.get(uri, kid)).document
        except (EgressRefused, EgressFailed):
            return None
        return found

    async def aclose(self) -> None:
        """End the fetches under way."""
        flights = [entry.flight for entry in self._entries.values() if entry.flight is not None]
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)

    def _entry(self, uri: str) -> _Entry:
        entry = self._entries.setdefault(uri, _Entry())
        self._entries.move_to_end(uri)
        if len(self._entries) > self._most:
            self._entries.popitem(last=False)
        return entry

    def _serves(self, entry: _Entry, kid: str | None) -> bool:
        """Whether the kept set is fresh and has the key."""
        if entry.found is None or self._now() - entry.found_at >= self._times.fresh:
            return False
        return kid is None or kid in entry.found.kids

    def _should_fetch(self, entry: _Entry, kid: str | None) -> bool:
        now = self._now()
        if self._serves(entry, kid) or now < entry.retry_at:
            return False
        if entry.found is None or now - entry.found_at >= self._times.fresh:
            return True
        if now - entry.asked_again < self._times.again:
            return False
        entry.asked_again = now
        return True

    def _may_ask(self, uri: str) -> bool:
        """Count a fetch from the host; False when strangers made us ask it too often already."""
        now = self._now()
        if now - self._asked_since >= self._times.window:
            self._asked.clear()
            self._asked_since = now
        host = urlsplit(uri).netloc.lower()
        if self._asked[host] >= self._times.per_host:
            return False
        self._asked[host] += 1
        return True

    async def _refresh(self, uri: str, entry: _Entry) -> None:
        try:
            entry.found = ClientKeySet.from_document(await self._fetch(uri))
            entry.found_at = self._now()
        except (EgressRefused, EgressFailed) as failure:
            entry.error = failure
            entry.retry_at = self._now() + self._times.refusal
        finally:
            entry.flight = None


def _kid(text: str) -> str | None:
    """The `kid` of a compact JOSE text, read before anything is verified, only to look for it."""
    head = text[:_LONGEST_HEADER].partition(".")[0]
    try:
        header = orjson.loads(base64url.decode(head.encode("ascii")))
    except (ValueError, TypeError):
        return None
    kid = header.get("kid") if isinstance(header, dict) else None
    return kid if isinstance(kid, str) else None
