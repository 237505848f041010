"""Attacks on dossiers: other people's dossiers, deciding on oneself, locked or dead between filing and decision."""

from __future__ import annotations

import pytest

from population_registry.storage.connections import connect
from tests.registry_api.conftest import HAN, L2A2, LAN, PHUC
from tests.registry_api.dossiers import (
    CLERK,
    HOA,
    OFFICER,
    PROVINCE,
    act,
    citizen,
    consent,
    file,
    filing,
    officer,
    pay,
    rows,
)

pytestmark = [pytest.mark.engine, pytest.mark.attack]
ANH = {"number": "099096000113", "name": "Trương Minh Anh", "birth_date": "1996-04-30"}
NGOC = {"number": "099303000111", "name": "Bùi Thị Bích Ngọc", "birth_date": "2003-07-19"}


async def processing(authority, person):
    """A dossier in state 4."""
    dossier = await file(authority, person)
    await consent(authority, dossier, PHUC)
    await consent(authority, dossier, HOA)
    await pay(authority, dossier)
    return (await act(authority, dossier, "receive")).json()


async def test_others_dossiers_do_not_exist(authority):
    """Attack 49: to another person, another portal and whoever guesses codes, a dossier and none are the same."""
    dossier = await file(authority, ANH)
    code = dossier["dossier_code"]
    strangers = [
        citizen(authority, HAN),
        citizen(authority, PHUC),  # an owner who is asked reads the consent, not the dossier
        authority.issuer.token(client_id="insurance-portal", scope="registry:dossiers"),
    ]
    for token in strangers:
        there = await authority.get(f"/v1/dossiers/{code}", token)
        nowhere = await authority.get("/v1/dossiers/G01.899.06-261121-018888", token)
        assert (there.status_code, there.json()["code"]) == (404, "dossier-unknown")
        assert there.json()["title"] == nowhere.json()["title"]
    for path, body in (
        ("withdrawal", {}),
        ("supplements", {"version": 1, "inputs": {}}),
        ("consents", {"given": True}),
        ("payments", {"amount": 7000, "reference": "PAY-000001"}),
        ("refunds", {"reference": "REF-000001"}),
    ):
        answer = await authority.post(f"/v1/dossiers/{code}/{path}", body, citizen(authority, HAN))
        assert (answer.status_code, answer.json()["code"]) == (404, "dossier-unknown"), path


async def test_citizens_do_no_officers_act(authority):
    """Attack 49: the scope of officers is needed for every act, and for reading checks."""
    dossier = await file(authority, ANH)
    answer = await act(authority, dossier, "receive", citizen(authority, ANH), version=1)
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient-scope")
    own = (await authority.get(f"/v1/dossiers/{dossier['dossier_code']}", citizen(authority, ANH))).json()
    assert "checks" not in own
    assert "checks" not in own["history"][0]["detail"]


async def test_nobody_decides_about_themselves(authority):
    """Attack 49: an officer who is the applicant, or whom the dossier is about, may not act on it."""
    dossier = await file(authority, ANH)
    own = officer(authority, pid=ANH["number"])
    answer = await act(authority, dossier, "receive", own, version=dossier["version"])
    assert (answer.status_code, answer.json()["reason"]) == (403, "own_record")


@pytest.mark.parametrize(
    ("by", "reason"),
    [
        ("BHXH-46-031", "no_power"),
        (CLERK, "no_power"),
        ("CA-00166-999", "no_office"),
        ("TTr-001", "no_power"),
    ],
)
async def test_power_and_office(authority, by, reason):
    """Attack 49: who holds no office, or one without the power to decide, reads nothing and does nothing."""
    dossier = await file(authority, ANH)
    answer = await act(authority, dossier, "receive", version=1, by=by)
    assert (answer.status_code, answer.json()["reason"]) == (403, reason)
    read = await authority.get(f"/v1/dossiers/{dossier['dossier_code']}?officer={by}", officer(authority))
    assert (read.status_code, read.json()["reason"]) == (403, reason)


async def test_territory(authority):
    """Attack 49: police of another commune do not decide; those of the province and the centre do."""
    place = {"commune": "00004", "address": "Số 3, phố Khác", "floor_area_m2": 60}
    inputs = {"ground": "rented", "dwelling": place, "owner": {"number": PHUC["number"]}}
    dossier = await file(authority, ANH, "1.004222", **inputs)
    refused = await act(authority, dossier, "receive", version=dossier["version"])
    assert (refused.status_code, refused.json()["reason"]) == (403, "out_of_area")
    assert (await act(authority, dossier, "receive", by=PROVINCE)).status_code == 200


