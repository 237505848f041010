"""POST /v1/verifications through HTTP: flags out, a receipt anybody can check, a row in the log."""

from __future__ import annotations

import orjson
import pytest
from jose import jwt

from population_registry.storage.connections import connect
from tests.registry_api.conftest import HUNG_HOME, LAN, LOC, NOBODY, PHUC, REGISTRY

pytestmark = pytest.mark.engine


async def test_flags_come_out_and_no_value(registry):
    """Each claim is answered by a flag with reasons; the right value of a wrong claim is nowhere in the answer."""
    answer = await registry.verify(
        LAN, claims={"alive": True, "outside_commune": "00166", "permanent_commune": "00166", "sex": "Nam"}
    )
    assert answer.status_code == 200
    said = answer.json()
    assert said["identity"] == "established"
    flags = {name: result["flag"] for name, result in said["results"].items()}
    assert flags == {
        "name": "match",
        "birth_date": "match",
        "alive": "match",
        "outside_commune": "match",
        "permanent_commune": "mismatch",
        "sex": "mismatch",
    }
    told = orjson.dumps([said["results"], jwt.get_unverified_claims(said["receipt"])["results"]]).decode()
    for value in (
        "16744",
        "female",
        "Bản Mẫu",
    ):  # not looked for among random letters, where five digits may be
        assert value not in told
    assert LAN["number"] not in answer.text


async def test_receipt_is_checked_offline_by_another_library(registry):
    """python-jose verifies the receipt with the published keys; it holds no number and no value."""
    answer = (await registry.verify(LAN, claims={"alive": True})).json()
    jwks = (await registry.http.get("/.well-known/jwks.json")).json()
    claims = jwt.decode(
        answer["receipt"], jwks, algorithms=["ES256"], audience="residence-portal", issuer=REGISTRY
    )
    assert jwt.get_unverified_header(answer["receipt"])["typ"] == "identity-receipt+jwt"
    assert claims["procedure_code"] == "1.004194"
    assert claims["dossier_code"] == "G01.899.05-261121-010042"
    assert claims["officer"] == "CA-00166-017"
    assert claims["results"]["alive"] == {"flag": "match", "reasons": []}
    text = orjson.dumps(claims).decode()
    assert LAN["number"] not in text
    assert LAN["name"] not in text


async def test_pseudonym_differs_between_clients(registry):
    """Receipts of two clients about one person carry different subjects, so they cannot be joined."""
    subjects = set()
    for client, body in (("residence-portal", {}), ("national-portal", {})):
        answer = await registry.verify(LAN, registry.issuer.token(client_id=client), **body)
        subjects.add(jwt.get_unverified_claims(answer.json()["receipt"])["sub"])
    assert len(subjects) == 2


async def test_row_is_written_before_the_answer_leaves(registry):
    """The access log names client, agency, officer, purpose, dossier, fields and receipt of the answer given."""
    answer = (await registry.verify(PHUC, registry.issuer.token(agency_code="G01.899"))).json()
    receipt_id = jwt.get_unverified_claims(answer["receipt"])["jti"]
    connection = await connect(registry.database_url)
    try:
        row = await connection.fetchrow("SELECT * FROM access_log WHERE receipt_id = $1", receipt_id)
        kept = await connection.fetchrow("SELECT * FROM receipt WHERE receipt_id = $1", receipt_id)
    finally:
        await connection.close()
    assert (row["client_id"], row["agency"], row["officer"]) == (
        "residence-portal",
        "G01.899",
        "CA-00166-017",
    )
    assert orjson.loads(row["fields"]) == {"name": "verified", "birth_date": "verified"}
    assert row["dossier_code"] == "G01.899.05-261121-010042"
    assert kept["subject_id"] == row["subject_id"] is not None


async def test_owner_of_the_dwelling(registry):
    """The owner may be named by number and name with the address; a wrong owner and a wrong name look alike."""
    flat = {"commune": "00166", "address": "căn hộ 12-05, số 8 ngõ 21, đường Hoa Sữa"}
    right = flat | {"number": PHUC["number"], "name": "Trần Văn Phúc"}
    answers = [
        (await registry.verify(LAN, claims={"dwelling_owner": asked})).json()["results"]["dwelling_owner"]
        for asked in (
            right,
            right | {"name": "Trần Văn Phước"},
            flat | {"number": LOC["number"]},
            flat | {"number": "099199999999"},
        )
    ]
    assert answers[0]["flag"] == "match"
    assert answers[1] == answers[2] == answers[3] == {"flag": "mismatch", "reasons": ["not_owner"]}


