"""Events reach those who subscribed: signed, in order, at least once, never to where they must not go (RFC 8935)."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from uuid import uuid4

import orjson
import pytest
from jose import jwt
from starlette.responses import RedirectResponse, Response

from population_registry.events.retrying import MOST_TRIES
from population_registry.settings import RegistrySettings
from population_registry.storage.connections import connect
from population_registry.storage.outbox import queues, redeliver, take_due, unsubscribe
from tests.registry_events.conftest import ISSUER, LAN, World, received, refused
from web import Mode

pytestmark = pytest.mark.engine


async def test_an_event_is_pushed_signed(world: World) -> None:
    """RFC 8935 2.1: POST, the media type, a token that python-jose verifies with the registry's JWKS; 202 ends it."""
    async with received() as receiver:
        await world.subscribe("idp", receiver.url)
        event = await world.tell()
        await world.idle()
    (token,) = receiver.seen
    assert receiver.kinds == ["application/secevent+jwt"]
    assert jwt.get_unverified_header(token)["typ"] == "secevent+jwt"
    read = jwt.decode(
        token, world.ring.jwks(), algorithms=["ES256"], audience="https://idp.example", issuer=ISSUER
    )
    assert (read["jti"], read["sub_id"]["id"]) == (event, LAN)
    row = await world.connection.fetchrow("SELECT state, body, tries FROM event_delivery")
    assert tuple(row) == ("delivered", None, 1)


async def test_an_act_that_is_undone_is_told_to_nobody(world: World) -> None:
    """The outbox is written in the act's own transaction."""
    async with received() as receiver:
        await world.subscribe("idp", receiver.url)
        transaction = world.connection.transaction()
        await transaction.start()
        from population_registry.storage.outbox import announce

        await announce(world.connection, "s", "registry.RecordDeath", {"person": LAN}, world.clock())
        await transaction.rollback()
        await world.idle()
        assert receiver.seen == []


async def test_a_stream_keeps_its_order(world: World) -> None:
    """While the first of a dossier fails, its second waits; another dossier goes on; then first before second."""
    async with received(Response(status_code=503)) as receiver:
        await world.subscribe("portal", receiver.url)
        first, second = await world.tell(stream="A"), await world.tell(stream="A")
        await world.idle()
        other = await world.tell(stream="B")
        await world.idle()
        assert receiver.ids() == [first, other]
        world.clock.advance(2)
        await world.idle()
        assert receiver.ids() == [first, other, first, second]
        assert set((await world.states()).values()) == {"delivered"}


async def test_a_receiver_that_refuses_says_why(world: World) -> None:
    """RFC 8935 2.3: its `err` is kept for the operator, nothing else of its body."""
    async with received(refused("invalid_key"), Response(b"<secret>", 500)) as receiver:
        await world.subscribe("portal", receiver.url)
        await world.tell()
        await world.idle()
        (queue,) = await queues(world.connection)
        assert queue["last_error"] == "status 400 invalid_key"
        world.clock.advance(2)
        await world.idle()
        (queue,) = await queues(world.connection)
        assert queue["last_error"] == "status 500"


async def test_a_dead_letter_waits_for_somebody(world: World) -> None:
    """After the last try the next of the stream goes; `redeliver` sends the dead one again."""
    async with received(*(Response(status_code=500) for _ in range(MOST_TRIES))) as receiver:
        await world.subscribe("portal", receiver.url)
        first, second = await world.tell(), await world.tell()
        for _ in range(MOST_TRIES):
            await world.idle()
            world.clock.advance(hours=1)
        await world.idle()
        assert await world.states() == {first: "dead", second: "delivered"}
        assert await redeliver(world.connection, world.clock(), "portal", None) == 1
        await world.idle()
        assert receiver.ids()[-1] == first
        assert await world.states() == {first: "delivered", second: "delivered"}


async def test_one_silent_receiver_delays_nobody_else(world: World) -> None:
    """Nobody listens at the first: it is left alone for a moment, the other gets everything at once."""
    async with received() as receiver:
        await world.subscribe("away", "http://localhost:9/events")
        await world.subscribe("here", receiver.url)
        events = [await world.tell(stream=f"s-{each}") for each in range(5)]
        await world.idle()
        assert sorted(receiver.ids()) == sorted(events)
        tried = await world.connection.fetchval(
            "SELECT sum(tries) FROM event_delivery WHERE recipient = 'away'"
        )
        assert 1 <= tried <= 5
        assert (await queues(world.connection))[0]["quiet_until"] > world.clock()


async def test_a_worker_that_dies_leaves_its_event_to_the_next(world: World) -> None:
    """Kill -9 between push and commit: the engine undoes the transaction, and the event is pushed (again)."""
    async with received() as receiver:
        await world.subscribe("portal", receiver.url)
        event = await world.tell()
        dying = await connect(world.url)
        await dying.execute("BEGIN")
        held = await take_due(dying, world.clock())
        assert held is not None
        await world.idle()
        assert receiver.seen == []  # locked: nobody else pushes it meanwhile
        pid = await dying.fetchval("SELECT pg_backend_pid()")
        await world.connection.fetchval("SELECT pg_terminate_backend($1, 300000)", pid)
        dying.terminate()
        await world.idle()
        assert receiver.ids() == [event]


