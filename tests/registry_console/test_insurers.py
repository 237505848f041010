"""Insurers' officers at the console: the queue of their own agency and province, deciding, refusing what was paid."""

from __future__ import annotations

import pytest

from tests.registry_api.conftest import LAN, Registry
from tests.registry_api.dossiers import act, file, officer, pay
from tests.registry_api.test_insurance_dossiers import FACILITY, HUNG, PORTAL, WIFE
from tests.registry_console.conftest import Sit
from tests.registry_console.test_dossiers import acts

pytestmark = pytest.mark.engine
INSURER, COMMUNE, CENTRE = "BHXH-46-031", "CA-00166-017", "C06-012"


@pytest.fixture
def registry(authority: Registry) -> Registry:
    """Decisions change the record: they are made on a database of their own."""
    return authority


async def enrolment(registry: Registry, *members: str) -> dict:
    """A household dossier of Hùng's in Huế, paid."""
    dossier = await file(
        registry,
        HUNG,
        "bhyt.household",
        client=PORTAL,
        members=list(members),
        months=3,
        facility=FACILITY,
    )
    assert (
        await pay(registry, dossier, client=PORTAL, reference=f"PAY-{len(members)}-000017")
    ).status_code == 200
    return dossier


async def test_an_insurer_refuses_what_was_paid(registry: Registry, sit: Sit) -> None:
    """public-services.md section 13: the insurer's own officer decides; what was paid is to be given back."""
    dossier = await enrolment(registry, HUNG["number"], WIFE)
    code = dossier["dossier_code"]
    desk = await sit(INSURER)
    front = (await desk.get("/console")).text
    assert "/console/dossiers" in front
    assert "/console/requests" not in front
    assert code in (await desk.get("/console/dossiers")).text
    assert (await acts(desk, code, "receive")).status_code == 303
    refused = await acts(desk, code, "refuse", reason="Đã tham gia theo nhóm người lao động")
    assert refused.status_code == 303, refused.text
    read = await registry.get(
        f"/v1/dossiers/{code}",
        registry.issuer.personal(HUNG["number"], client_id=PORTAL, scope="registry:dossiers"),
    )
    assert (read.json()["fee"]["state"], read.json()["decision"]["by"]) == ("refund_due", INSURER)


@pytest.mark.attack
async def test_each_agency_decides_its_own(registry: Registry, sit: Sit) -> None:
    """Attack 49: police and insurer see and decide nothing of each other; an insurer nothing of another province."""
    insured, lan = await enrolment(registry, HUNG["number"]), await file(registry, LAN)
    code, police = insured["dossier_code"], lan["dossier_code"]
    for stranger, theirs in ((COMMUNE, code), (CENTRE, code), (INSURER, police)):
        desk = await sit(stranger)
        assert theirs not in (await desk.get("/console/dossiers")).text
        assert (await desk.get(f"/console/dossiers/{theirs}")).status_code == 403
        forged = await desk.send_form(f"/console/dossiers/{theirs}", act="receive", version="2")
        assert forged.status_code == 403
    async with registry.app.state.console.database.pool() as pool:
        await pool.execute("UPDATE officer SET territory = '01' WHERE officer_id = $1", INSURER)
    assert (await (await sit(INSURER)).get(f"/console/dossiers/{code}")).status_code == 403
    named = await registry.post(
        f"/v1/dossiers/{code}/acts",
        {"act": "receive", "officer": CENTRE, "version": 2},
        officer(registry),
    )
    assert (named.status_code, named.json().get("reason")) == (403, "no_power")
    assert (await act(registry, insured, "receive")).status_code == 200, "the insurer's own back office may"