async def test_cancelled_number_leads_to_its_person(registry):
    """A question by a cancelled number is answered and says that the number was replaced (Decree 70/2024 Art. 11)."""
    han = {"number": "099191000123", "name": "Lý Ngọc Hân", "birth_date": "1992-08-08"}
    said = (await registry.verify(han)).json()
    assert said["identity"] == "established"
    assert said["results"]["number"] == {"flag": "close", "reasons": ["number_replaced"]}


async def test_present_person_is_told_which_claim_is_wrong(registry):
    """With the person's own token a wrong name is a mismatch and the rest is still judged."""
    wrong = LAN | {"name": "Nguyễn Thị Lành"}
    said = (await registry.verify(wrong, registry.issuer.personal(LAN["number"]))).json()
    assert said["identity"] == "established"
    assert said["results"]["name"]["flag"] == "mismatch"
    assert said["results"]["birth_date"]["flag"] == "match"


async def test_household_of_the_insurance_procedure(registry):
    """Members are flagged one by one; a stranger, dead or not existing, is simply not in the household."""
    members = [*HUNG_HOME[:3], PHUC["number"], "099199999999"]
    body = {
        "purpose": "Đóng bảo hiểm y tế theo hộ gia đình",
        "procedure_code": "bhyt.household",
        "dossier_code": "G12.899.05-261121-010043",
        "subject": {"number": HUNG_HOME[0]},
        "claims": {
            "household_members": members,
            "health_insurance": {"on": "2026-11-21", "state": "none", "members": members},
        },
    }
    token = registry.issuer.personal(HUNG_HOME[0], client_id="insurance-portal")
    said = (await registry.post("/v1/verifications", body, token)).json()
    assert said["results"]["household_members"]["members"] == [
        "match",
        "match",
        "match",
        "mismatch",
        "mismatch",
    ]
    insurance = said["results"]["health_insurance"]
    assert insurance["members"] == ["match", "match", "match", "unknown", "unknown"]
    assert insurance["member_details"][3:] == [None, None]
    assert insurance["detail"]["interruption"] == "never"


@pytest.mark.attack
@pytest.mark.parametrize(
    "stranger",
    [
        NOBODY,
        LAN | {"name": "Trần Văn Phúc"},
        LAN | {"birth_date": "1994-05-18"},
        PHUC | {"name": "Nguyễn Thị Lan", "birth_date": "1994-05-17"},
    ],
)
async def test_strangers_look_alike(registry, stranger):
    """Nobody's number, a wrong name and a wrong birth date give the same bytes but for random parts (attack 50)."""
    claims = {"alive": True, "outside_commune": "00166", "sex": "female"}
    asked = await registry.verify(stranger, claims=claims)
    reference = await registry.verify(NOBODY | {"number": "099199999998"}, claims=claims)
    assert asked.status_code == reference.status_code == 200
    assert len(asked.content) == len(reference.content)
    assert _comparable(asked.json()) == _comparable(reference.json())
    assert {n: v for n, v in asked.headers.items() if n != "x-request-id"}.keys() == {
        n for n in reference.headers if n != "x-request-id"
    }


@pytest.mark.attack
async def test_the_dead_look_like_nobody_without_the_right_to_know(registry, monkeypatch):
    """A procedure that may not ask `alive` cannot tell a dead person from a number of nobody (attack 50)."""
    catalogue = registry.app.state.service.answering.catalogue
    procedure = catalogue.procedures["1.004194"]
    import dataclasses

    blind = dataclasses.replace(procedure, verifiable=procedure.verifiable - {"alive"})
    monkeypatch.setitem(catalogue.procedures, "1.004194", blind)
    dead, nobody = await registry.verify(LOC), await registry.verify(NOBODY)
    assert len(dead.content) == len(nobody.content)
    assert _comparable(dead.json()) == _comparable(nobody.json())


async def test_the_dead_are_known_to_a_procedure_that_may_ask(registry):
    """Where `alive` may be asked, the answer is a mismatch of that claim alone."""
    said = (await registry.verify(LOC, claims={"alive": True})).json()
    assert said["identity"] == "established"
    assert said["results"]["alive"]["flag"] == "mismatch"


def _comparable(answer):
    """The answer without what is random or signed; of the receipt what is no identifier and no place."""
    receipt = jwt.get_unverified_claims(answer.pop("receipt"))
    for name in ("jti", "sub", "status"):
        receipt.pop(name)
    answer.pop("verification_id")
    return answer, receipt