async def test_many_workers_push_each_event_once_and_in_order(world: World) -> None:
    """Three workers, six streams, sixty events: without a failure none comes twice, and no stream is out of order."""
    async with received() as receiver:
        await world.subscribe("portal", receiver.url)
        told: dict[str, list[str]] = {f"s-{each}": [] for each in range(6)}
        for number in range(60):
            stream = f"s-{number % 6}"
            told[stream].append(await world.tell(stream=stream))
        await asyncio.gather(world.idle(), world.idle(), world.idle())
        await world.idle()
        assert set(receiver.counts().values()) == {1}
        for events in told.values():
            assert [each for each in receiver.ids() if each in events] == events


async def test_lines_of_dossiers_go_to_their_recipients(world: World) -> None:
    """The dossiers' outbox is shared out once, in order, by recipients and kinds; lines of nobody are done with."""
    async with received() as residence, received() as insurance:
        await world.subscribe("residence-portal", residence.url, "dossier.%")
        await world.subscribe("insurance-portal", insurance.url, "dossier.event")
        now, lines = world.clock(), []
        for number, kind in ((2, "dossier.event"), (1, "dossier.event"), (3, "registry.EndResidence")):
            lines.append(str(uuid4()))
            await world.connection.execute(
                "INSERT INTO dossier_outbox (dossier_code, event_id, kind, recipients, body, created_at) "
                "VALUES ('H01.1', $1, $2, $3, $4::jsonb, $5)",
                lines[-1],
                kind,
                ["residence-portal", "insurance-portal", "nobody"],
                orjson.dumps({"number": number, "dossier_code": "H01.1"}).decode(),
                now,
            )
        await world.idle()
        await world.idle()
        assert residence.ids() == insurance.ids() == [lines[1], lines[0]]
        open_lines = "SELECT count(*) FROM dossier_outbox WHERE delivered_at IS NULL"
        assert await world.connection.fetchval(open_lines) == 0


@pytest.mark.attack
async def test_a_redirect_is_no_delivery(world: World) -> None:
    """Attack 33 (Keycloak CVE-2026-4366): nothing is pushed to where a receiver points."""
    async with received() as inner, received(RedirectResponse(inner.url, 307)) as receiver:
        await world.subscribe("portal", receiver.url)
        await world.tell()
        await world.idle()
        assert inner.seen == []
        assert (await queues(world.connection))[0]["last_error"] == "status 307"


async def test_who_ended_a_subscription_hears_nothing_more(world: World) -> None:
    """What still waited is deleted with the subscription."""
    async with received(Response(status_code=503)) as receiver:
        await world.subscribe("portal", receiver.url)
        await world.tell()
        await world.idle()
        assert await unsubscribe(world.connection, "portal")
        world.clock.advance(hours=1)
        await world.tell()
        await world.idle()
        assert len(receiver.seen) == 1
        assert await world.states() == {}


async def test_old_rows_are_forgotten(world: World) -> None:
    """Delivered events for a week, dead ones for ninety days."""
    async with received() as receiver:
        await world.subscribe("portal", receiver.url)
        await world.tell()
        await world.idle()
        world.clock.advance(days=8)
        await world.idle()
        assert await world.states() == {}


@pytest.mark.attack
@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://receiver.example/events", "scheme"),
        ("https://localhost/events", "host"),
        ("https://10.0.0.1/events", "address"),
        ("https://user@receiver.example/", "url"),
        ("https://[::ffff:127.0.0.1]/", "address"),
        ("https://receiver.example:8443/", "port"),
    ],
)
async def test_production_subscribes_to_the_public_internet_only(
    events_database: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    url: str,
    reason: str,
) -> None:
    """Attack 33: the command refuses what the way out would refuse, and says why; exit code 2."""
    from population_registry import subscriptions
    from population_registry.__main__ import _parser

    for name, value in (
        ("DINHDANH_MODE", "production"),
        ("PUBLIC_URL", "https://registry.example"),
        ("ISSUER", "https://id.example"),
        ("KEYS_DIR", "/nowhere"),
        ("DATABASE_URL", events_database),
    ):
        monkeypatch.setenv(name, value)
    assert os.environ["DINHDANH_MODE"] == "production"
    options = _parser().parse_args(
        [
            "--database",
            events_database,
            "events",
            "subscribe",
            "portal",
            url,
            "--audience",
            "a",
            "--kinds",
            "dossier.*",
        ]
    )
    with pytest.raises(subscriptions.EventCommandError, match=reason):
        await subscriptions.run(options)


def test_production_allows_no_plain_http(tmp_path: Path) -> None:
    """An origin that the deployment names may be private, never unencrypted: refuse to start, naming the setting."""
    values = {
        "public_url": "https://r.example",
        "database_url": "x",
        "issuer": "https://id.example",
        "keys_dir": tmp_path,
    }
    settings = RegistrySettings(**values, mode=Mode.PRODUCTION, egress_allow="http://inside.example")
    assert "EGRESS_ALLOW" in {finding.name for finding in settings.unsafe()}
    fine = RegistrySettings(**values, mode=Mode.PRODUCTION, egress_allow="https://inside.example:8443")
    assert "EGRESS_ALLOW" not in {finding.name for finding in fine.unsafe()}
