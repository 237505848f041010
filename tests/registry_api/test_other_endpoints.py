"""Releases, the access log, assessments, catalogue, references, documentation."""

from __future__ import annotations

import base64

import pytest
from jose import jwt

from tests.registry_api.conftest import HAN, HUNG_HOME, L2A2, LAN, PHUC

pytestmark = pytest.mark.engine
OWN = {
    "purpose": "Điền sẵn tờ khai",
    "procedure_code": "1.004194",
    "dossier_code": "G01.899.05-261121-010042",
}


async def pages_of(registry, token, limit):
    """Every page of the log of the token's person, by following the cursors to the end."""
    pages, cursor = [], ""
    while cursor is not None:
        page = (
            await registry.get(f"/v1/access-log?limit={limit}{cursor and f'&cursor={cursor}'}", token)
        ).json()
        pages.append(page["entries"])
        cursor = page["next_cursor"]
    return pages


async def test_release_of_the_signed_in_person(registry):
    """Values of allowed fields of the token's person, logged as released."""
    token = registry.issuer.personal(LAN["number"])
    answer = await registry.post(
        "/v1/releases",
        OWN
        | {"dossier_code": "G01.899.05-261121-020001", "fields": ["name", "birth_date", "permanent_address"]},
        token,
    )
    assert answer.status_code == 200, answer.text
    values = answer.json()["values"]
    assert values["name"] == {"full": "Nguyễn Thị Lan", "family": "Nguyễn", "middle": "Thị", "given": "Lan"}
    assert values["birth_date"] == "1994-05-17"
    assert values["permanent_address"]["commune_code"] == "16744"
    (log,) = await registry.log_of(LAN["number"], "G01.899.05-261121-020001")
    assert log["fields"] == {"name": "released", "birth_date": "released", "permanent_address": "released"}
    assert log["outcome"] == "released"


@pytest.mark.attack
@pytest.mark.parametrize(
    ("status", "code", "token", "changed"),
    [
        (403, "subject-token-required", {}, {}),
        (403, "subject-token-required", {}, {"subject": {"number": LAN["number"]}}),
        (
            403,
            "other-subject",
            {"pid": LAN["number"], "acr": L2A2},
            {"subject": {"number": PHUC["number"]}},
        ),
        (
            403,
            "field-not-allowed",
            {"pid": LAN["number"], "acr": L2A2},
            {"fields": ["marital_status"]},
        ),
        (
            403,
            "insufficient-scope",
            {"pid": LAN["number"], "acr": L2A2, "scope": "registry:verify"},
            {},
        ),
        (401, "insufficient-authentication", {"pid": LAN["number"], "acr": "urn:example:vn:acr:l1-a2"}, {}),
        (
            403,
            "procedure-not-allowed",
            {},
            {"procedure_code": "eid.profile", "subject": {"number": LAN["number"]}},
        ),
        (
            400,
            "invalid-request",
            {"pid": LAN["number"], "acr": L2A2},
            {"fields": ["religion"]},
        ),
    ],
)
async def test_release_is_refused(registry, status, code, token, changed):
    """No token of the person, another person, another field, scope, level or procedure: refused (attack 49)."""
    body = OWN | {"fields": ["name"]} | changed
    answer = await registry.post("/v1/releases", body, registry.issuer.token(**token))
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_provider_reads_a_profile(registry):
    """The identity provider itself reads whom it names, under eid.profile, without a dossier."""
    token = registry.issuer.token(client_id="idp")
    body = {
        "purpose": "Cấp tài khoản định danh điện tử",
        "procedure_code": "eid.profile",
        "fields": ["name", "alive", "old_numbers"],
    }
    answer = await registry.post("/v1/releases", body | {"subject": {"number": PHUC["number"]}}, token)
    assert answer.json()["values"] == {
        "name": {"full": "Trần Văn Phúc", "family": "Trần", "middle": "Văn", "given": "Phúc"},
        "alive": True,
        "old_numbers": ["099000102"],
    }
    missing = await registry.post("/v1/releases", body | {"subject": {"number": "099199999999"}}, token)
    assert (missing.status_code, missing.json()["code"]) == (404, "person-unknown")


