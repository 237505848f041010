"""The check-in and the match of social insurance over HTTP: officers, codes, receipts, budgets."""

from __future__ import annotations

import pytest
from jose import jwt

from population_registry.storage.connections import connect
from tests.registry_api.conftest import LAN, LOC, PHUC

pytestmark = pytest.mark.engine
OFFICER = {"number": "099189000134", "name": "Trần Thị Bảo Yến"}
ELIGIBILITY, MATCHES = "/v1/health-insurance/eligibility", "/v1/social-insurance/matches"
CARD = "DN4999900000101"


def desk(shown=LAN["number"], **insured):
    """The question of the desk about Lan."""
    return {
        "purpose": "Tiếp đón người bệnh có thẻ BHYT",
        "procedure_code": "bhyt.check-in",
        "officer": "BV-01-017",
        "officer_identity": OFFICER,
        "insured": {"shown": shown, "name": LAN["name"], "birth_date": LAN["birth_date"]} | insured,
    }


@pytest.fixture
async def hospital(registry):
    """The token of a facility that registered its one officer."""
    token = registry.issuer.token(client_id="health-facility")
    answer = await registry.http.put(
        "/v1/health-insurance/officers",
        json={"officers": [OFFICER]},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 204
    return token


@pytest.mark.parametrize(
    ("shown", "form"),
    [(LAN["number"], "personal_number"), ("9900000101", "social_insurance_number"), (CARD, "card_code")],
)
async def test_three_forms_lead_to_one_card(registry, hospital, shown, form):
    """Personal number, ten digits, fifteen characters: the same card, what it pays and until when."""
    answer = (await registry.post(ELIGIBILITY, desk(shown), hospital)).json()
    assert (answer["code"], answer["pays"], answer["accepted_as"]) == ("000", True, form)
    assert (answer["benefit_percent"], answer["group"], answer["card_code"]) == (80, "DN", CARD)
    assert (answer["valid_from"], answer["valid_until"]) == ("2026-01-01", "2026-12-31")
    assert answer["five_years_since"] == "2024-02-01"
    assert answer["note"]["vi"] == "Thông tin thẻ chính xác."
    claims = jwt.get_unverified_claims(answer["receipt"])
    assert claims["results"]["check_in"] == {"flag": "match", "reasons": ["000"]}
    assert claims["asked"]["on"] == "2026-11-21"
    assert CARD not in str(claims)


@pytest.mark.attack
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"name": "Phạm Văn Khác"}, "060"),
        ({"name": "Ngô Thu Liên"}, "061"),
        ({"birth_date": "1994-05-18"}, "070"),
        ({"sex": "Nam"}, "080"),
    ],
)
async def test_the_right_value_never_leaves(registry, hospital, changed, code):
    """The real look-up's leak, not copied: no name, date, sex or fact of the card is in a mismatch (attack 50)."""
    answer = await registry.post(ELIGIBILITY, desk(**changed), hospital)
    said = answer.json()
    assert said["code"] == code
    assert "benefit_percent" not in said
    for value in (LAN["name"], LAN["birth_date"], CARD, "2026-12-31"):
        assert value not in answer.text


async def test_nobodys_numbers_are_not_found(registry, hospital):
    """050 for digits, cards and personal numbers of nobody, by one and the same answer."""
    shapes = {
        (answer["code"], answer["identity"], answer["pays"])
        for shown in ("9999999999", "DN4019999999999", "099199999999")
        for answer in [(await registry.post(ELIGIBILITY, desk(shown), hospital)).json()]
    }
    assert shapes == {("050", "no_such_person", False)}


async def test_the_dead_are_no_longer_insured(registry, hospital):
    """124 from the day of death on."""
    insured = {"shown": LOC["number"], "name": LOC["name"], "birth_date": LOC["birth_date"]}
    answer = (await registry.post(ELIGIBILITY, desk(**insured), hospital)).json()
    assert answer["code"] == "124"


