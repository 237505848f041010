"""Four eyes: asked by one, decided by another, opened once; nothing is edited in between."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import asyncpg
import pytest

from tests.registry_api.conftest import LAN, Registry
from tests.registry_console.conftest import Desk, Sit

pytestmark = pytest.mark.engine
COMMUNE, PROVINCE, CENTRE = "CA-00166-017", "CA-01-004", "C06-012"
HANDLE = re.compile(r'name="person" value="([0-9a-f]+)"')
REQUEST = re.compile(r'name="request" value="([0-9a-f-]{36})"')
REASON = "Cần xác định người thân để giải quyết hồ sơ."


async def asked(desk: Desk, case: str, number: str = LAN["number"]) -> str:
    """Ask for the sensitive fields of a record; the request's id."""
    await desk.take("supply_data", case)
    page = await desk.send_form("/console/find", number=number)
    answer = await desk.send_form(
        "/console/requests/ask", person=HANDLE.findall(page.text)[-1], reason=REASON
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/requests")
    async with desk.registry.app.state.console.database.pool() as pool:
        found = await pool.fetchval(
            "SELECT request_id::text FROM four_eyes_request WHERE case_code = $1", case
        )
    return str(found)


@pytest.fixture
async def seats(registry: Registry, sit: Sit):
    """Desks that know their registry."""

    async def seated(officer_id: str) -> Desk:
        desk = await sit(officer_id)
        desk.registry = registry
        return desk

    return seated


async def test_asked_decided_opened_once(registry: Registry, seats) -> None:
    """The page of the first officer shows nothing sensitive before, the household after, nothing a second time."""
    one, other = await seats(COMMUNE), await seats(PROVINCE)
    request = await asked(one, "G01.899.05-261121-040001")
    assert (await one.send_form("/console/requests/open", request=request)).status_code == 403
    assert REASON in (await other.get("/console/requests")).text
    decided = await other.send_form("/console/requests/decide", request=request, answer="approve")
    assert decided.status_code == 303
    opened = await one.send_form("/console/requests/open", request=request)
    assert opened.status_code == 200
    assert "Tình trạng hôn nhân" in opened.text
    assert (await one.send_form("/console/requests/open", request=request)).status_code == 403
    log = await registry.log_of(LAN["number"], "G01.899.05-261121-040001")
    (row,) = [each for each in log if "marital_status" in each["fields"]]
    assert row["officer"] == COMMUNE


@pytest.mark.attack
async def test_nobody_approves_their_own_request(registry: Registry, seats) -> None:
    """Attack 49: approver = requester is refused by the rule, and by the database behind it."""
    desk = await seats(COMMUNE)
    request = await asked(desk, "G01.899.05-261121-040002")
    refused = await desk.send_form("/console/requests/decide", request=request, answer="approve")
    assert refused.status_code == 403
    assert "Quý vị là người đề nghị" in refused.text
    async with registry.app.state.console.database.pool() as pool:
        with pytest.raises(asyncpg.CheckViolationError):
            await pool.execute(
                "UPDATE four_eyes_request SET state = 'approved', decided_by = officer_id WHERE case_code = $1",
                "G01.899.05-261121-040002",
            )


@pytest.mark.attack
@pytest.mark.parametrize(
    "column", ["content = '{}'", "subject_id = -1", "case_code = 'X'", "expires_at = now()"]
)
async def test_what_was_asked_stays(registry: Registry, seats, column: str) -> None:
    """Attack 49: approve-after-edit is impossible, whoever reaches the table."""
    case = f"EDIT-{column.partition(' ')[0].upper().replace('_', '-')}"
    await asked(await seats(COMMUNE), case)
    async with registry.app.state.console.database.pool() as pool:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await pool.execute(f"UPDATE four_eyes_request SET {column} WHERE case_code = $1", case)


@pytest.mark.attack
async def test_an_approval_serves_who_asked_and_not_for_ever(registry: Registry, seats) -> None:
    """Attack 49: not another officer, not after a day; a request that waited a week is not approved any more."""
    one, other = await seats(COMMUNE), await seats(PROVINCE)
    request = await asked(one, "G01.899.05-261121-040003")
    late = await asked(one, "G01.899.05-261121-040004")
    await other.send_form("/console/requests/decide", request=request, answer="approve")
    assert (await other.send_form("/console/requests/open", request=request)).status_code == 403
    registry.clock.advance(seconds=int(timedelta(days=7).total_seconds()))
    one, other = await seats(COMMUNE), await seats(PROVINCE)
    assert (await one.send_form("/console/requests/open", request=request)).status_code == 403
    assert (
        await other.send_form("/console/requests/decide", request=late, answer="approve")
    ).status_code == 403


@pytest.mark.attack
async def test_two_decisions_race(seats) -> None:
    """One decision stands, whichever came first; the other officer is told."""
    one = await seats(COMMUNE)
    request = await asked(one, "G01.899.05-261121-040005")
    judges = [await seats(PROVINCE), await seats(CENTRE)]
    answers = await asyncio.gather(
        judges[0].send_form("/console/requests/decide", request=request, answer="approve"),
        judges[1].send_form("/console/requests/decide", request=request, answer="reject"),
    )
    assert sorted(each.status_code for each in answers) == [303, 403]


async def test_bad_requests(seats) -> None:
    """A short reason comes back beside its field; ids of nothing are 400 or 404."""
    desk = await seats(COMMUNE)
    await desk.take()
    page = await desk.send_form("/console/find", number=LAN["number"])
    short = await desk.send_form("/console/requests/ask", person=HANDLE.findall(page.text)[-1], reason="vì")
    assert (short.status_code, 'id="reason-error"' in short.text) == (400, True)
    for request, status in (("x", 400), ("00000000-0000-4000-8000-000000000000", 404)):
        answer = await desk.send_form("/console/requests/decide", request=request, answer="approve")
        assert answer.status_code == status
    assert (await desk.send_form("/console/requests/decide", request="x", answer="maybe")).status_code == 400
