"""News of dossiers: signed by the sender, believed only from known portals, in order, delivered until they arrive."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, update

from clients.national_portal.news import received_dossiers
from clients.portal_kit.news import NewsDelivery, NewsRefused, read_news
from clients.portal_kit.sender_keys import SenderKeys, UnknownSender
from clients.portal_kit.storage.tables import outgoing_news
from keys import KeyPurpose, KeyRing
from tests.clients.conftest import LAN, URLS, Running, Start
from tests.clients.test_dossier_rules import dossier

SENDER, RECEIVER = URLS["residence_portal"], URLS["national_portal"]
CODE = "G01.899.05-261121-010001"


def message(
    ring: KeyRing, purpose: KeyPurpose = KeyPurpose.NEWS, typ: str | None = None, **changed: Any
) -> str:
    """Signed news of a dossier; a change of None removes a claim."""
    at = int(time.time())
    claims = {
        "iss": SENDER,
        "aud": RECEIVER,
        "iat": at,
        "exp": at + 300,
        "code": CODE,
        "procedure_code": "1.004194",
        "personal_number": LAN,
        "state": 2,
        "sequence": 2,
        "submitted_at": "2026-11-21T09:00:00+07:00",
        "changed_at": "2026-11-21T09:00:01+07:00",
        "due_on": "2026-11-26",
        "link": f"{SENDER}/dossiers/{CODE}",
    }
    kept = {name: value for name, value in {**claims, **changed}.items() if value is not None}
    return ring.signer(purpose).sign(kept, typ=typ or "dossier-news+jwt")


@pytest.fixture
async def national(start: Start, rings: dict[str, KeyRing]) -> Running:
    """The national portal, which knows the keys that the residence portal publishes."""
    running = await start("national_portal")

    class Known(SenderKeys):
        async def fetched(self, sender: str) -> dict[str, Any]:
            name = next(name for name, url in URLS.items() if url == sender)
            return rings[name].jwks()

    running.app.state.sender_keys = Known((SENDER, URLS["insurance_portal"]))
    return running


async def post(running: Running, text: str, kind: str = "application/jwt") -> int:
    """Post a message; the status of the answer."""
    answer = await running.http.post("/news/dossiers", content=text, headers={"Content-Type": kind})
    return answer.status_code


async def states(running: Running) -> list[int]:
    """The states the national portal knows for Lan."""
    return [each.state.value for each in await received_dossiers(running.portal).of(LAN)]


async def test_news_are_kept_in_order(national: Running, rings: dict[str, KeyRing]) -> None:
    """Repeated and overtaken messages change nothing; each is confirmed with 204."""
    ring = rings["residence_portal"]
    for sequence, state in ((1, 1), (3, 4), (3, 4), (2, 2)):
        assert await post(national, message(ring, sequence=sequence, state=state)) == 204
    assert await states(national) == [4]


async def test_the_number_is_kept_as_a_keyed_hash(national: Running, rings: dict[str, KeyRing]) -> None:
    """The national portal finds a person's dossiers again without keeping anybody's number."""
    await post(national, message(rings["residence_portal"]))
    async with national.portal.database.transaction() as connection:
        dump = await connection.exec_driver_sql("SELECT string_agg(d::text, '') FROM received_dossier d")
        assert LAN not in dump.scalar_one()


@pytest.mark.attack
@pytest.mark.parametrize(
    "make",
    [
        lambda rings: message(rings["insurance_portal"]),
        lambda rings: message(rings["residence_portal"], iss="http://evil.example"),
        lambda rings: message(rings["residence_portal"], aud=URLS["insurance_portal"]),
        lambda rings: message(rings["residence_portal"], exp=1_700_000_000),
        lambda rings: message(rings["residence_portal"], link="javascript:alert(1)"),
        lambda rings: message(rings["residence_portal"], link=f"{SENDER}.evil.example/x"),
        lambda rings: message(rings["residence_portal"], state=77),
        lambda rings: message(rings["residence_portal"], code=None),
        lambda rings: message(rings["residence_portal"], KeyPurpose.CLIENT_ASSERTION, "JWT"),
        lambda rings: message(rings["residence_portal"]) + "x" * 20_000,
        lambda rings: message(rings["residence_portal"])[:-4] + "AAAA",
        lambda rings: "no.message.atall",
        lambda rings: "",
    ],
)
async def test_what_no_known_portal_signed_for_us_is_refused(
    national: Running, rings: dict[str, KeyRing], make: Any
) -> None:
    """Other sender, receiver, key, type, time, link or size: 400, and nothing is kept (attacks 4, 21, 24, 42)."""
    assert await post(national, make(rings)) == 400
    assert await states(national) == []


@pytest.mark.attack
async def test_other_content_types_are_refused(national: Running, rings: dict[str, KeyRing]) -> None:
    """A form of another site cannot post news (attack 43)."""
    text = message(rings["residence_portal"])
    assert await post(national, text, "application/x-www-form-urlencoded") == 415


@pytest.mark.attack
async def test_strangers_cannot_make_us_fetch(rings: dict[str, KeyRing]) -> None:
    """Keys come from configured addresses only, and not twice within seconds (attack 33)."""
    fetched: list[str] = []

    class Counting(SenderKeys):
        async def fetched(self, sender: str) -> dict[str, Any]:
            fetched.append(sender)
            return rings["residence_portal"].jwks()

    known = Counting((SENDER,))
    for _ in range(5):
        await known.of(SENDER, "an-unknown-kid")
    with pytest.raises(UnknownSender):
        await known.of("http://169.254.169.254", "kid")
    assert fetched == [SENDER]


async def test_news_travel_from_portal_to_portal(
    start: Start, national: Running, rings: dict[str, KeyRing]
) -> None:
    """What one portal files appears at the national one; while that is away the news waits with a reason."""
    residence = await start("residence_portal")
    portal = residence.portal
    code = await portal.filed.reserve_code("G01.899.05", "01")
    details = {"personal_number": LAN}
    await portal.filed.keep(replace(dossier(1), code=code), "lan", details=details, receipts=())

    def nobody(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("away")

    def delivery(transport: httpx2.AsyncBaseTransport) -> NewsDelivery:
        return NewsDelivery(
            portal.database,
            portal.news_sealer,
            signer=lambda: rings["residence_portal"].signer(KeyPurpose.NEWS),
            sender=SENDER,
            receiver=RECEIVER,
            client=httpx2.AsyncClient(transport=transport),
        )

    assert not await delivery(httpx2.MockTransport(nobody)).deliver_one()
    async with portal.database.transaction() as connection:
        row = (await connection.execute(select(outgoing_news))).one()
        assert (row.attempts, row.last_error) == (1, "ConnectError")
        await connection.execute(update(outgoing_news).values(next_at=row.next_at.replace(year=2020)))
    working = delivery(httpx2.ASGITransport(national.app))
    assert await working.deliver_one()
    assert not await working.deliver_one()
    assert await states(national) == [1]


def test_reading_never_raises_anything_else(rings: dict[str, KeyRing]) -> None:
    """Times and numbers of the wrong kind are a refusal too."""
    ring = rings["residence_portal"]
    for wrong in ({"submitted_at": "yesterday"}, {"sequence": "many"}, {"link": 7}, {"state": None}):
        with pytest.raises(NewsRefused):
            read_news(message(ring, **wrong), ring.jwks(), sender=SENDER, receiver=RECEIVER)
