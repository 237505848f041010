"""Dossiers at the console: the queue of the territory, one dossier with its checks, the officer's acts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from keys import KeyRing
from population_registry.papers.chip.certificates import SEALS
from population_registry.papers.keeping import CardKeys
from tests.registry_api.conftest import LAN, PHUC, Registry
from tests.registry_api.dossiers import HOA, consent, file, pay
from tests.registry_console.conftest import Desk, Sit

pytestmark = pytest.mark.engine
COMMUNE, PROVINCE, AUDITOR, CLERK = "CA-00166-017", "CA-01-004", "TTr-001", "MC-00166-005"
CONFIRMED = re.compile(r'name="confirmed" value="([a-z_]+)"')
VERSION = re.compile(r'name="version" value="(\d+)"')


@pytest.fixture
def registry(authority: Registry, key_rings: tuple[Path, KeyRing]) -> Registry:
    """Decisions change the record: they are made on a database of their own; papers are signed."""
    folder = key_rings[0]
    CardKeys.beside(folder, KeyRing.open(folder, mode="demo"), SEALS).complete(authority.clock())
    return authority


async def acts(desk: Desk, code: str, wanted: str, **more: str):
    """Do something on the version that the page shows."""
    page = await desk.get(f"/console/dossiers/{code}")
    found = VERSION.search(page.text)
    assert found is not None, page.text[-2000:]
    fields = {"version": found[1], "act": wanted, **more}
    return await desk.send_form(f"/console/dossiers/{code}", **fields)


async def test_from_the_queue_to_the_result(registry, sit: Sit) -> None:
    """Law on Residence Art. 28: received, judged on checks that are laid out, approved, handed over."""
    dossier = await file(registry, LAN)
    code = dossier["dossier_code"]
    desk = await sit(COMMUNE)
    assert code in (await desk.get("/console/dossiers")).text
    page = await desk.get(f"/console/dossiers/{code}")
    assert "Đăng ký tạm trú" in page.text
    assert "Chủ sở hữu chỗ ở" in page.text
    assert "đường Hoa Sữa, Cầu Giấy, Hà Nội" in page.text, "places by name, never by code"
    assert (await acts(desk, code, "receive")).status_code == 303
    await consent(registry, dossier, PHUC)
    await consent(registry, dossier, HOA)
    assert (await pay(registry, dossier)).status_code == 200
    open_checks = re.findall(
        r'name="confirmed" value="([a-z_]+)"', (await desk.get(f"/console/dossiers/{code}")).text
    )
    approved = await acts(desk, code, "approve", **({"confirmed": open_checks[0]} if open_checks else {}))
    assert approved.status_code == 303, re.sub(r"<[^>]+>", " ", approved.text)[-1500:]
    assert (await acts(desk, code, "return_result")).status_code == 303
    assert code not in (await desk.get("/console/dossiers")).text


@pytest.mark.attack
async def test_a_dossier_belongs_to_its_territory(registry, sit: Sit) -> None:
    """Attack 49: no other commune's officer, clerk or auditor sees or decides it; its province's officer does."""
    code = (await file(registry, LAN))["dossier_code"]
    async with registry.app.state.console.database.pool() as pool:
        await pool.execute("UPDATE officer SET territory = '00235' WHERE officer_id = $1", COMMUNE)
    for stranger in (COMMUNE, CLERK, AUDITOR):
        desk = await sit(stranger)
        assert code not in (await desk.get("/console/dossiers")).text
        assert (await desk.get(f"/console/dossiers/{code}")).status_code == 403
        refused = await desk.send_form(f"/console/dossiers/{code}", act="receive", version="1")
        assert refused.status_code == 403
    assert (await (await sit(PROVINCE)).get(f"/console/dossiers/{code}")).status_code == 200


async def test_mistakes_come_back_and_change_nothing(registry, sit: Sit) -> None:
    """No reason, no act, a version of before, an act that the state does not know: said on the page, nothing done."""
    dossier = await file(registry, LAN)
    code, path = dossier["dossier_code"], f"/console/dossiers/{dossier['dossier_code']}"
    desk = await sit(COMMUNE)
    for fields, status in (
        ({"act": "refuse_intake", "version": str(dossier["version"])}, 400),
        ({"act": "burn", "version": str(dossier["version"])}, 400),
        ({"act": "receive", "version": "x"}, 400),
        ({"act": "receive", "version": "9"}, 409),
        ({"act": "approve", "version": str(dossier["version"])}, 409),
    ):
        assert (await desk.send_form(path, **fields)).status_code == status, fields
    assert code in (await desk.get("/console/dossiers")).text
    assert (await desk.get("/console/dossiers/G01.899.05-261121-999999")).status_code == 404
    supplement = await acts(desk, code, "receive")
    assert supplement.status_code == 303


async def test_papers_of_a_dossier(registry, sit: Sit) -> None:
    """residence.md section 10: CT04, CT05, CT06 as files, as often as asked, for whoever may see the dossier."""
    code = (await file(registry, LAN))["dossier_code"]
    desk, stranger = await sit(COMMUNE), await sit(CLERK)
    assert (await acts(desk, code, "receive")).status_code == 303
    assert (await acts(desk, code, "ask_supplement", reason="Bổ sung hợp đồng thuê nhà")).status_code == 303
    assert (await acts(desk, code, "stop", reason="Công dân không bổ sung")).status_code == 303
    page = (await desk.get(f"/console/dossiers/{code}")).text
    links = re.findall(rf"/console/dossiers/{code}/papers/(\d+)\.pdf", page)
    assert len(links) == 3
    for number in links:
        paper = await desk.get(f"/console/dossiers/{code}/papers/{number}.pdf")
        assert (paper.status_code, paper.content[:5]) == (200, b"%PDF-"), paper.text[:300]
        assert (await stranger.get(f"/console/dossiers/{code}/papers/{number}.pdf")).status_code == 403
    for nothing in ("1", "99", "9" * 9, "²"):
        assert (await desk.get(f"/console/dossiers/{code}/papers/{nothing}.pdf")).status_code == 404


async def test_a_late_dossier_owes_an_apology(registry, sit: Sit) -> None:
    """public-services.md section 5, form 04: said in the queue and on the page, given with a working day to come."""
    dossier = await file(registry, LAN)
    code = dossier["dossier_code"]
    desk = await sit(COMMUNE)
    assert (await acts(desk, code, "receive")).status_code == 303
    async with registry.app.state.console.database.pool() as pool:
        await pool.execute(
            "UPDATE dossier SET filed_at = filed_at - interval '40 days' WHERE dossier_code = $1", code
        )
        await pool.execute("ALTER TABLE dossier_event DISABLE TRIGGER USER")
        await pool.execute(
            "UPDATE dossier_event SET occurred_at = occurred_at - interval '40 days', "
            "entered_at = entered_at - interval '40 days' WHERE dossier_code = $1",
            code,
        )
        await pool.execute("ALTER TABLE dossier_event ENABLE TRIGGER USER")
    assert "chưa xin lỗi" in (await desk.get("/console/dossiers")).text
    said = {"reason": "Hồ sơ bị sót khi bàn giao ca trực"}
    wrong = await acts(desk, code, "apologise", **said, appointed_day="31", appointed_month="2")
    assert (wrong.status_code, "Nhập ngày hẹn lại" in wrong.text) == (400, True)
    sunday = {"appointed_day": "29", "appointed_month": "11", "appointed_year": "2026"}
    assert (await acts(desk, code, "apologise", **said, **sunday)).status_code == 409
    done = await acts(desk, code, "apologise", **said, **sunday | {"appointed_day": "30"})
    assert done.status_code == 303, done.text
    page = (await desk.get(f"/console/dossiers/{code}")).text
    assert ("30/11/2026" in page, 'value="apologise"' in page) == (True, False)
    token = registry.issuer.personal(LAN["number"], client_id="residence-portal", scope="registry:dossiers")
    told = (await registry.get(f"/v1/dossiers/{code}", token)).json()["history"][-1]
    assert (told["act"], told["form"], told["detail"]["appointed_on"]) == ("apologise", "04", "2026-11-30")
