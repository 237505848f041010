"""A registry's database, its keys, and receivers that answer as a test wants."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from jose import jwt
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from keys import KeyRing
from population_registry.events.delivering import Deliverer
from population_registry.storage import migrate
from population_registry.storage.connections import connect
from population_registry.storage.outbox import Subscription, announce, subscribe
from tests.browser import serving
from tests.clock import MovingClock
from tests.engines import MakeDatabase
from web.egress import LOOPBACK, Egress, EgressPolicy

ISSUER = "https://registry.example"
LAN = "099194000101"


@dataclass
class Receiver:
    """Takes tokens; `answers` are given first, then 202."""

    url: str = ""
    answers: list[Response] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        """One push."""
        self.kinds.append(request.headers["content-type"])
        self.seen.append((await request.body()).decode())
        return self.answers.pop(0) if self.answers else Response(status_code=202)

    def ids(self) -> list[str]:
        """The `jti` of each push."""
        return [jwt.get_unverified_claims(each)["jti"] for each in self.seen]

    def counts(self) -> Counter[str]:
        """How often each event came."""
        return Counter(self.ids())


def refused(err: str) -> Response:
    """RFC 8935 section 2.3."""
    return JSONResponse({"err": err, "description": "no"}, 400)


@dataclass
class World:
    """Everything of one test."""

    url: str
    ring: KeyRing
    clock: MovingClock
    connection: asyncpg.Connection
    deliverer: Deliverer

    async def subscribe(self, client: str, receiver: str, *kinds: str) -> None:
        """A subscription to everything, or to these patterns."""
        await subscribe(
            self.connection,
            Subscription(client, receiver, f"https://{client}.example", kinds or ("%",)),
            self.clock(),
        )

    async def tell(self, kind: str = "registry.RecordDeath", stream: str = "s-1", **body: Any) -> str:
        """An event about Lan, in a transaction of its own; answers its id."""
        async with self.connection.transaction():
            found = await announce(self.connection, stream, kind, {"person": LAN} | body, self.clock())
        return str(found)

    async def idle(self) -> None:
        """Push until nothing is due."""
        import asyncio

        await self.deliverer.run(asyncio.Event(), until_idle=True)

    async def states(self) -> dict[str, str]:
        """The state of each event."""
        rows = await self.connection.fetch("SELECT event_id, state FROM event_delivery ORDER BY delivery_no")
        return {str(row[0]): row[1] for row in rows}


@pytest.fixture(scope="session")
async def events_database(make_database: MakeDatabase) -> str:
    """A migrated database of the registry, without people."""
    url = await make_database("registry_events")
    await migrate(url)
    return url


@pytest.fixture(scope="session")
def event_ring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    """The registry's keys."""
    return KeyRing.create(tmp_path_factory.mktemp("event-keys"), profile="registry", mode="demo")


@pytest.fixture
async def world(events_database: str, event_ring: KeyRing) -> AsyncIterator[World]:
    """No subscription and no event yet; every wait is as short as chance allows."""
    clock = MovingClock(datetime(2026, 11, 21, 3, 0, tzinfo=UTC))
    connection = await connect(events_database)
    await connection.execute(
        "DELETE FROM event_delivery; DELETE FROM event_subscription; DELETE FROM dossier_outbox"
    )
    async with Egress(EgressPolicy(allowed=LOOPBACK, total_seconds=300)) as egress:
        deliverer = Deliverer(events_database, event_ring, egress, ISSUER, clock, lambda: 0.0)
        yield World(events_database, event_ring, clock, connection, deliverer)
    await connection.close()


@asynccontextmanager
async def received(*answers: Response) -> AsyncIterator[Receiver]:
    """A receiver on loopback."""
    receiver = Receiver(answers=list(answers))
    app = Starlette(routes=[Route("/events", receiver.take, methods=["POST"])])
    async with serving(app) as base:
        receiver.url = f"{base}/events"
        yield receiver


Folder = Path
Make = Callable[..., Any]
