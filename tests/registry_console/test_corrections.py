"""Corrections at the desk: evidence, a second officer, applied with the approval, seen by the person."""

from __future__ import annotations

import asyncio
import re

import asyncpg
import pytest

from tests.registry_api.conftest import LAN, Registry
from tests.registry_console.conftest import Desk, Sit, handle_on

pytestmark = pytest.mark.engine
COMMUNE, PROVINCE, CENTRE = "CA-00166-017", "CA-01-004", "C06-012"
REQUEST = re.compile(r'name="request" value="([0-9a-f-]+)"')
PAPER = {"evidence": "birth_certificate", "reference": "Số 12/2026, ngày 03/11/2026"}


@pytest.fixture
def registry(authority: Registry) -> Registry:
    """Corrections change the record: they are made on a database of their own."""
    return authority


async def asked(desk: Desk, **said: str):
    """A correction of Lan's record, asked for by this officer."""
    await desk.take("correct_data", "DC-2026/17")
    page = await desk.send_form("/console/find", number=LAN["number"])
    fields = {"family": "Nguyễn", "middle": "Thị", "given": "Lan", "sex": "female", "birth": "1994-05-17"}
    return await desk.send_form("/console/correct", person=handle_on(page), **{**fields, **PAPER, **said})


async def waiting(desk: Desk) -> str:
    """The newest request that this officer may decide."""
    return REQUEST.findall((await desk.get("/console/requests")).text)[-1]


async def named(registry: Registry) -> str:
    """The middle and given name that the record shows now."""
    async with registry.app.state.console.database.pool() as pool:
        return str(
            await pool.fetchval(
                "SELECT middle_name || ' ' || given_name FROM person WHERE personal_number = $1",
                LAN["number"],
            )
        )


async def test_a_correction_needs_two_officers_and_reaches_the_person(registry: Registry, sit: Sit) -> None:
    """Decree 70/2024 Art. 11: asked on a paper, examined, approved; record, ledger, event and log in one step."""
    desk = await sit(COMMUNE)
    assert (await asked(desk, middle="Thị Ngọc")).status_code == 303
    assert await named(registry) == "Thị Lan", "nothing happens before the approval"
    second = await sit(PROVINCE)
    request = await waiting(second)
    own = (await desk.get("/console/requests")).text
    assert request in own
    assert request not in REQUEST.findall(own), "who asked sees that it waits, and has no answer to give"
    listed = await second.get("/console/requests")
    assert "Thị Ngọc" not in listed.text, "the list tells nothing of the record"
    page = await second.send_form("/console/requests/examine", request=request)
    assert "Thị Ngọc" in page.text
    both = [second.send_form("/console/requests/decide", request=request, answer="approve") for _ in range(3)]
    answers = sorted(answer.status_code for answer in await asyncio.gather(*both))
    assert answers == [303, 403, 403]
    assert await named(registry) == "Thị Ngọc Lan"
    log = [row for row in await registry.log_of(LAN["number"]) if row["dossier_code"] == "DC-2026/17"]
    looks = [row["officer"] for row in log]
    assert (looks.count(PROVINCE), COMMUNE in looks) == (2, True), "examined and corrected; and who asked"
    async with registry.app.state.console.database.pool() as pool:
        (line,) = await pool.fetch(
            "SELECT kind, recorded_by, before->>'middle_name', after->>'middle_name' FROM registry_change "
            "WHERE dossier_code = 'DC-2026/17'"
        )
        assert tuple(line) == ("CorrectBirth", PROVINCE, "Thị", "Thị Ngọc")


@pytest.mark.attack
async def test_nothing_is_approved_alone_edited_or_stale(registry: Registry, sit: Sit) -> None:
    """Attack 49: approver = requester, an edit after asking, a record that moved on: refused, nothing written."""
    desk, second = await sit(COMMUNE), await sit(CENTRE)
    now = await named(registry)
    middle = now.removesuffix(" Lan")
    assert (await asked(desk, middle=middle, given="Lam")).status_code == 303
    request = await waiting(second)
    for path in ("examine", "decide"):
        own = await desk.send_form(f"/console/requests/{path}", request=request, answer="approve")
        assert own.status_code == 403
    async with registry.app.state.console.database.pool() as pool:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await pool.execute(
                "UPDATE four_eyes_request SET content = '{}' WHERE request_id = $1::uuid", request
            )
        with pytest.raises(asyncpg.CheckViolationError):
            await pool.execute(
                "UPDATE four_eyes_request SET state = 'approved', decided_by = officer_id "
                "WHERE request_id = $1::uuid",
                request,
            )
        await pool.execute("UPDATE person SET middle_name = 'Thu' WHERE personal_number = $1", LAN["number"])
        stale = await second.send_form("/console/requests/decide", request=request, answer="approve")
        assert stale.status_code == 403
        assert await named(registry) == "Thu Lan"
        await pool.execute(
            "UPDATE person SET middle_name = $2 WHERE personal_number = $1", LAN["number"], middle
        )
    rejected = await second.send_form("/console/requests/decide", request=request, answer="reject")
    assert rejected.status_code == 303
    assert await named(registry) == now


@pytest.mark.parametrize(
    "said",
    [
        {"given": ""},
        {"given": "x" * 61},
        {"sex": "x"},
        {"birth": "1994-13-01"},
        {"evidence": "hearsay"},
        {"reference": "1"},
    ],
)
async def test_what_is_wrong_comes_back(registry: Registry, sit: Sit, said: dict[str, str]) -> None:
    """Each mistake at its field, nothing typed is lost; a correction of nothing is one too."""
    desk = await sit(COMMUNE)
    page = await asked(desk, **{"family": "Nguyên", **said})
    assert (page.status_code, 'value="Nguyên"' in page.text) == (400, True)
    other = await sit(COMMUNE)
    await other.take("residence_dossier")
    found = await other.send_form("/console/find", number=LAN["number"])
    refused = await other.send_form("/console/correct", person=handle_on(found), family="X", **PAPER)
    assert refused.status_code == 403, "another errand"
