"""Dossiers at the console: the queue of the territory, one dossier with its checks, the officer's acts."""

from __future__ import annotations

import re

import pytest

from tests.registry_api.conftest import LAN, PHUC, Registry
from tests.registry_api.dossiers import HOA, consent, file, pay
from tests.registry_console.conftest import Desk, Sit

pytestmark = pytest.mark.engine
COMMUNE, PROVINCE, AUDITOR, CLERK = "CA-00166-017", "CA-01-004", "TTr-001", "MC-00166-005"
CONFIRMED = re.compile(r'name="confirmed" value="([a-z_]+)"')
VERSION = re.compile(r'name="version" value="(\d+)"')


@pytest.fixture
def registry(authority: Registry) -> Registry:
    """Decisions change the record: they are made on a database of their own."""
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
