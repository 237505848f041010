"""Back-channel logout notices: heard once, retried with patience, given up in the end, and sent nowhere odd."""

from __future__ import annotations

import asyncio

import httpx2
import pytest
from sqlalchemy import select

from idp.domain.writes import NotifyLogout
from idp.storage import Storage
from idp.storage.dead_letters import dead_letters, send_again
from idp.storage.delivery import LogoutDelivery
from idp.storage.outbox import LEASE, PATIENCE, OutboxWorker
from idp.storage.postgres.tables import LOGOUT_DELIVERY
from tests.clock import MovingClock
from tests.idp_storage.conftest import OpenStorage
from tests.idp_storage.samples import CLIENT, commit
from web.egress import LOOPBACK, Egress, EgressPolicy

URI = "https://portal.example/backchannel-logout"


class Portal:
    """The other side: answers with the given statuses in turn and keeps what it heard."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.heard: list[str] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one notice."""
        self.heard.append(request.content.decode())
        status = self.statuses.pop(0) if self.statuses else 200
        return httpx2.Response(status, headers={"Location": "https://elsewhere.example/"})


@pytest.fixture
async def storage(opening: OpenStorage, fresh_database: str, moving_clock: MovingClock) -> Storage:
    """Storage with outboxes of its own, under the moving clock."""
    return await opening(database_url=fresh_database, now=moving_clock.timestamp)


def worker(storage: Storage, clock: MovingClock, portal: Portal) -> LogoutDelivery:
    """The worker, with the portal instead of the network; tokens say how often they were signed."""
    signed = iter(range(100))

    async def sign(notice: NotifyLogout) -> str:
        return f"{notice.subject}.{notice.sid}.{next(signed)}"

    return LogoutDelivery(
        storage.engine,
        storage.logout_bell,
        sign,
        egress(portal).post_form,
        now=clock.timestamp,
    )


async def plainly(notice: NotifyLogout) -> str:
    """A token that says nothing."""
    del notice
    return "token"


def egress(portal: Portal, *, demo: bool = False) -> Egress:
    """The egress client, with the portal behind its checks of addresses instead of the network."""
    policy = EgressPolicy(allowed=LOOPBACK if demo else ())
    return Egress(policy, transport=httpx2.MockTransport(portal))


async def rows(storage: Storage) -> list[tuple[int, int, int | None, str | None]]:
    """Attempts, next time, time of death and error of what is queued."""
    table = LOGOUT_DELIVERY.c
    async with storage.engine.connect() as connection:
        columns = (table.attempts, table.next_at, table.dead_at, table.last_error)
        return [tuple(row) for row in await connection.execute(select(*columns))]


async def test_a_notice_is_heard_once(storage: Storage, moving_clock: MovingClock) -> None:
    """Back-Channel Logout 1.0 section 2.5: a form with the logout token; then the row is gone."""
    portal = Portal()
    await commit(storage, NotifyLogout(CLIENT, URI, "pairwise", "sid"))
    delivery = worker(storage, moving_clock, portal)
    assert await delivery.deliver_due() == 1
    assert await delivery.deliver_due() == 0
    assert portal.heard == ["logout_token=pairwise.sid.0"]
    assert await rows(storage) == []


async def test_a_deaf_client_is_tried_again_with_patience_and_then_given_up(
    storage: Storage, moving_clock: MovingClock
) -> None:
    """Each attempt carries a fresh token; after the last one the notice is a dead letter."""
    portal = Portal(*[503] * (len(PATIENCE) + 1))
    await commit(storage, NotifyLogout(CLIENT, URI, "pairwise", "sid"))
    delivery = worker(storage, moving_clock, portal)
    for attempt, pause in enumerate(PATIENCE, start=1):
        assert await delivery.deliver_due() == 1
        assert await rows(storage) == [(attempt, moving_clock.timestamp() + pause, None, "status 503")]
        moving_clock.advance(pause - 1)
        assert await delivery.deliver_due() == 0
        moving_clock.advance(1)
    assert await delivery.deliver_due() == 1
    ((attempts, _, dead_at, _),) = await rows(storage)
    assert (attempts, dead_at) == (len(PATIENCE) + 1, moving_clock.timestamp())
    moving_clock.advance(10 * 86_400)
    assert await delivery.deliver_due() == 0
    assert len(set(portal.heard)) == len(PATIENCE) + 1


async def test_a_dead_letter_is_seen_and_sent_again(storage: Storage, moving_clock: MovingClock) -> None:
    """An operator reads which client never heard, without a word about the person, and lets it be tried anew."""
    portal = Portal(*[503] * (len(PATIENCE) + 1))
    await commit(storage, NotifyLogout(CLIENT, URI, "pairwise", "sid"))
    delivery = worker(storage, moving_clock, portal)
    for pause in (*PATIENCE, 0):
        await delivery.deliver_due()
        assert await dead_letters(storage.engine) == [] or pause == 0
        moving_clock.advance(pause)
    (letter,) = await dead_letters(storage.engine, "logout")
    assert letter.client_id == CLIENT
    assert "status 503" in letter.line()
    assert "pairwise" not in letter.line()
    assert await dead_letters(storage.engine, "mail") == []
    now = int(moving_clock.timestamp())
    assert await send_again(storage.engine, "logout", letter.row_id + 1, now=now) == 0
    assert await send_again(storage.engine, "mail", None, now=now) == 0
    assert await send_again(storage.engine, "logout", letter.row_id, now=now) == 1
    assert await send_again(storage.engine, "logout", letter.row_id, now=now) == 0
    assert await delivery.deliver_due() == 1
    assert len(portal.heard) == len(PATIENCE) + 2
    assert await rows(storage) == []