async def test_an_officer_is_who_signed_in(authority):
    """Attack 49: an officer's own token acts under that officer's office alone."""
    dossier = await file(authority, ANH)
    answer = await act(authority, dossier, "receive", officer(authority, pid=HAN["number"]), version=1)
    assert (answer.status_code, answer.json()["reason"]) == (403, "no_office")


async def test_only_who_is_asked_agrees(authority):
    """Attack 49: the applicant cannot agree for the owner, nor the owner for the co-owner, nor a level-1 account."""
    dossier = await file(authority, ANH)
    assert (await consent(authority, dossier, ANH)).status_code == 404
    assert (await consent(authority, dossier, PHUC)).status_code == 204
    again = await consent(authority, dossier, PHUC)
    assert (again.status_code, again.json()["code"]) == (409, "dossier-consent-closed")
    code = dossier["dossier_code"]
    weak = citizen(authority, HOA, acr="urn:example:vn:acr:l1-a2")
    refused = await authority.post(f"/v1/dossiers/{code}/consents", {"given": True}, weak)
    assert (refused.status_code, refused.json()["code"]) == (401, "insufficient-authentication")
    assert L2A2 in refused.headers["www-authenticate"]


async def test_payments_come_from_the_portal_that_filed(authority):
    """A payment of another portal, of another amount or without a dossier changes nothing."""
    dossier = await file(authority, ANH)
    path = f"/v1/dossiers/{dossier['dossier_code']}/payments"
    body = {"amount": 7000, "reference": "PAY-000001"}
    other = authority.issuer.token(client_id="national-portal", scope="registry:dossiers")
    assert (await authority.post(path, body, other)).status_code == 404
    wrong = await pay(authority, dossier, amount=1)
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["due"]) == (409, "dossier-payment", 7000)


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        (
            "INSERT INTO person_hold SELECT person_id, now(), 'idp' FROM person WHERE personal_number = $1",
            "account_open",
        ),
        (
            "UPDATE person SET status = 'deceased', status_since = '2026-11-20' WHERE personal_number = $1",
            "applicant_standing",
        ),
    ],
    ids=["locked", "dead"],
)
async def test_locked_or_dead_between_filing_and_decision(authority, statement, code):
    """Attack 53: what held at filing decides nothing; the approval is refused and nothing is written."""
    dossier = await processing(authority, NGOC)
    connection = await connect(authority.database_url)
    before = await connection.fetchval("SELECT count(*) FROM registry_change")
    try:
        await connection.execute(statement, NGOC["number"])
        refused = await act(authority, dossier, "approve")
        assert (refused.status_code, refused.json()["code"]) == (409, "dossier-checks")
        assert code in {check["code"] for check in refused.json()["checks"]}
        assert await connection.fetchval("SELECT count(*) FROM registry_change") == before
    finally:
        await connection.execute("DELETE FROM person_hold")
        await connection.execute(
            "UPDATE person SET status = 'active', status_since = NULL WHERE personal_number = $1",
            NGOC["number"],
        )
        await connection.close()
    stopped = await act(authority, dossier, "refuse", reason="Không đủ điều kiện")
    assert stopped.json()["fee"]["state"] == "refund_due"


async def test_a_record_that_moved_on_undoes_everything(authority):
    """Nothing partially applied: where one change does not fit the registry, the whole decision is undone."""
    dossier = await processing(authority, ANH)
    connection = await connect(authority.database_url)
    try:
        await connection.execute(
            "CREATE FUNCTION refuse_residence() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$; "
            "CREATE TRIGGER refuse_residence BEFORE INSERT ON residence "
            "FOR EACH ROW EXECUTE FUNCTION refuse_residence()"
        )
        refused = await act(authority, dossier, "approve")
        assert (refused.status_code, refused.json()["code"]) == (409, "dossier-outdated"), refused.text
        found = await connection.fetchval(
            "SELECT count(*) FROM registry_change WHERE dossier_code = $1", dossier["dossier_code"]
        )
        assert found == 0
        state = await connection.fetchval(
            "SELECT state FROM dossier WHERE dossier_code = $1", dossier["dossier_code"]
        )
        assert state == 4
    finally:
        await connection.execute(
            "DROP TRIGGER refuse_residence ON residence; DROP FUNCTION refuse_residence()"
        )
        await connection.close()
    assert (await act(authority, dossier, "approve")).status_code == 200


