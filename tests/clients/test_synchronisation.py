"""Synchronisation with the national portal: any order, repetition and loss ends in the same state (section 6)."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import select

from clients.dpop import HeldToken
from clients.national_portal.door import Door
from clients.national_portal.message import MessageRefused, read_message
from clients.national_portal.storage.tables import notice, synced_dossier, synced_line
from clients.portal_kit import application
from clients.portal_kit.sender_keys import SenderKeys
from clients.portal_kit.storage.database import Database
from keys import KeyPurpose, KeyRing
from population_registry.events.delivering import Deliverer
from population_registry.events.retrying import MOST_TRIES
from population_registry.storage.connections import connect
from population_registry.storage.outbox import Subscription, queues, share_out, subscribe, unsubscribe
from tests.browser import serving
from tests.clients.conftest import LAN, REGISTRY, URLS, Running, Start, access_token
from tests.clients.synchronised import message, new_code, said, stopped
from tests.clock import MovingClock
from web.egress import LOOPBACK, Egress, EgressPolicy

pytestmark = pytest.mark.engine
PUBLIC = URLS["national_portal"]
LINES = 10  # of one dossier, told one after the other: more than a filing leaves


@pytest.fixture
async def national(start: Start, rings: dict[str, KeyRing]) -> AsyncIterator[Running]:
    """The national portal, which knows the registry's keys and holds a token of its own for it."""
    running = await start("national_portal")

    class Known(SenderKeys):
        async def fetched(self, sender: str) -> dict[str, Any]:
            return rings["registry"].jwks()

    running.app.state.registry_keys = Known((running.portal.settings.registry_url,))
    door: Door = running.app.state.door
    door.reconciler.keys = running.app.state.registry_keys

    async def own_token(scope: str) -> HeldToken:
        return HeldToken(machine_token(rings["idp"], scope))

    door.reconciler.registry.own_token = own_token
    yield running
    await door.client.aclose()


def machine_token(ring: KeyRing, scope: str, client: str = "national-portal") -> str:
    """An access token without a person (client credentials)."""
    return access_token(ring, client, None, client, None, scope=scope)


async def rows_of(database: Database, code: str) -> tuple[Any, ...]:
    """Everything that is kept of a dossier, except when it was heard."""
    async with database.transaction() as connection:
        found: list[Any] = []
        for table, left_out in (
            (synced_dossier, {"heard_at", "sealed"}),
            (synced_line, set()),
            (notice, {"notice_id"}),
        ):
            columns = [each for each in table.c if each.name not in left_out | {"code"}]
            rows = await connection.execute(
                select(*columns).where(table.c.code == code).order_by(*columns[:3])
            )
            found.append([tuple(row) for row in rows])
        return tuple(found)


async def test_any_order_and_repetition_ends_the_same(national: Running) -> None:
    """Forty tellings of the same lines, shuffled, repeated and at once, leave the rows of the straight one."""
    door: Door = national.app.state.door
    chance = random.Random(766)

    async def tell(code: str, numbers: list[int], at_once: int) -> tuple[Any, ...]:
        dossier = stopped(code)

        async def one(number: int) -> None:
            async with national.portal.database.transaction() as connection:
                await door.dossiers.merge(connection, message(dossier, number, LAN))

        for start_at in range(0, len(numbers), at_once):
            await asyncio.gather(*(one(each) for each in numbers[start_at : start_at + at_once]))
        return await rows_of(national.portal.database, code)

    last = stopped(new_code()).version
    straight = list(range(1, last + 1))
    wanted = await tell(new_code(), straight, 1)
    assert (len(wanted[1]), wanted[0][0][0]) == (last, wanted[0][0][0])
    for _ in range(40):
        told = straight + chance.choices(straight, k=chance.randrange(6))
        chance.shuffle(told)
        assert await tell(new_code(), told, chance.randrange(1, 5)) == wanted
    assert await door.dossiers.gaps(10) == ()


