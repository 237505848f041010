"""The paper of a dossier (CT07): issued with its decision, linked in its answer, fetched by its citizen."""

from __future__ import annotations

import asyncio

import pytest

from tests.registry_api.confirmed import claims_of
from tests.registry_api.conftest import HAN, LAN, question
from tests.registry_api.dossiers import CENTRE, act, citizen, file, filing, officer, rows

pytestmark = pytest.mark.engine
CODE = "1.010041"


async def test_a_confirmation_comes_with_its_decision(authority):
    """Law on Residence Art. 17(2): decided at once, and the citizen fetches what the answer links."""
    dossier = await file(authority, LAN, CODE, used_for="Nhập học cho con")
    result = dossier["result"]
    assert (dossier["state"], result["form"]) == (10, "CT07")
    elsewhere = citizen(authority, LAN, client_id="national-portal", scope="registry:dossiers")
    paper = (await authority.get(result["json"], elsewhere)).json()
    said = claims_of(paper["confirmation"])
    assert (said["identity"]["number"], said["dossier_code"]) == (LAN["number"], dossier["dossier_code"])
    assert "Nhập học cho con" in str(said)
    assert {paper[name] for name in ("pdf", "json")} == {result["pdf"], result["json"]}
    again = await authority.get(f"/v1/dossiers/{dossier['dossier_code']}", elsewhere)
    assert again.json()["result"] == result
    entries = await authority.log_of(LAN["number"], dossier["dossier_code"])
    assert {entry["outcome"] for entry in entries} == {"confirmed", "dossier_filed"}


async def test_one_connection_is_enough_for_everybody_at_once(start, dossier_database):
    """Nobody asks for a second connection while holding one: with a pool of one, that would end in 503 for all."""
    async for registry in start(dossier_database, database_connections=1):
        purposes = [f"Bổ sung hồ sơ số {number}" for number in range(4)]
        body = question(LAN)
        bodies = [filing(CODE, used_for=purpose) for purpose in purposes]
        token, own = registry.issuer.token(), citizen(registry, LAN)
        asked = [registry.post("/v1/dossiers", each, own) for each in bodies]
        asked += [registry.post("/v1/verifications", body, token) for _ in purposes]
        assert [each.status_code for each in await asyncio.gather(*asked)] == [201] * 4 + [200] * 4


async def test_an_officer_issues_what_was_filed_on_paper(authority):
    """Form CT07 at the counter: the officer's approval issues it, in the officer's name in the log."""
    body = filing(CODE, used_for="Vay vốn ngân hàng") | {
        "filing": "paper",
        "applicant": {"number": HAN["number"]},
        "officer": CENTRE,
    }
    filed = (await authority.post("/v1/dossiers", body, officer(authority))).json()
    done = filed
    if filed["state"] == 1:
        await act(authority, filed, "receive", by=CENTRE)
        done = (await act(authority, filed, "approve", by=CENTRE)).json()
    assert done["result"]["form"] == "CT07", done
    own = citizen(authority, HAN, scope="registry:dossiers")
    assert (await authority.get(done["result"]["json"], own)).status_code == 200


async def test_a_repeated_filing_gets_the_same_paper(authority):
    """Idempotency-Key: one dossier, one paper, however often it is asked."""
    token, body = citizen(authority, LAN), filing(CODE, used_for="Làm hộ chiếu cho con")
    headers = {"Idempotency-Key": "0b9c9a52-7f3e-4f0a-9d55-000000000107"}
    first = await authority.post("/v1/dossiers", body, token, **headers)
    second = await authority.post("/v1/dossiers", body, token, **headers)
    assert first.status_code == second.status_code == 201
    assert first.json()["result"] == second.json()["result"]
    count = await rows(
        authority,
        "SELECT count(*) FROM confirmation WHERE dossier_code = $1",
        first.json()["dossier_code"],
    )
    assert count[0][0] == 1


@pytest.mark.attack
async def test_nobody_else_fetches_it(authority):
    """Attack 49: no other person or portal, no token for another dossier; nobody learns that it is."""
    dossier = await file(authority, LAN, CODE, used_for="Đăng ký xe")
    path = dossier["result"]["json"]
    nowhere = f"{path[:-6]}{'0' if path[-6] != '0' else '1'}.json"
    detail = {
        "type": "vn_identity_verification",
        "procedure": "1.004194",
        "purpose": "Đăng ký tạm trú",
        "dossier": "G01.899.05-261121-017777",
        "claims": ["alive"],
    }
    for token in (
        citizen(authority, HAN),
        citizen(authority, HAN, scope="registry:release"),
        authority.issuer.token(client_id="insurance-portal", scope="registry:dossiers registry:release"),
        citizen(authority, LAN, client_id="insurance-portal", scope="registry:release"),
    ):
        there, missing = await authority.get(path, token), await authority.get(nowhere, token)
        assert (there.status_code, there.json()["code"]) == (404, "not-found")
        assert missing.json()["title"] == there.json()["title"]
    limited = citizen(authority, LAN, authorization_details=[detail])
    assert (await authority.get(path, limited)).json()["code"] == "outside-authorization-details"
    assert (await authority.get(path, citizen(authority, LAN, scope="openid"))).status_code == 403


async def test_a_paper_that_cannot_be_issued_leaves_no_dossier(authority):
    """Nothing partially applied: where the paper fails, the decision does, and nothing is kept."""
    before = await rows(authority, "SELECT count(*) FROM dossier")
    await rows(
        authority, "ALTER TABLE confirmation ADD CONSTRAINT nothing CHECK (dossier_code IS NULL) NOT VALID"
    )
    try:
        answer = await authority.post(
            "/v1/dossiers", filing(CODE, used_for="Không thành"), citizen(authority, LAN)
        )
        assert answer.status_code >= 500
    finally:
        await rows(authority, "ALTER TABLE confirmation DROP CONSTRAINT nothing")
    after = await rows(authority, "SELECT count(*) FROM dossier")
    assert before[0][0] == after[0][0]
