"""Single questions over HTTP: a plain answer, a receipt, a row in the log; bound by the catalogue."""

from __future__ import annotations

import pytest
from jose import jwt

from tests.registry_api.conftest import HAN, L2A2, LAN, LOC, NOBODY, PHUC, REGISTRY

pytestmark = pytest.mark.engine
WHY = {"purpose": "Đối chiếu dữ liệu cũ", "dossier_code": "G01.899.05-261121-030001"}
SAU = {"number": "099065000115", "name": "Ngô Văn Sáu", "birth_date": "1965-09-09"}
BAO = {"number": "099212000108"}
MAI = {"number": "099180000109", "birth_date": "1980-06-25"}
HISTORY = {
    "type": "vn_identity_verification",
    "procedure": "residence.own-history",
    "purpose": "Xác nhận nơi ở",
}


async def asked(registry, path, body, token=None, **headers):
    """The answer as JSON, after checking that it is one."""
    token = token or registry.issuer.token(client_id="insurance-portal")
    answer = await registry.post(path, WHY | body, token, **headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def person(who, number):
    """The subject by another number."""
    return {"subject": who | {"number": number}}


async def test_an_old_number_is_told_yes_or_no(registry):
    """Decree 58/2026 Art. 5(7): a machine asks whether nine digits lead to a personal number; no number comes out."""
    body = person(PHUC, "099000102") | {"procedure_code": "lookup.number"}
    yes = await asked(registry, "/v1/numbers/checks", body | {"current_number": PHUC["number"]})
    assert (yes["answer"], yes["identity"], yes["results"]["number"]["flag"]) == (
        "yes",
        "established",
        "close",
    )
    no = await asked(registry, "/v1/numbers/checks", body | {"current_number": LAN["number"]})
    assert (no["answer"], no["reasons"]) == ("no", ["other_number"])
    assert "current_number" not in str({**no, "results": 0, "asked": 0, "receipt": 0}).replace(
        "current_number'", ""
    )
    assert PHUC["number"] not in str(no)


async def test_a_cancelled_number_leads_to_its_successor(registry):
    """Decree 70/2024 Art. 11(7): a number cancelled and re-established is answered like an old one."""
    body = person(HAN, "099191000123") | {"procedure_code": "lookup.number", "current_number": HAN["number"]}
    assert (await asked(registry, "/v1/numbers/checks", body))["answer"] == "yes"


async def test_the_number_is_released_only_to_who_may(registry):
    """The insurer may replace old numbers by new ones, and the person reads `released` in their log."""
    body = person(PHUC, "099000102") | {"procedure_code": "lookup.number-release", "release": True}
    answer = await asked(registry, "/v1/numbers/checks", body | {"dossier_code": "G01.899.05-261121-030002"})
    assert answer["current_number"] == PHUC["number"]
    claims = jwt.get_unverified_claims(answer["receipt"])
    assert PHUC["number"] not in str(claims)
    assert claims["asked"] == {"question": "current_number", "release": True}
    (row,) = await registry.log_of(PHUC["number"], "G01.899.05-261121-030002")
    assert row["fields"] == {"name": "verified", "birth_date": "verified", "number": "released"}


@pytest.mark.attack
@pytest.mark.parametrize(
    ("changed", "token", "status", "code", "member"),
    [
        ({"procedure_code": "lookup.number"}, {}, 403, "field-not-allowed", "release"),
        ({}, {"client_id": "residence-portal"}, 403, "procedure-not-allowed", "procedure_code"),
        ({}, {"scope": "registry:verify"}, 403, "insufficient-scope", None),
        ({"release": False}, {}, 400, "invalid-request", "current_number"),
        ({"current_number": "099068000102"}, {}, 400, "invalid-request", "current_number"),
        ({"release": False, "current_number": "99068000102"}, {}, 400, "invalid-request", "current_number"),
        ({"subject": {"number": "099000102"}}, {}, 422, "identifying-claims-missing", "claims"),
    ],
)
async def test_a_release_is_refused(registry, changed, token, status, code, member):
    """Another procedure, client or scope, no identity, both questions at once: refused before any look-up."""
    body = (
        WHY
        | person(PHUC, "099000102")
        | {"procedure_code": "lookup.number-release", "release": True}
        | changed
    )
    told = registry.issuer.token(**{"client_id": "insurance-portal"} | token)
    answer = await registry.post("/v1/numbers/checks", body, told)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json().get("member") == member


@pytest.mark.attack
async def test_nobody_and_a_wrong_name_answer_alike(registry):
    """Attack 50: an old number of nobody, a wrong name and a wrong date give the same answer, release or not."""
    shapes = set()
    for who in (
        PHUC | {"name": "Trần Văn Khác"},
        PHUC | {"birth_date": "1968-02-10"},
        PHUC | {"number": "099999999"},
    ):
        subject = {"subject": {"number": "099000102"} | {k: v for k, v in who.items() if k != "number"}}
        if who["number"] != PHUC["number"]:
            subject["subject"]["number"] = who["number"]
        body = subject | {"procedure_code": "lookup.number-release", "release": True}
        answer = await asked(registry, "/v1/numbers/checks", body)
        shapes.add(str({k: answer[k] for k in ("identity", "answer", "reasons", "results", "asked")}))
        assert "current_number" not in answer
    assert len(shapes) == 1
    assert "identity_not_established" in shapes.pop()


async def test_kinship_on_a_day(registry):
    """The aunt is the boy's guardian: for his account until 14, in general until 18 (Decree 69/2024 Art. 14)."""
    subject = {"subject": MAI, "procedure_code": "lookup.family", "other": BAO, "relation": "representative"}
    token = registry.issuer.personal(MAI["number"], client_id="national-portal")
    general = await asked(registry, "/v1/kinship/checks", subject, token)
    assert (general["answer"], general["reasons"]) == ("yes", ["as_guardian"])
    assert general["asked"] == {
        "question": "kinship", "relation": "representative", "on": "2026-11-21", "matter": "general",
    }  # a table, read by rows  # fmt: skip
    for day, answer in (("2026-02-13", "yes"), ("2026-02-14", "no")):
        body = subject | {"matter": "account", "on": day}
        assert (await asked(registry, "/v1/kinship/checks", body, token))["answer"] == answer
    receipt = jwt.get_unverified_claims(general["receipt"])
    assert receipt["asked"]["on"] == "2026-11-21"
    assert BAO["number"] not in str(receipt)


@pytest.mark.attack
async def test_both_people_find_the_question_in_their_logs(registry):
    """Attack 49: whoever is asked about beside the subject reads it in their own log."""
    dossier = "G01.899.05-261121-030003"
    body = {"subject": MAI, "procedure_code": "lookup.family", "other": BAO, "relation": "guardian"}
    token = registry.issuer.personal(MAI["number"], client_id="national-portal")
    await asked(registry, "/v1/kinship/checks", body | {"dossier_code": dossier}, token)
    (row,) = await registry.log_of(BAO["number"], dossier)
    assert row["fields"] == {"guardian_of": "verified"}


@pytest.mark.parametrize(
    ("changed", "member"),
    [
        ({"relation": "cousin"}, "relation"),
        ({"relation": "spouse", "on": "2020-01-01"}, "on"),
        ({"relation": "guardian", "matter": "account"}, "matter"),
        ({"relation": "guardian", "on": "2026-02-30"}, "other"),
        ({"relation": "representative", "matter": "wedding"}, "other"),
        ({"other": {"number": "12"}}, "other"),
    ],
)
async def test_a_question_about_kin_is_read_strictly(registry, changed, member):
    """Relations, matters and days that do not exist are refused at their place."""
    body = (
        WHY
        | {"subject": LAN, "procedure_code": "lookup.family", "other": BAO, "relation": "guardian"}
        | changed
    )
    answer = await registry.post("/v1/kinship/checks", body, registry.issuer.token())
    assert (answer.status_code, answer.json()["member"]) == (400, member)


async def test_households_on_a_day(registry):
    """Who was registered together on a day, one flag each; the day of today when none is named."""
    wife, stranger = "099182000141", LAN["number"]
    hung = {"number": "099079000104", "name": "Lê Quang Hùng", "birth_date": "1979-08-23"}
    body = {"subject": hung, "procedure_code": "lookup.family", "members": [wife, stranger]}
    said = await asked(registry, "/v1/households/checks", body)
    assert (said["answer"], said["results"]["household_on"]["members"]) == ("no", ["match", "mismatch"])
    assert said["asked"] == {"question": "household", "on": "2026-11-21", "members": 2, "head": False}
    before = await asked(registry, "/v1/households/checks", body | {"members": [wife], "on": "1990-01-01"})
    assert before["answer"] == "no"
    headed = await asked(
        registry, "/v1/households/checks", body | {"members": [wife], "head": hung["number"]}
    )
    assert headed["answer"] == "yes"


async def test_residence_history_of_the_person_present(registry):
    """With the person's own recent sign-in and agreement: registrations, communes of today, logged as released."""
    dossier = "G01.899.05-261121-030004"
    details = [HISTORY | {"claims": ["residence_history"], "dossier": dossier}]
    now = registry.clock.timestamp()
    token = registry.issuer.personal(LAN["number"], authorization_details=details, auth_time=now - 60)
    body = {
        "purpose": "Xác nhận nơi ở", "dossier_code": dossier, "procedure_code": "residence.own-history",
        "subject": {"number": LAN["number"]},
    }  # a table, read by rows  # fmt: skip
    said = await asked(registry, "/v1/residences/histories", body, token)
    assert said["answer"] == "yes"
    assert {period["kind"] for period in said["periods"]} == {"permanent", "current"}
    newest = said["periods"][0]
    assert newest["commune"] == {
        "code": "00166", "name": "Cầu Giấy", "kind": "phuong", "province_code": "01", "province": "Hà Nội",
    }  # a table, read by rows  # fmt: skip
    assert "periods" not in jwt.get_unverified_claims(said["receipt"])
    only = await asked(registry, "/v1/residences/histories", body | {"kinds": ["permanent"]}, token)
    assert {period["kind"] for period in only["periods"]} == {"permanent"}
    rows = await registry.log_of(LAN["number"], dossier)
    assert [row["fields"] for row in rows] == [{"residence_history": "released"}] * 2


@pytest.mark.attack
@pytest.mark.parametrize(
    ("token", "code", "rule"),
    [
        ({}, "authorization-details-required", "details_required"),
        ({"auth_time": -601}, "insufficient-authentication", "maximum_age"),
        ({"auth_time": None}, "insufficient-authentication", "maximum_age"),
        ({"acr": "urn:example:vn:acr:l2-a1"}, "insufficient-authentication", "minimum_acr"),
        ({"pid": None}, "subject-token-required", "subject_token"),
        ({"pid": PHUC["number"]}, "other-subject", "subject_token"),
        (
            {"authorization_details": [HISTORY | {"claims": ["permanent_commune"]}]},
            "outside-authorization-details",
            None,
        ),
    ],
)
async def test_a_history_needs_presence_and_agreement(registry, token, code, rule):
    """`maximum_age`, `details_required` and `subject_token` of the entry hold, each by itself (RFC 9470, 9396)."""
    now = registry.clock.timestamp()
    base = {"auth_time": now - 60, "authorization_details": [HISTORY | {"claims": ["residence_history"]}]}
    if code == "authorization-details-required":
        base["authorization_details"] = None
    changed = {"auth_time": now + token["auth_time"]} if token.get("auth_time") else token
    bearer = registry.issuer.personal(LAN["number"], **base | changed)
    body = WHY | {"purpose": "Xác nhận nơi ở", "procedure_code": "residence.own-history"}
    body |= {"subject": {"number": LAN["number"]}}
    answer = await registry.post("/v1/residences/histories", body, bearer)
    assert answer.json()["code"] == code, answer.text
    assert answer.json().get("catalogue", {}).get("member") == rule
    if rule == "maximum_age":
        assert "max_age=600" in answer.headers["www-authenticate"].replace('"', "")


async def test_the_residence_authority_reads_histories_for_its_dossiers(registry):
    """Without the person's token only under the police's own entry; in other hands the same question is refused."""
    body = {"subject": SAU, "procedure_code": "residence.history"}
    said = await asked(registry, "/v1/residences/histories", body, registry.issuer.token())
    assert said["identity"] == "established"
    assert said["periods"]
    other = {"subject": SAU, "procedure_code": "residence.own-history"}
    answer = await registry.post("/v1/residences/histories", WHY | other, registry.issuer.token())
    assert answer.json()["code"] == "subject-token-required"


@pytest.mark.attack
async def test_a_history_of_nobody_is_empty(registry):
    """Attack 50: wrong name or nobody: no period, the same answer."""
    answers = []
    for who in (NOBODY, LAN | {"name": "Nguyễn Thị Khác"}):
        body = {"subject": who, "procedure_code": "residence.history"}
        said = await asked(registry, "/v1/residences/histories", body, registry.issuer.token())
        answers.append({name: said[name] for name in ("identity", "answer", "reasons", "periods", "results")})
    assert answers[0] == answers[1]
    assert answers[0]["periods"] == []


async def test_a_repeated_question_gets_the_same_answer(registry):
    """Idempotency-Key: the same question again is answered alike, and nothing more is spent or logged."""
    body = person(PHUC, "099000102") | {"procedure_code": "lookup.number", "current_number": PHUC["number"]}
    key = {"Idempotency-Key": "lookup-key-0001"}
    first = await asked(registry, "/v1/numbers/checks", body, **key)
    assert await asked(registry, "/v1/numbers/checks", body, **key) == first


@pytest.mark.attack
async def test_guessing_numbers_ends(registry):
    """Attack 50: after five different current numbers for one old number a sixth says nothing, right or wrong."""
    body = person(PHUC, "099000102") | {"procedure_code": "lookup.number"}
    for n in range(5):
        guess = body | {"current_number": f"09906800099{n}"}
        assert (await asked(registry, "/v1/numbers/checks", guess))["answer"] == "no"
    sixth = await asked(registry, "/v1/numbers/checks", body | {"current_number": PHUC["number"]})
    assert (sixth["answer"], sixth["reasons"]) == ("unknown", ["budget_exhausted"])


async def test_the_dead_are_answered_where_death_may_be_asked(registry):
    """Under an entry without `alive` a dead person equals nobody, in single questions too."""
    body = {"subject": LOC, "procedure_code": "lookup.number", "current_number": LOC["number"]}
    assert (await asked(registry, "/v1/numbers/checks", body))["identity"] == "not_established"


async def test_receipts_of_single_questions_are_checked_offline(registry):
    """python-jose verifies the receipt with the published keys, and it repeats the question without numbers."""
    body = person(PHUC, "099000102") | {"procedure_code": "lookup.number", "current_number": PHUC["number"]}
    said = await asked(registry, "/v1/numbers/checks", body)
    jwks = (await registry.http.get("/.well-known/jwks.json")).json()
    claims = jwt.decode(
        said["receipt"], jwks, algorithms=["ES256"], audience="insurance-portal", issuer=REGISTRY
    )
    assert claims["asked"] == said["asked"] == {"question": "current_number"}
    assert claims["results"]["current_number"] == {"flag": "match", "reasons": []}
    assert L2A2 not in str(claims)


@pytest.mark.parametrize(
    ("matter", "day", "who", "answer", "reason"),
    [
        ("residence", "2026-11-21", "mother", "yes", "as_custodian"),
        ("residence", "2026-11-21", "father", "no", "custody_of_other"),
        ("residence", "2024-05-19", "father", "yes", "as_parent"),
        ("general", "2026-11-21", "father", "yes", "as_parent"),
        ("general", "2040-07-15", "mother", "no", "authority_ended"),
    ],
)
async def test_custody_after_a_divorce(registry, matter, day, who, answer, reason):
    """The court gave the girl to her mother: only she files for residence, both represent, until 18."""
    mother = {"number": "099190000153", "name": "Trịnh Thị Như Quỳnh", "birth_date": "1990-03-26"}
    father = {"number": "099088000155", "name": "Lê Đình Dũng", "birth_date": "1988-11-02"}
    body = {
        "subject": mother if who == "mother" else father,
        "procedure_code": "lookup.family",
        "relation": "representative",
        "other": {"number": "099322000154"},
        "matter": matter,
        "on": day,
    }
    said = await asked(registry, "/v1/kinship/checks", body)
    assert (said["answer"], said["reasons"]) == (answer, [reason])


async def test_an_adult_ward_has_a_guardian(registry):
    """A court's guardian of an adult without capacity acts for him at any age, from the day of the decision."""
    ward = {"number": "099099000156"}
    sister = {"number": "099190000153", "name": "Trịnh Thị Như Quỳnh", "birth_date": "1990-03-26"}
    body = {"subject": sister, "procedure_code": "lookup.family", "relation": "guardian", "other": ward}
    for day, answer in (("2021-10-03", "no"), ("2021-10-04", "yes"), ("2026-11-21", "yes")):
        assert (await asked(registry, "/v1/kinship/checks", body | {"on": day}))["answer"] == answer
