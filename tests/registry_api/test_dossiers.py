"""`/v1/dossiers`: from filing to the result, over HTTP and on the real database."""

from __future__ import annotations

import asyncio

import pytest

from population_registry.storage import migrate
from population_registry.synthesis import populate
from tests.registry_api.conftest import HAN, LAN, PERSONAS, PHUC
from tests.registry_api.dossiers import HOA, act, citizen, consent, file, pay, rows

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
async def dossier_database(make_database):
    """A registry database of this module's own: its decisions change the record."""
    url = await make_database("registry_dossiers")
    await migrate(url)
    await populate(url, seed=1, size=0, personas=PERSONAS.read_text(encoding="utf-8"))
    return url


@pytest.fixture
async def registry(start, dossier_database):
    """The registry on that database."""
    async for running in start(dossier_database):
        yield running


async def processing(registry, person=LAN, **inputs):
    """A dossier in state 4: both owners agreed, the fee is paid, an officer received it."""
    dossier = await file(registry, person, **inputs)
    assert (await consent(registry, dossier, PHUC)).status_code == 204
    assert (await consent(registry, dossier, HOA)).status_code == 204
    assert (await pay(registry, dossier)).status_code == 200
    received = await act(registry, dossier, "receive")
    assert received.json()["state"] == 4, received.text
    return received.json()


async def test_from_filing_to_the_result(registry):
    """Law on Residence Art. 28: consents, fee, CT04, approval, return; record, ledger and access log say so."""
    dossier = await file(registry)
    assert dossier["state"] == 1
    assert [(c["role"], c["state"]) for c in dossier["consents"]] == [("owner", "asked")] * 2
    assert (dossier["fee"]["amount"], dossier["fee"]["state"]) == (7000, "due")
    assert dossier["due_on"] is None
    received = (await act(registry, dossier, "receive")).json()
    assert (received["state"], received["history"][-1]["form"], received["due_on"]) == (
        2,
        "CT04",
        "2026-11-26",
    )
    await consent(registry, dossier, PHUC)
    assert (await consent(registry, dossier, HOA)).status_code == 204
    token = citizen(registry, LAN)
    path = f"/v1/dossiers/{dossier['dossier_code']}"
    assert (await registry.get(path, token)).json()["state"] == 6
    paid = await pay(registry, dossier)
    assert (paid.json()["state"], paid.json()["fee"]["state"]) == (4, "paid")
    refused = await act(registry, dossier, "approve")
    assert refused.status_code in {200, 409}, refused.text
    done = (
        refused
        if refused.status_code == 200
        else await act(registry, dossier, "approve", confirmed=[c["code"] for c in refused.json()["checks"]])
    )
    assert (done.json()["state"], done.json()["history"][-1]["form"]) == (9, "CT08"), done.text
    assert (await act(registry, dossier, "return_result")).json()["state"] == 10
    found = await rows(
        registry,
        "SELECT r.until::text, c.reason, c.dossier_code, c.recorded_by FROM residence r "
        "JOIN person USING (person_id) JOIN registry_change c USING (person_id) "
        "WHERE personal_number = $1 AND r.kind = 'temporary' AND r.ended IS NULL AND c.kind = 'RegisterResidence'",
        LAN["number"],
    )
    assert [tuple(row) for row in found] == [
        ("2027-11-30", "registered", dossier["dossier_code"], "CA-00166-017")
    ]
    log = (await registry.get("/v1/access-log?limit=100", token)).json()["entries"]
    outcomes = [row["outcome"] for row in log if row["dossier_code"] == dossier["dossier_code"]]
    assert {"dossier_filed", "dossier_receive", "dossier_approve"} <= set(outcomes)
    kinds = await rows(
        registry,
        "SELECT body->>'act', recipients FROM dossier_outbox WHERE dossier_code = $1 AND kind = 'dossier.event'",
        dossier["dossier_code"],
    )
    assert {"file", "receive", "process", "approve", "return_result"} <= {row[0] for row in kinds}
    assert {tuple(row[1]) for row in kinds} == {("residence-portal", "national-portal")}


async def test_of_two_officers_one_wins(registry):
    """Two officers decide the same dossier at the same moment: one decision stands, the other meets 409."""
    dossier = await processing(registry, HAN)
    body = {"version": dossier["version"], "confirmed": [c["code"] for c in dossier["checks"]]}
    answers = await asyncio.gather(
        act(registry, dossier, "approve", **body),
        act(registry, dossier, "refuse", reason="Giấy tờ không khớp", **body),
        act(registry, dossier, "approve", **body),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409], [a.text for a in answers]
    (count,) = await rows(
        registry,
        "SELECT count(*) FROM dossier_event WHERE dossier_code = $1 AND act IN ('approve', 'refuse')",
        dossier["dossier_code"],
    )
    assert count[0] == 1