async def test_a_client_that_never_ends_its_answer_costs_one_attempt(
    storage: Storage, moving_clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One attempt is bounded below the lease, so that no second worker says the same thing meanwhile."""
    monkeypatch.setattr(LogoutDelivery, "LIMIT", 0.05)
    assert OutboxWorker.LIMIT < LEASE

    async def hang(uri: str, form: object) -> int:
        await asyncio.Event().wait()
        return 200

    await commit(storage, NotifyLogout(CLIENT, URI, "pairwise", None))
    delivery = LogoutDelivery(storage.engine, storage.logout_bell, plainly, hang, now=moving_clock.timestamp)
    assert await delivery.deliver_due() == 1
    assert [row[3] for row in await rows(storage)] == ["TimeoutError"]


@pytest.mark.attack
@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirects_are_not_followed(storage: Storage, moving_clock: MovingClock, status: int) -> None:
    """Keycloak CVE-2026-4366: a redirect is a failure, its target is never asked."""
    portal = Portal(status)
    await commit(storage, NotifyLogout(CLIENT, URI, "pairwise", None))
    await worker(storage, moving_clock, portal).deliver_due()
    assert len(portal.heard) == 1
    assert (await rows(storage))[0][3] == f"status {status}"


async def test_two_workers_share_the_work(storage: Storage, moving_clock: MovingClock) -> None:
    """A row belongs to one worker at a time; nobody hears twice."""
    portal = Portal()
    await commit(storage, *(NotifyLogout(CLIENT, URI, f"p{place}", None) for place in range(10)))
    one, other = (worker(storage, moving_clock, portal) for _ in range(2))
    assert await one.deliver_due() + await other.deliver_due() == 10
    assert len(portal.heard) == 10


async def test_a_client_whose_token_cannot_be_signed_does_not_stop_the_others(
    storage: Storage, moving_clock: MovingClock
) -> None:
    """One broken record is one failed row."""
    portal = Portal()

    async def sign(notice: NotifyLogout) -> str:
        if notice.subject == "broken":
            raise KeyError(notice.client_id)
        return "token"

    await commit(storage, NotifyLogout(CLIENT, URI, "broken", None), NotifyLogout(CLIENT, URI, "whole", None))
    delivery = LogoutDelivery(
        storage.engine,
        storage.logout_bell,
        sign,
        egress(portal).post_form,
        now=moving_clock.timestamp,
    )
    assert await delivery.deliver_due() == 2
    assert portal.heard == ["logout_token=token"]
    assert [row[3] for row in await rows(storage)] == ["KeyError"]


@pytest.mark.attack
@pytest.mark.parametrize(
    ("uri", "demo", "expected"),
    [
        ("https://portal.example/logout", False, True),
        ("http://portal.example/logout", True, False),
        ("http://localhost:8201/logout", True, True),
        ("http://localhost:8201/logout", False, False),
        ("https://localhost/logout", False, False),
        ("https://127.0.0.1/logout", False, False),
        ("https://10.0.0.8/logout", False, False),
        ("https://169.254.169.254/latest/meta-data", False, False),
        ("https://[::1]/logout", False, False),
        ("https://intranet/logout", False, False),
        ("https://db.internal/logout", False, False),
        ("https://user:word@portal.example/", False, False),
        ("http://localhost@evil.example/", True, False),
        ("http://localhost.evil.example/", True, False),
        ("file:///etc/passwd", True, False),
        ("https://", False, False),
        ("https://[broken/", False, False),
    ],
)
async def test_notices_go_only_where_they_may(
    storage: Storage, moving_clock: MovingClock, uri: str, demo: bool, expected: bool
) -> None:
    """Keycloak CVE-2026-4874, CVE-2026-1180: https to the outside; plain http to this machine in demo mode only."""
    portal = Portal()
    await commit(storage, NotifyLogout(CLIENT, uri, "pairwise", None))
    post_form = egress(portal, demo=demo).post_form
    delivery = LogoutDelivery(
        storage.engine, storage.logout_bell, plainly, post_form, now=moving_clock.timestamp
    )
    await delivery.deliver_due()
    assert bool(portal.heard) is expected
    assert [(row[3] or "").partition(":")[0] for row in await rows(storage)] == (
        [] if expected else ["EgressRefused"]
    )


async def test_the_bell_wakes_the_worker(storage: Storage) -> None:
    """A committed notice rings; nobody waits for the next round."""
    await commit(storage, NotifyLogout(CLIENT, URI, "pairwise", None))
    await storage.logout_bell.wait(30)