async def test_a_newborn_is_insured_through_the_mother(registry, hospital):
    """130 and a temporary code; the release of the code is in the mother's log."""
    body = desk() | {"newborn": {"medical_id": "0123456789", "born": "2026-11-20"}}
    answer = (await registry.post(ELIGIBILITY, body, hospital)).json()
    assert (answer["code"], answer["pays"], answer["card_code"]) == ("130", True, "TE1400123456789")


@pytest.mark.attack
@pytest.mark.parametrize(
    ("officer", "reason", "member"),
    [
        ({"number": "099189000135"}, "054", "officer_identity.number"),
        ({"name": "Trần Thị Khác"}, "055", "officer_identity.name"),
    ],
)
async def test_an_unknown_officer_is_refused(registry, hospital, officer, reason, member):
    """054 and 055: the facility did not register the officer, or by another name; nobody is looked up."""
    body = desk() | {"officer_identity": OFFICER | officer, "dossier_code": "G01.899.05-261121-040001"}
    answer = await registry.post(ELIGIBILITY, body, hospital)
    assert (answer.status_code, answer.json()["code"]) == (403, "officer-unknown")
    assert (answer.json()["reason"], answer.json()["member"]) == (reason, member)
    assert await registry.log_of(LAN["number"], "G01.899.05-261121-040001") == []


@pytest.mark.attack
async def test_officers_are_each_facilitys_own(registry, hospital):
    """Another facility's officer is nobody here; a list replaced is in force at once; the table holds no number."""
    other = registry.issuer.token(client_id="insurance-portal")
    none = {"officers": []}
    path = "/v1/health-insurance/officers"
    await registry.http.put(path, json=none, headers={"Authorization": f"Bearer {other}"})
    assert (await registry.post(ELIGIBILITY, desk(), other)).json()["reason"] == "054"
    await registry.http.put(path, json=none, headers={"Authorization": f"Bearer {hospital}"})
    assert (await registry.post(ELIGIBILITY, desk(), hospital)).json()["reason"] == "054"
    connection = await connect(registry.database_url)
    try:
        text = str(await connection.fetch("SELECT * FROM facility_officer"))
    finally:
        await connection.close()
    assert OFFICER["number"] not in text


@pytest.mark.parametrize(
    ("changed", "member"),
    [
        ({"insured": {"shown": "123456789", "name": "x", "birth_date": "1990"}}, "insured.shown"),
        ({"insured": {"shown": "9900000101", "name": "x", "birth_date": "1990-13-01"}}, "insured.birth_date"),
        ({"on": "22/11/2026"}, "on"),
        ({"newborn": {"medical_id": "12", "born": "2026-11-20"}}, "newborn.medical_id"),
        ({"newborn": {"medical_id": "0123456789", "born": "x"}}, "newborn.born"),
        ({"officer_identity": {"number": "12", "name": "x"}}, "officer_identity.number"),
        ({"officer": None}, "officer"),
        ({"insured": {"shown": "9900000101"}}, "insured.name"),
    ],
)
async def test_bad_parameters_are_205(registry, hospital, changed, member):
    """Every malformed member is refused at its place, with the look-up's own code."""
    answer = await registry.post(ELIGIBILITY, desk() | changed, hospital)
    said = answer.json()
    assert (answer.status_code, said["code"], said["reason"]) == (400, "invalid-request", "205")
    assert said["member"] == member


async def test_no_token_is_401(registry):
    """401 of the look-up is HTTP's 401."""
    answer = await registry.http.post(ELIGIBILITY, json=desk())
    assert (answer.status_code, answer.json()["reason"]) == (401, "401")


@pytest.mark.attack
async def test_guessing_a_name_at_the_desk_ends(registry, hospital):
    """Attack 50: five wrong names a day for one person; then 100, right or wrong, by any of their numbers."""
    for n in range(5):
        answer = (await registry.post(ELIGIBILITY, desk(name=f"Lê Thị {'ABCDE'[n]}"), hospital)).json()
        assert answer["code"] == "060"
    for shown in (LAN["number"], "9900000101", CARD):
        said = (await registry.post(ELIGIBILITY, desk(shown), hospital)).json()
        assert (said["code"], said["identity"]) == ("100", "not_established")
        assert "benefit_percent" not in said