async def test_a_gap_is_known_by_its_beginning(national: Running) -> None:
    """Lines 1, 2 and 5 of eight: what comes after 2 is asked for; the state shown is that of line 5."""
    door: Door = national.app.state.door
    code = new_code()
    dossier = stopped(code)
    async with national.portal.database.transaction() as connection:
        for number in (5, 1, 2):
            await door.dossiers.merge(connection, message(dossier, number, LAN))
    assert await door.dossiers.gaps(10) == ((code, 2),)
    found = await door.dossiers.one(LAN, code)
    assert found is not None
    assert (found[0].state, [line.number for line in found[1]]) == (dossier.history[4].state, [1, 2, 5])


@pytest.mark.parametrize(
    "wrong",
    [
        {"DongBoHoSoMC": {"MaHoSo": "G01.899.06-261116-010002"}},
        {"DongBoHoSoMC": {"LoaiDoiTuong": 2}},
        {"DongBoHoSoMC": {"MaDoiTuong": "099 194"}},
        {"DongBoHoSoMC": {"TrangThaiHoSo": 11}},
        {"DongBoHoSoMC": {"NgayTiepNhan": "2026-11-16"}},
        {"DongBoHoSoMC": {"DanhSachLePhi": [{"SoTien": -1, "TenPhiLePhi": ""}]}},
        {"DongBoHoSoMC": {"TaiLieuNop": [{}] * 50}},
        {"CapNhatTienDoHoSoMC": {"TrangThai": 9}},
        {"extension": {"sequence": 0}},
        {"extension": {"sequence": True}},
        {"extension": {"punctuality": "soon"}},
    ],
)
def test_what_is_no_such_message_is_refused(wrong: dict[str, dict[str, Any]]) -> None:
    """Every member is bounded; a kind of subject is read by the list that the message names, never by a guess."""
    code = "G01.899.06-261116-010001"
    good = said(stopped(code), 3, LAN)
    assert read_message(code, good).dossier.number == 3
    (part, members), *_ = wrong.items()
    with pytest.raises(MessageRefused):
        read_message(code, good | {part: good[part] | members})


async def test_a_push_that_is_no_message_leaves_nothing(national: Running, rings: dict[str, KeyRing]) -> None:
    """RFC 8935 2.4: 400 `invalid_request`, and the token may be sent again once it is mended."""
    code = new_code()
    body = said(stopped(code), 1, LAN)
    bad = body | {"extension": body["extension"] | {"sequence": 0}}
    jti = str(uuid4())
    for content, status in ((bad, 400), (body, 202), (body, 202)):
        claims = {
            "iss": national.portal.settings.registry_url,
            "aud": PUBLIC,
            "iat": int(time.time()),
            "jti": jti,
            "sub_id": {"format": "opaque", "id": code},
            "events": {"urn:example:vn:registry:event:dossier-synchronised": content},
        }
        token = rings["registry"].signer(KeyPurpose.SECURITY_EVENT).sign(claims, typ="secevent+jwt")
        answer = await national.http.post(
            "/events", content=token, headers={"Content-Type": "application/secevent+jwt"}
        )
        assert answer.status_code == status
    assert len((await rows_of(national.portal.database, code))[1]) == 1


