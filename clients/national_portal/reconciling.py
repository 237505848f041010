"""Synchronisation lost and recovered: gaps are asked for, and everything is compared with the registry now and then.

Three things may lose a message: a receiver that was away for longer than the sender tries, a database restored from
yesterday, a mistake. So the portal does not trust the push alone: a dossier with a hole in its numbers is asked for
at once, and every minute the registry is asked which dossiers went on since the last comparison (`docs/events.md`).
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode

import httpx2
from jose import jwt
from jose.exceptions import JOSEError

from clients.dpop import HeldToken
from clients.national_portal.message import EVENT, MessageRefused, read_message
from clients.national_portal.storage.synced import SyncedDossiers
from clients.portal_kit.events import EventRefused, RegistryEvent, read_event
from clients.portal_kit.registry import RegistryClient, RegistryGone, RegistryRefused
from clients.portal_kit.sender_keys import SenderKeys, UnknownSender
from clients.portal_kit.storage.database import Database, DatabaseGone
from clients.relying_party import SignInFailed

SCOPE: Final = "registry:dossiers"
TOKEN_LIVES: Final = 200.0
"""Seconds for which one token of our own is used; the provider's live for five minutes."""
PAUSE: Final = 5.0
COMPARED_EVERY: Final = timedelta(minutes=1)
OVERLAP: Final = timedelta(minutes=10)
"""Lines are compared again for so long after they were entered: clocks differ, transactions end late."""
MOST_GAPS: Final = 50
BEGINNING: Final = datetime.min.replace(tzinfo=UTC)
log = logging.getLogger(__name__)


class RegistryAway(Exception):
    """The registry or the provider does not answer as it should; to be asked again later."""


@dataclass(slots=True)
class RegistryLines:
    """The registry's reconciliation endpoints, asked with a token of the portal's own."""

    base_url: str
    registry: Callable[[], RegistryClient]
    own_token: Callable[[str], Awaitable[HeldToken]]
    _token: HeldToken | None = None
    _since: float = 0.0

    async def heads(self, since: datetime, after: str) -> tuple[dict[str, int], str | None]:
        """Dossiers that went on since, with their last line; and where the next page begins."""
        answer = await self._get(f"?{urlencode({'since': since.isoformat(), 'after': after})}")
        try:
            found = {str(each["dossier_code"]): int(each["sequence"]) for each in answer["heads"]}
            following = answer["next_after"]
        except (KeyError, TypeError, ValueError) as error:
            raise RegistryAway("not an answer") from error
        return found, None if following is None else str(following)

    async def lines(self, code: str, after: int) -> tuple[int, tuple[str, ...]]:
        """The dossier's last line, and signed messages of some lines after that one."""
        answer = await self._get(f"/{quote(code, safe='')}?after={after}")
        try:
            return int(answer["sequence"]), tuple(str(each) for each in answer["messages"])
        except (KeyError, TypeError, ValueError) as error:
            raise RegistryAway("not an answer") from error

    async def _get(self, path: str) -> Mapping[str, Any]:
        try:
            if self._token is None or time.monotonic() > self._since + TOKEN_LIVES:
                self._token, self._since = await self.own_token(SCOPE), time.monotonic()
            return await self.registry().wire.send("GET", f"/v1/synchronisation{path}", token=self._token)
        except RegistryRefused as refused:
            self._token = None
            raise RegistryAway(refused.code) from refused
        except (RegistryGone, SignInFailed) as error:
            raise RegistryAway(type(error).__name__) from error


@dataclass(slots=True)
class Reconciler:
    """Takes pushed messages, and asks for those that did not come."""

    database: Database
    store: SyncedDossiers
    registry: RegistryLines
    keys: SenderKeys
    audience: str
    first_time: timedelta = timedelta(days=400)
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    _compare_at: datetime = BEGINNING

    async def take(self, connection: Any, event: RegistryEvent) -> None:
        """One pushed event in the transaction that keeps its id. Raises :class:`EventRefused`."""
        said = event.names.get(EVENT)
        if said is None:
            return  # an event of another kind: confirmed and not kept
        try:
            message = read_message(event.subject, said)
        except MessageRefused as refused:
            log.warning("synchronisation refused", extra={"why": str(refused)})
            raise EventRefused("invalid_request") from refused
        await self.store.merge(connection, message)

    async def run(self) -> None:
        """Close gaps and compare until cancelled; whoever is away is asked again later."""
        while True:
            try:
                await self.step()
            except (RegistryAway, DatabaseGone) as away:
                log.info("reconciliation waits", extra={"why": str(away)})
            await asyncio.sleep(PAUSE)

    async def step(self) -> int:
        """Close the gaps that are known, and compare when it is time; how many lines were new."""
        new = 0
        for code, after in await self.store.gaps(MOST_GAPS):
            new += await self.fetch(code, after)
        now = self.clock()
        if now >= self._compare_at:
            new += await self.compare(now)
            self._compare_at = now + COMPARED_EVERY
        return new

    async def compare(self, now: datetime) -> int:
        """Ask which dossiers went on since the last comparison, and for every line that is not known here."""
        reached = await self.store.reconciled_to()
        since = now - self.first_time if reached is None else reached - OVERLAP
        new, after = 0, ""
        while True:
            heads, following = await self.registry.heads(since, after)
            known = await self.store.numbers(tuple(heads))
            for code, number in heads.items():
                if known.get(code, 0) < number:
                    new += await self.fetch(code, known.get(code, 0))
            if following is None or following <= after:
                break
            after = following
        await self.store.reconcile_to(now)
        return new

    async def fetch(self, code: str, after: int) -> int:
        """Take the lines of a dossier after that one; how many were new. A line that is none ends the asking."""
        new = 0
        while True:
            last, tokens = await self.registry.lines(code, after)
            try:
                for token in tokens:
                    new += await self._take_token(token)
            except (EventRefused, MessageRefused) as refused:
                log.warning("synchronisation refused", extra={"why": str(refused)})
                return new
            after += len(tokens)
            if not tokens or after >= last:
                return new

    async def _take_token(self, token: str) -> bool:
        issuer = self.registry.base_url
        try:
            jwks = await self.keys.of(issuer, jwt.get_unverified_header(token).get("kid"))
        except JOSEError as error:
            raise EventRefused("invalid_key") from error
        except (UnknownSender, httpx2.HTTPError) as error:
            raise RegistryAway(type(error).__name__) from error
        event = read_event(token, jwks, issuer=issuer, audience=self.audience)
        message = read_message(event.subject, event.names.get(EVENT, {}))
        async with self.database.transaction() as connection:
            return await self.store.merge(connection, message)