async def test_access_log_is_paged_and_own(registry):
    """A person sees every look-up of themselves, newest first, page by page, and nobody else's."""
    dossier = "G01.899.05-261121-020003"
    for minute in range(5):
        registry.clock.advance(minutes=1)
        await registry.verify(HAN, officer=f"CA-{minute}", dossier_code=dossier)
    await registry.verify(LAN, dossier_code=dossier)
    pages = await pages_of(registry, registry.issuer.personal(HAN["number"]), 3)
    assert all(len(page) == 3 for page in pages[:-1])
    entries = [entry for page in pages for entry in page if entry["dossier_code"] == dossier]
    assert [entry["officer"] for entry in entries] == ["CA-4", "CA-3", "CA-2", "CA-1", "CA-0"]
    assert all(entry["fields"] == {"name": "verified", "birth_date": "verified"} for entry in entries)


@pytest.mark.attack
async def test_access_log_needs_the_persons_token(registry):
    """A client's own token opens nobody's log; a broken cursor is refused (attack 49)."""
    answer = await registry.get("/v1/access-log", registry.issuer.token())
    assert (answer.status_code, answer.json()["code"]) == (403, "subject-token-required")
    answer = await registry.get("/v1/access-log?cursor=xx", registry.issuer.personal(LAN["number"]))
    assert answer.status_code == 400


@pytest.mark.attack
@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
async def test_a_cursor_beyond_the_calendar_is_refused(registry, moment):
    """A moment that no UTC clock shows is the caller's mistake, never an error of ours."""
    cursor = base64.urlsafe_b64encode(moment.encode()).decode().rstrip("=")
    answer = await registry.get(f"/v1/access-log?cursor={cursor}", registry.issuer.personal(LAN["number"]))
    assert answer.status_code == 400


@pytest.mark.attack
@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-23:59",
        "1999-12-31T00:00:00Z",
    ],
)
async def test_no_dossier_is_received_beyond_the_calendar(registry, moment):
    """A day of receipt outside this century and the next is refused, never an error of ours or a calendar to make."""
    asked = {
        "purpose": "Nộp hồ sơ đăng ký tạm trú",
        "received_at": moment,
        "inputs": {"commune": "00166", "from": "2026-12-01", "until": "2027-12-01"},
    }
    answer = await registry.post("/v1/procedures/1.004194/assessments", asked, registry.issuer.token())
    assert answer.status_code == 422, answer.text


async def test_owner_sees_that_ownership_was_asked(registry):
    """The owner named in somebody's dossier has a row of their own in the log."""
    flat = {"commune": "00166", "address": "Căn hộ 12-05, số 8 ngõ 21, đường Hoa Sữa"}
    await registry.verify(
        LAN,
        claims={"dwelling_owner": flat | {"number": PHUC["number"]}},
        dossier_code="G01.899.05-261121-020002",
    )
    (log,) = await registry.log_of(PHUC["number"], "G01.899.05-261121-020002")
    assert log["fields"] == {"dwelling_owner": "verified"}


async def test_assessment_of_temporary_residence(registry):
    """Lan rents Phúc's flat: every check passes, three working days, 7,000 đồng online, with a receipt."""
    token = registry.issuer.personal(LAN["number"])
    body = {
        "purpose": "Nộp hồ sơ đăng ký tạm trú",
        "dossier_code": "G01.899.05-261121-010042",
        "subject": {"number": LAN["number"]},
        "claims": {"name": LAN["name"], "birth_date": LAN["birth_date"]},
        "received_at": "2026-11-20T09:00:00+07:00",
        "inputs": {
            "commune": "00166",
            "from": "2026-12-01",
            "until": "2027-11-30",
            "tenure": "rented",
            "dwelling": {"commune": "00166", "address": "Căn hộ 12-05, số 8 ngõ 21, đường Hoa Sữa"},
            "owner": {"number": PHUC["number"], "name": PHUC["name"]},
            "owner_consent": "given",
        },
    }
    answer = await registry.post("/v1/procedures/1.004194/assessments", body, token)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert said["outcome"] == "pass", said["checks"]
    assert said["deadline"] == {"received_on": "2026-11-20", "due_on": "2026-11-26", "working_days": 3}
    assert said["fee"]["amount"] == 7000
    assert jwt.get_unverified_claims(said["verification"]["receipt"])["procedure_code"] == "1.004194"