async def test_a_lost_synchronisation_is_recovered(
    national: Running, rings: dict[str, KeyRing], registry_url: str, registry_app: Any
) -> None:
    """The receiver is dead until the registry gives up (dead letters); back again, it asks for what it lacks."""
    door: Door = national.app.state.door
    file = access_token(rings["idp"], "residence-portal", LAN, "lan", scope="registry:dossiers")
    until = (datetime.now(UTC) + timedelta(days=61)).date()  # no other test files this
    inputs = {
        "commune": "00166",
        "from": (datetime.now(UTC) + timedelta(days=5)).date().isoformat(),
        "until": until.isoformat(),
        "tenure": "rented",
        "dwelling": {"commune": "00166", "address": "Căn hộ 12-05, số 8 ngõ 21, đường Hoa Sữa"},
        "owner": {"number": "099068000102", "name": "Trần Văn Phúc"},
    }
    filing = {"procedure_code": "1.004194", "purpose": "Nộp hồ sơ trực tuyến", "inputs": inputs}
    connection = await connect(registry_url)
    clock = MovingClock(datetime.now(UTC))
    while await share_out(connection, clock()):  # what other tests filed is nobody's news
        pass
    await subscribe(
        connection,
        Subscription("national-portal", "http://localhost:9/events", PUBLIC, ("dossier.%",)),
        clock(),
    )
    try:
        answer = await registry_post(registry_app, "/v1/dossiers", filing, file)
        assert answer.status_code == 201, answer.text
        code = answer.json()["dossier_code"]
        async with Egress(EgressPolicy(allowed=LOOPBACK, total_seconds=300)) as egress:
            deliverer = Deliverer(
                registry_url,
                rings["registry"],
                egress,
                national.portal.settings.registry_url,
                clock,
                lambda: 0.0,
            )
            for _ in range(MOST_TRIES * LINES):
                await deliverer.run(asyncio.Event(), until_idle=True)
                clock.advance(4000)
                (queue,) = [
                    each for each in await queues(connection) if each["client_id"] == "national-portal"
                ]
                if not queue["waiting"]:
                    break
            assert (queue["waiting"], queue["dead"] > 0) == (0, True)
            assert await door.dossiers.numbers((code,)) == {}
            # Back again: nothing is pushed any more; the comparison finds it, the pull closes it.
            assert await door.reconciler.step() > 0
            assert await door.dossiers.numbers((code,)) == {code: 1}
            # From now on pushes arrive again; the withdrawal is told at once.
            async with serving(national.app) as base:
                await subscribe(
                    connection,
                    Subscription("national-portal", f"{base}/events", PUBLIC, ("dossier.%",)),
                    clock(),
                )
                withdrawn = await registry_post(registry_app, f"/v1/dossiers/{code}/withdrawal", {}, file)
                assert withdrawn.status_code == 200, withdrawn.text
                await deliverer.run(asyncio.Event(), until_idle=True)
    finally:
        await unsubscribe(connection, "national-portal")
        await connection.close()
    found = await door.dossiers.one(LAN, code)
    assert found is not None
    assert found[0].state == withdrawn.json()["state"]
    assert [line.number for line in found[1]] == list(range(1, withdrawn.json()["version"] + 1))


async def registry_post(app: Any, path: str, body: dict[str, Any], token: str) -> httpx2.Response:
    """A request to the registry."""
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=REGISTRY) as client:
        return await client.post(path, json=body, headers=headers)


async def registry_get(app: Any, path: str, token: str) -> httpx2.Response:
    """The same without a body."""
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=REGISTRY) as client:
        return await client.get(path, headers=headers)


async def test_work_beside_the_pages_outlives_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody foresaw is logged and the work begins again; a portal does not stop hearing without a word."""
    monkeypatch.setattr(application, "REST", 0.0)
    calls: list[int] = []

    async def work() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise ZeroDivisionError

    await application.kept_going(work)
    assert len(calls) == 2


async def test_only_the_national_portal_may_ask(rings: dict[str, KeyRing], registry_app: Any) -> None:
    """Another portal, a person's token and a token without the scope learn of no dossier."""
    ring = rings["idp"]
    path = "/v1/synchronisation?since=2026-01-01T00:00:00Z"
    for token in (
        machine_token(ring, "registry:dossiers", "residence-portal"),
        machine_token(ring, "registry:verify"),
        access_token(ring, "national-portal", LAN, "lan", scope="registry:dossiers"),
    ):
        assert (await registry_get(registry_app, path, token)).status_code == 403
    allowed = machine_token(ring, "registry:dossiers")
    assert (await registry_get(registry_app, path, allowed)).status_code == 200
    strange = await registry_get(registry_app, "/v1/synchronisation/G01.899.06-200101-010001", allowed)
    assert strange.status_code == 404
    early = await registry_get(registry_app, "/v1/synchronisation?since=0001-01-01T00:00:00%2B14:00", allowed)
    assert early.status_code == 400