@pytest.mark.attack
async def test_the_claim_cannot_be_asked_past_the_officer(registry, hospital):
    """Attack 49: `check_in` as a claim of a plain verification is refused: there is no officer in it."""
    body = {
        "purpose": "Tiếp đón người bệnh", "procedure_code": "bhyt.check-in", "subject": {"number": LAN["number"]},
        "claims": {"name": LAN["name"], "birth_date": LAN["birth_date"], "check_in": {"on": "2026-11-21"}},
    }  # a table, read by rows  # fmt: skip
    answer = await registry.post("/v1/verifications", body, hospital)
    assert (answer.status_code, answer.json()["member"]) == (400, "claims.check_in")


def record(**changed):
    """A record of the insurer about Lan."""
    known = {
        "social_insurance_number": "9900000101", "number": LAN["number"], "name": LAN["name"],
        "birth_date": LAN["birth_date"], "sex": "Nữ",
    }  # a table, read by rows  # fmt: skip
    return {
        "purpose": "Đối soát hồ sơ người tham gia",
        "procedure_code": "bhxh.reconcile",
        "record": {name: value for name, value in (known | changed).items() if value is not None},
    }


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({}, "verified"),
        ({"birth_date": "1994", "birth_date_kind": 1}, "dob_diff"),
        ({"birth_date": "19940517", "birth_date_kind": 0}, "verified"),
        ({"name": "Nguyễn Thị Liên"}, "name_diff"),
        ({"birth_date": "1994-05-18"}, "dob_diff"),
        ({"sex": "1"}, "sex_diff"),
        ({"number": "099199999999"}, "pin_not_found"),
        ({"social_insurance_number": "9900000102"}, "duplicate_bhxh"),
        ({"social_insurance_number": "9900999999"}, "duplicate_bhxh"),
        ({"number": LOC["number"], "name": LOC["name"], "birth_date": LOC["birth_date"], "sex": None,
          "social_insurance_number": "9900999998"}, "deceased"),
    ],
)  # a table, read by rows  # fmt: skip
async def test_a_record_has_one_outcome(registry, changed, outcome):
    """insurance.md section 6, with the rule of a batch's reconciliation."""
    token = registry.issuer.token(client_id="insurance-portal")
    answer = await registry.post(MATCHES, record(**changed), token)
    assert answer.json()["outcome"] == outcome, answer.text
    assert PHUC["name"] not in answer.text


async def test_year_only_records_meet_partial_dates(registry):
    """A year on both sides agrees (section 6: the known parts decide); a kind that does not fit is refused."""
    sen = {"number": "099152000112", "name": "Thạch Thị Sen", "social_insurance_number": "9900000112"}
    token = registry.issuer.token(client_id="insurance-portal")
    for birth in ({"birth_date": "19520101", "birth_date_kind": 1}, {"birth_date": "1952"}):
        assert (await registry.post(MATCHES, record(**sen, **birth), token)).json()["outcome"] == "verified"
    wrong = await registry.post(MATCHES, record(**sen, birth_date="1952-01-01", birth_date_kind=1), token)
    assert (wrong.status_code, wrong.json()["member"]) == (400, "record.birth_date")


@pytest.mark.attack
async def test_only_those_told_who_exists_may_match(registry):
    """An outcome tells that a number exists, so the entry must say that the caller may know (attack 50)."""
    token = registry.issuer.token(client_id="residence-portal")
    body = record() | {"procedure_code": "1.004194", "dossier_code": "G01.899.05-261121-010042"}
    answer = await registry.post(MATCHES, body, token)
    assert (answer.status_code, answer.json()["code"]) == (403, "procedure-not-allowed")
    assert answer.json()["catalogue"]["member"] == "told_of_identity"