async def test_only_the_provider_tells_of_locks(authority):
    """Attack 39: a lock is no weapon of strangers; the provider holds and lifts, and approvals follow at once."""
    dossier = await processing(authority, HAN)
    body = {"subject": {"number": HAN["number"]}, "locked": True}
    for token in (authority.issuer.token(), citizen(authority, PHUC, scope="registry:release")):
        refused = await authority.post("/v1/holds", body, token)
        assert (refused.status_code, refused.json()["code"]) == (403, "procedure-not-allowed")
    provider = authority.issuer.token(client_id="idp")
    for _ in range(2):
        assert (await authority.post("/v1/holds", body, provider)).status_code == 204
    held = await act(authority, dossier, "approve")
    assert "account_open" in {check["code"] for check in held.json()["checks"]}
    assert (await authority.post("/v1/holds", body | {"locked": False}, provider)).status_code == 204
    assert (await act(authority, dossier, "approve")).status_code == 200


async def hold(authority, person, *, locked):
    """The provider tells of a lock."""
    body = {"subject": {"number": person["number"]}, "locked": locked}
    answer = await authority.post("/v1/holds", body, authority.issuer.token(client_id="idp"))
    assert answer.status_code == 204, answer.text


async def test_a_locked_persons_tokens_open_nothing(authority):
    """Attack 28: a token that was issued before the lock is dead on every path, and alive when the lock is gone."""
    token = citizen(authority, NGOC)
    dossier = await file(authority, NGOC)
    path = f"/v1/dossiers/{dossier['dossier_code']}"
    release = {"purpose": "Nộp hồ sơ trực tuyến", "procedure_code": "1.004194", "fields": ["name"]}
    await hold(authority, NGOC, locked=True)
    try:
        answers = [
            await authority.post("/v1/dossiers", filing(), token),
            await authority.get("/v1/dossiers", token),
            await authority.get("/v1/consents", token),
            await authority.get("/v1/access-log", token),
            await authority.get(path, token),
            await authority.post(f"{path}/consents", {"given": True}, token),
            await authority.post(f"{path}/supplements", {"version": 1, "inputs": {}}, token),
            await authority.post(f"{path}/withdrawal", {}, token),
            await authority.post("/v1/releases", release, token),
            await authority.verify(NGOC, token),
        ]
    finally:
        await hold(authority, NGOC, locked=False)
    assert [(a.status_code, a.json()["code"]) for a in answers] == [(401, "invalid-token")] * len(answers)
    assert (await authority.get(path, token)).status_code == 200


async def test_a_consent_of_a_locked_account_does_not_count(authority):
    """Attack 53: whoever took the owner's account agreed to nothing; what was signed before an officer stands."""
    dossier = await processing(authority, ANH)
    await hold(authority, HOA, locked=True)
    try:
        refused = await act(authority, dossier, "approve")
    finally:
        await hold(authority, HOA, locked=False)
    assert (refused.status_code, refused.json()["code"]) == (409, "dossier-consents"), refused.text
    assert (await act(authority, dossier, "approve")).status_code == 200


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"procedure_code": "9.999999"}, 422, "procedure-unknown"),
        ({"inputs": {}}, 400, "invalid-request"),
        ({"inputs": {"commune": ["x"]}}, 400, "invalid-request"),
        ({"filing": "ex_officio"}, 403, "insufficient-scope"),
        ({"officer": OFFICER}, 400, "invalid-request"),
        ({"applicant": {"number": HAN["number"]}}, 400, "invalid-request"),
        ({"purpose": "x"}, 422, "invalid-input"),
        ({"more": 1}, 422, "invalid-input"),
    ],
)
async def test_bad_filings(authority, changed, status, code):
    """Every malformed or overreaching filing has its problem, and nothing is kept."""
    answer = await authority.post("/v1/dossiers", filing() | changed, citizen(authority, ANH))
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