async def test_assessment_of_household_insurance(registry):
    """Hùng's household of five, nobody insured: premium 100/70/60/50/40 %, cards after 30 days."""
    token = registry.issuer.personal(HUNG_HOME[0], client_id="insurance-portal")
    body = {
        "purpose": "Đóng bảo hiểm y tế theo hộ gia đình",
        "dossier_code": "G12.899.05-261121-010043",
        "subject": {"number": HUNG_HOME[0]},
        "claims": {"name": "Lê Quang Hùng", "birth_date": "1979-08-23"},
        "received_at": "2026-11-20T09:00:00+07:00",
        "inputs": {"members": HUNG_HOME, "months": 12, "paid_on": "2026-11-20", "facility": "46-001"},
    }
    said = (await registry.post("/v1/procedures/bhyt.household/assessments", body, token)).json()
    assert said["outcome"] == "pass", said
    members = said["premium"]["members"]
    assert [member["monthly"] for member in members] == [113850, 79695, 68310, 56925, 45540]
    assert said["premium"]["total"] == 12 * 364320
    assert {(member["valid_from"], member["valid_until"]) for member in members} == {
        ("2026-12-20", "2027-12-19")
    }


async def test_quotation_looks_nobody_up(registry):
    """Without a subject: premium and deadline, checks open, no verification, no receipt."""
    body = {
        "purpose": "Tính thử mức đóng",
        "received_at": "2026-11-20T09:00:00+07:00",
        "inputs": {"member_count": 2, "months": 3, "paid_on": "2026-11-20"},
    }
    token = registry.issuer.token(client_id="insurance-portal")
    said = (await registry.post("/v1/procedures/bhyt.household/assessments", body, token)).json()
    assert said["premium"]["total"] == 3 * (113850 + 79695)
    assert said["outcome"] == "unknown"
    assert "verification" not in said


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"inputs": {"months": 5, "paid_on": "2026-11-20", "members": HUNG_HOME}}, 400),
        ({"inputs": {"months": 3, "paid_on": "2020-01-01", "members": HUNG_HOME}}, 400),
        ({"inputs": {"months": 3, "paid_on": "2026-11-20", "members": [HUNG_HOME[0]] * 2}}, 400),
        ({"inputs": {"months": 3, "paid_on": "2026-11-20", "members": []}}, 400),
        ({"received_at": "2026-11-20T09:00:00"}, 422),
        ({"surprise": 1}, 422),
        ({"claims": {"alive": True}}, 400),
    ],
)
async def test_assessment_inputs_are_strict(registry, changed, status):
    """Wrong inputs are refused with a problem that names no value."""
    body = {
        "purpose": "Đóng bảo hiểm y tế theo hộ gia đình",
        "dossier_code": "G12.899.05-261121-010043",
        "subject": {"number": HUNG_HOME[0]},
        "received_at": "2026-11-20T09:00:00+07:00",
        "inputs": {"members": HUNG_HOME, "months": 12, "paid_on": "2026-11-20"},
    } | changed
    token = registry.issuer.personal(HUNG_HOME[0], client_id="insurance-portal")
    answer = await registry.post("/v1/procedures/bhyt.household/assessments", body, token)
    assert answer.status_code == status, answer.text
    assert HUNG_HOME[0] not in answer.text


async def test_catalogue_and_references_are_public_and_cached(registry):
    """Catalogue, communes, provinces and keys need no token and answer 304 to their own ETag."""
    for path in (
        "/v1/procedures",
        "/v1/references/communes?province=01",
        "/v1/references/provinces",
        "/.well-known/jwks.json",
    ):
        answer = await registry.http.get(path)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"].startswith("public, max-age=")
        again = await registry.http.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert (await registry.http.get("/v1/references/communes?province=99")).status_code == 404
    communes = (await registry.http.get("/v1/references/communes?province=01")).json()["communes"]
    assert {"code": "00166", "name": "Cầu Giấy", "kind": "phuong", "province_code": "01"} in communes


async def test_documentation_stands_alone(registry):
    """/docs names every endpoint in both languages, with no script and no address of anybody else."""
    document = (await registry.http.get("/openapi.json")).json()
    for language in ("vi", "en"):
        page = await registry.http.get("/docs", headers={"Accept-Language": language})
        assert page.status_code == 200
        assert '<script src="http' not in page.text
        for path in document["paths"]:
            assert path in page.text
        assert ("Cung cấp thông tin" in page.text) == (language == "vi")
        assert ("Release values" in page.text) == (language == "en")
    assert "/v1/verifications" in document["paths"]
    assert (await registry.http.get("/")).headers["Location"] == "/docs"
