"""Dossiers filed by somebody else: staff of a counter, a parent, a guardian; and the record's word at every use."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from population_registry.storage.connections import connect
from tests.registry_api.conftest import LAN, Registry
from tests.registry_api.dossiers import citizen, filing, rows

pytestmark = pytest.mark.engine
QUYNH, DAUGHTER, BROTHER = "099190000153", "099322000154", "099099000156"
FATHER, MAI, BAO = "099088000155", "099180000109", "099212000108"
STAFF = {
    "sub": "staff-pseudonym",
    "kind": "assistance",
    "organisation": "Trung tâm phục vụ hành chính công phường Cầu Giấy",
    "confirmation": "code",
}


def represented(registry: Registry, guardian: str, dependant: str, basis: str = "parent", **more: Any) -> str:
    """The token of somebody who acts for a dependant."""
    act = {"sub": f"pairwise-{guardian[-3:]}", "kind": "representative", "basis": basis, "pid": guardian}
    return citizen(registry, {"number": dependant}, act=act, **more)


async def test_a_counters_dossier_says_who_filed_it(authority: Registry) -> None:
    """Public services 12: assisted, and by whom; the applicant is the citizen, who reads of it in the log."""
    token = citizen(authority, LAN, act=STAFF)
    answer = await authority.post("/v1/dossiers", filing(), token)
    assert answer.status_code == 201, answer.text
    dossier = answer.json()
    assert dossier["assisted"] is True
    assert dossier["filed_by"] == {name: value for name, value in STAFF.items() if name != "sub"}
    (row,) = await rows(
        authority,
        "SELECT officer FROM access_log WHERE dossier_code = $1 AND outcome = 'dossier_filed' LIMIT 1",
        dossier["dossier_code"],
    )
    assert row["officer"] == "staff-pseudonym"


async def test_a_parent_files_for_a_child(authority: Registry) -> None:
    """Civil Code Art. 136: the applicant is the child; the dossier names the parent, and is no assisted one."""
    token = represented(authority, QUYNH, DAUGHTER)
    answer = await authority.post("/v1/dossiers", filing(), token)
    assert answer.status_code == 201, answer.text
    dossier = answer.json()
    assert dossier["assisted"] is False
    assert dossier["filed_by"] == {
        "kind": "representative",
        "basis": "parent",
        "name": "Trịnh Thị Như Quỳnh",
    }
    listed = (await authority.get("/v1/dossiers", token)).json()["dossiers"]
    assert dossier["dossier_code"] in {each["dossier_code"] for each in listed}
    assert QUYNH not in answer.text


async def test_a_guardian_of_an_adult_acts(authority: Registry) -> None:
    """Civil Code Art. 46-57: by the court's decision on record, whatever the ward's age."""
    answer = await authority.post(
        "/v1/dossiers", filing(), represented(authority, QUYNH, BROTHER, "guardian")
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["filed_by"]["basis"] == "guardian"


@pytest.mark.attack
@pytest.mark.parametrize(
    ("guardian", "dependant"),
    [(LAN["number"], DAUGHTER), (FATHER, DAUGHTER), (MAI, DAUGHTER), (DAUGHTER, QUYNH)],
)
async def test_the_record_decides_and_not_the_token(
    authority: Registry, guardian: str, dependant: str
) -> None:
    """Attack 52: a stranger, the parent without custody in a matter of residence, a child for its mother."""
    token = represented(authority, guardian, dependant)
    answer = await authority.post("/v1/dossiers", filing(), token)
    assert (answer.status_code, answer.json()["code"]) == (403, "authority-ended")


@pytest.mark.attack
async def test_a_birthday_and_a_court_end_it_between_issue_and_use(authority: Registry) -> None:
    """Attack 52: nothing but the clock, or the end of a guardianship, moves; the token of a moment ago is over."""
    token = represented(authority, MAI, BAO, "guardian")
    assert (await authority.get("/v1/dossiers", token)).status_code == 200
    connection = await connect(authority.database_url)
    try:
        await connection.execute(
            "UPDATE guardianship SET until = '2026-11-21' WHERE person_id = "
            "(SELECT person_id FROM person WHERE personal_number = $1)",
            BAO,
        )
        refused = await authority.get("/v1/dossiers", token)
        assert (refused.status_code, refused.json()["code"]) == (403, "authority-ended")
        await connection.execute(
            "UPDATE guardianship SET until = NULL WHERE person_id = "
            "(SELECT person_id FROM person WHERE personal_number = $1)",
            BAO,
        )
    finally:
        await connection.close()
    birthday = datetime(2030, 2, 13, 17, 0, tzinfo=UTC)
    authority.clock.advance((birthday - authority.clock.now()).total_seconds() - 1)
    assert (await authority.get("/v1/dossiers", represented(authority, MAI, BAO))).status_code == 200
    authority.clock.advance(1)
    answer = await authority.get("/v1/dossiers", represented(authority, MAI, BAO))
    assert (answer.status_code, answer.json()["code"]) == (403, "authority-ended")


@pytest.mark.attack
async def test_release_ends_at_fourteen(authority: Registry) -> None:
    """Decree 69/2024 Art. 14(2): a parent reads a small child's record; of a fourteen-year-old only files."""
    body = {
        "purpose": "Điền sẵn hồ sơ",
        "procedure_code": "1.004194",
        "dossier_code": "H26.17.05.13-261121-0001",
        "fields": ["name", "birth_date"],
    }
    scope = "registry:dossiers registry:release"
    small = represented(authority, QUYNH, DAUGHTER, scope=scope)
    answer = await authority.post("/v1/releases", body | {"subject": {"number": DAUGHTER}}, small)
    assert answer.status_code == 200, answer.text
    older = represented(authority, MAI, BAO, "guardian", scope=scope)
    answer = await authority.post("/v1/releases", body | {"subject": {"number": BAO}}, older)
    assert (answer.status_code, answer.json()["code"]) == (403, "authority-ended")


@pytest.mark.attack
@pytest.mark.parametrize(
    "act",
    [
        "somebody",
        {"kind": "assistance"},
        {"sub": "a", "kind": "emperor"},
        {"sub": "a", "kind": "representative"},
        {"sub": "a", "kind": "representative", "pid": "12"},
        {"sub": "a", "organisation": ["x"]},
    ],
)
async def test_an_act_that_says_nothing_opens_nothing(authority: Registry, act: Any) -> None:
    """RFC 8693 4.1: who acts is named in our terms, or the token is none."""
    answer = await authority.get("/v1/dossiers", citizen(authority, LAN, act=act))
    assert answer.status_code == 401


@pytest.mark.attack
async def test_a_dossiers_token_files_that_dossier_once(authority: Registry) -> None:
    """RFC 9396: the code in the agreement is the only one that it files, and a code is filed once."""
    code = "H26.17.05.13-261121-0042"
    agreed = {
        "type": "vn_identity_verification",
        "procedure": "1.004194",
        "purpose": "Nộp hồ sơ trực tuyến",
        "dossier": code,
        "claims": ["name"],
    }
    token = citizen(authority, LAN, act=STAFF, authorization_details=[agreed])
    other = await authority.post("/v1/dossiers", filing() | {"dossier_code": code[:-1] + "3"}, token)
    assert other.json()["code"] == "outside-authorization-details"
    assert (await authority.post("/v1/dossiers", filing() | {"dossier_code": code}, token)).status_code == 201
    again = await authority.post("/v1/dossiers", filing() | {"dossier_code": code}, token)
    assert (again.status_code, again.json()["code"]) == (409, "dossier-code-taken")
    assert code in (await authority.get("/v1/dossiers", token)).text