@pytest.mark.parametrize(
    ("token", "status", "code"),
    [
        ({"scope": "registry:verify"}, 403, "insufficient-scope"),
        ({"acr": "urn:example:vn:acr:l2-a1"}, 401, "insufficient-authentication"),
        ({"client_id": "insurance-portal"}, 403, "procedure-not-allowed"),
        ({"pid": None}, 403, "subject-token-required"),
    ],
)
async def test_who_may_file(authority, token, status, code):
    """The catalogue decides: a portal of the procedure, the person's own token at its level."""
    answer = await authority.post("/v1/dossiers", filing(), citizen(authority, ANH, **token))
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


async def test_an_agreement_binds_the_filing(authority):
    """RFC 9396: a token for one dossier of one procedure files nothing else."""
    detail = {
        "type": "vn_identity_verification",
        "procedure": "1.004194",
        "purpose": "Nộp hồ sơ trực tuyến",
        "dossier": "G01.899.05-261121-017777",
        "claims": ["alive"],
    }
    token = citizen(authority, ANH, authorization_details=[detail])
    refused = await authority.post("/v1/dossiers", filing(), token)
    assert (refused.status_code, refused.json()["code"]) == (403, "outside-authorization-details")
    kept = await authority.post("/v1/dossiers", filing() | {"dossier_code": detail["dossier"]}, token)
    assert kept.status_code == 201, kept.text

    code = detail["dossier"]
    other = await file(authority, ANH)
    beside = await authority.get(f"/v1/dossiers/{other['dossier_code']}", token)
    assert (beside.status_code, beside.json()["code"]) == (403, "outside-authorization-details")
    for path in ("/v1/dossiers", "/v1/consents"):
        assert other["dossier_code"] not in (await authority.get(path, token)).text, path
    assert (await authority.get(f"/v1/dossiers/{code}", token)).status_code == 200


async def test_a_weaker_sign_in_changes_nothing(authority):
    """Filing asked for level l2-a2: neither supplement nor withdrawal is done with less."""
    dossier = await file(authority, ANH)
    weak = citizen(authority, ANH, acr="urn:example:vn:acr:l2-a1")
    answer = await authority.post(f"/v1/dossiers/{dossier['dossier_code']}/withdrawal", {}, weak)
    assert (answer.status_code, answer.json()["code"]) == (401, "insufficient-authentication")


@pytest.mark.parametrize(
    "said",
    [
        {"reason": "thiếu\u0000giấy"},
        {"officer": "CA\u0000"},
        {"person": {"number": "0991\u0000"}},
        {"channel": "paper", "given": True, "evidence": "x\u0000yz"},
    ],
)
async def test_control_characters_reach_no_database(authority, said):
    """A NUL in any text is refused as unreadable, never a server error."""
    dossier = await file(authority, ANH)
    body = {"act": "ask_supplement", "officer": OFFICER, "version": 1, "reason": "Thiếu giấy"} | said
    if "person" in said:
        body |= {"act": "record_consent", "given": True, "channel": "paper", "evidence": "Giấy số 1"}
    answer = await authority.post(f"/v1/dossiers/{dossier['dossier_code']}/acts", body, officer(authority))
    assert answer.status_code in {400, 422}, answer.text
    purpose = await authority.post(
        "/v1/dossiers", filing() | {"purpose": "Nộp hồ\u0000sơ"}, citizen(authority, ANH)
    )
    assert purpose.status_code in {400, 422}


async def test_a_portal_takes_no_code_of_ours(authority):
    """A portal that brings tomorrow's codes of the registry's own numbering would stop others from filing."""
    body = filing() | {"dossier_code": "G01.899.06-261122-010001"}
    answer = await authority.post("/v1/dossiers", body, citizen(authority, ANH))
    assert (answer.status_code, answer.json()["member"]) == (400, "dossier_code")


async def test_history_refuses_every_change(authority):
    """Decree 154/2024 Art. 13: neither the dossier's history nor the ledger can be changed or removed."""
    connection = await connect(authority.database_url)
    try:
        await file(authority, LAN)
        for statement in (
            "UPDATE dossier_event SET act = 'x'",
            "DELETE FROM dossier_event",
            "TRUNCATE dossier_event",
            "TRUNCATE registry_change",
        ):
            with pytest.raises(Exception, match="append-only"):
                await connection.execute(statement)
    finally:
        await connection.close()
    assert (await rows(authority, "SELECT count(*) FROM dossier_event"))[0][0] > 0
