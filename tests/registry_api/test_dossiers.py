"""`/v1/dossiers`: from filing to the result, over HTTP and on the real database."""

from __future__ import annotations

import asyncio

import pytest

from tests.registry_api.conftest import HAN, LAN, LOC, NOBODY, PHUC
from tests.registry_api.dossiers import (
    CENTRE,
    FLAT,
    HOA,
    OFFICER,
    act,
    citizen,
    consent,
    file,
    filing,
    officer,
    pay,
    rows,
)

pytestmark = pytest.mark.engine
MAI = {"number": "099180000109", "name": "Nguyễn Thị Mai", "birth_date": "1980-06-25"}
BAO = {"number": "099212000108", "name": "Nguyễn Gia Bảo", "birth_date": "2012-02-14"}


async def processing(authority, person=LAN, **inputs):
    """A dossier in state 4: both owners agreed, the fee is paid, an officer received it."""
    dossier = await file(authority, person, **inputs)
    assert (await consent(authority, dossier, PHUC)).status_code == 204
    assert (await consent(authority, dossier, HOA)).status_code == 204
    assert (await pay(authority, dossier)).status_code == 200
    received = await act(authority, dossier, "receive")
    assert received.json()["state"] == 4, received.text
    return received.json()


def unknown(dossier):
    """Codes of the checks that only an officer can decide."""
    return [check["code"] for check in dossier["checks"] if check["flag"] == "unknown"]


async def test_from_filing_to_the_result(own_authority):
    """Law on Residence Art. 28: consents, fee, CT04, approval, return; record, ledger and access log say so."""
    dossier = await file(own_authority)
    assert dossier["state"] == 1
    assert [(c["role"], c["state"]) for c in dossier["consents"]] == [("owner", "asked")] * 2
    assert (dossier["fee"]["amount"], dossier["fee"]["state"], dossier["due_on"]) == (7000, "due", None)
    received = (await act(own_authority, dossier, "receive")).json()
    assert (received["state"], received["history"][-1]["form"], received["due_on"]) == (
        2,
        "CT04",
        "2026-11-26",
    )
    await consent(own_authority, dossier, PHUC)
    await consent(own_authority, dossier, HOA)
    token = citizen(own_authority, LAN)
    path = f"/v1/dossiers/{dossier['dossier_code']}"
    assert (await own_authority.get(path, token)).json()["state"] == 6
    paid = await pay(own_authority, dossier)
    assert (paid.json()["state"], paid.json()["fee"]["state"]) == (4, "paid")
    done = await act(own_authority, dossier, "approve")
    assert (done.json()["state"], done.json()["history"][-1]["form"]) == (9, "CT08"), done.text
    assert (await act(own_authority, dossier, "return_result")).json()["state"] == 10
    found = await rows(
        own_authority,
        "SELECT r.until::text, c.reason, c.recorded_by FROM residence r JOIN registry_change c USING (person_id) "
        "WHERE c.dossier_code = $1 AND r.kind = 'temporary' AND r.ended IS NULL AND c.kind = 'RegisterResidence'",
        dossier["dossier_code"],
    )
    assert [tuple(row) for row in found] == [(dossier["inputs"]["until"], "registered", OFFICER)]
    outcomes = {row["outcome"] for row in await own_authority.log_of(LAN["number"], dossier["dossier_code"])}
    assert {"dossier_filed", "dossier_receive", "dossier_approve"} <= outcomes
    told = await rows(
        own_authority,
        "SELECT body->>'act', recipients FROM dossier_outbox WHERE dossier_code = $1 AND kind = 'dossier.event'",
        dossier["dossier_code"],
    )
    assert {"file", "receive", "process", "approve", "return_result"} <= {row[0] for row in told}
    assert {tuple(row[1]) for row in told} == {("residence-portal", "national-portal")}


async def test_of_two_officers_one_wins(authority):
    """Officers who decide the same dossier at the same moment: one decision stands, the others meet 409."""
    dossier = await processing(authority, HAN)
    body = {"version": dossier["version"], "confirmed": unknown(dossier)}
    answers = await asyncio.gather(
        act(authority, dossier, "approve", **body),
        act(authority, dossier, "refuse", reason="Giấy tờ không khớp", **body),
        act(authority, dossier, "approve", **body),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409], [a.text for a in answers]
    (count,) = await rows(
        authority,
        "SELECT count(*) FROM dossier_event WHERE dossier_code = $1 AND act IN ('approve', 'refuse')",
        dossier["dossier_code"],
    )
    assert count[0] == 1


async def test_a_stale_officer_is_told(authority):
    """The act names the version that its author saw; another one is 409 with the version of now."""
    dossier = await file(authority)
    answer = await act(authority, dossier, "receive", version=dossier["version"] + 7)
    assert (answer.status_code, answer.json()["code"]) == (409, "dossier-changed")
    assert answer.json()["version"] == dossier["version"]


async def test_double_submission(authority):
    """The same application twice: 409 with the first one's code, also when both arrive at the same moment."""
    body = filing()
    token = citizen(authority, MAI)
    answers = await asyncio.gather(*(authority.post("/v1/dossiers", body, token) for _ in range(3)))
    assert sorted(each.status_code for each in answers) == [201, 409, 409]
    first = next(each.json() for each in answers if each.status_code == 201)
    again = await authority.post("/v1/dossiers", body, token)
    assert (again.json()["code"], again.json()["dossier_code"]) == (
        "dossier-duplicate",
        first["dossier_code"],
    )


async def test_whoever_withdrew_files_anew_at_once(authority):
    """Decree 118/2025 Art. 21: what was taken back is no longer wanted, before the notice of stop as after it."""
    dossier = await processing(authority, MAI)
    token = citizen(authority, MAI)
    body = filing(dossier["procedure_code"], **dossier["inputs"])
    path = f"/v1/dossiers/{dossier['dossier_code']}"
    assert (await authority.post("/v1/dossiers", body, token)).json()["code"] == "dossier-duplicate"
    assert (await authority.post(f"{path}/withdrawal", {}, token)).json()["state"] == 7
    answers = await asyncio.gather(*(authority.post("/v1/dossiers", body, token) for _ in range(3)))
    assert sorted(each.status_code for each in answers) == [201, 409, 409], [a.text for a in answers]
    second = next(each.json() for each in answers if each.status_code == 201)
    assert {each.json().get("dossier_code") for each in answers} == {second["dossier_code"]}
    stopped = (await act(authority, dossier, "stop", reason="Công dân rút hồ sơ")).json()
    assert stopped["state"] == 8
    assert (await authority.get(f"/v1/dossiers/{second['dossier_code']}", token)).json()["state"] == 1


async def test_idempotency_key(authority):
    """The same key and body get the same dossier, also when both arrive at once; another body under it is refused."""
    key = {"Idempotency-Key": "f3c1f5a1-dossier-0001"}
    body, token = filing(), citizen(authority, MAI)
    answers = await asyncio.gather(*(authority.post("/v1/dossiers", body, token, **key) for _ in range(3)))
    assert {each.status_code for each in answers} <= {200, 201}
    assert len({each.content for each in answers}) == 1
    other = await authority.post("/v1/dossiers", filing(), token, **key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


async def test_the_portal_may_bring_its_code(authority):
    """Circular 04/2025: a code that the portal reserved is kept; one that is taken is refused."""
    body = filing() | {"dossier_code": "G01.899.05-261121-019999"}
    token = citizen(authority, MAI)
    assert (await authority.post("/v1/dossiers", body, token)).json()["dossier_code"] == body["dossier_code"]
    taken = await authority.post("/v1/dossiers", filing() | {"dossier_code": body["dossier_code"]}, token)
    assert (taken.status_code, taken.json()["code"]) == (409, "dossier-code-taken")
    strange = await authority.post("/v1/dossiers", filing() | {"dossier_code": "x"}, token)
    assert (strange.status_code, strange.json()["member"]) == (400, "dossier_code")


async def test_supplement(authority):
    """CT05: the clock stands, the applicant answers with whole inputs, an officer sees what was before."""
    dossier = await processing(authority, MAI)
    asked = (await act(authority, dossier, "ask_supplement", reason="Sai ngày kết thúc")).json()
    assert (asked["state"], asked["due_on"], asked["history"][-1]["form"]) == (5, None, "CT05")
    inputs = dossier["inputs"] | {"until": "2027-01-15"}  # a day that no other dossier of these tests has
    path = f"/v1/dossiers/{dossier['dossier_code']}/supplements"
    token = citizen(authority, MAI)
    stale = await authority.post(path, {"version": 1, "inputs": inputs}, token)
    assert stale.json()["code"] == "dossier-changed"
    answered = await authority.post(path, {"version": asked["version"], "inputs": inputs}, token)
    assert (answered.json()["state"], answered.json()["inputs"]["until"]) == (4, "2027-01-15"), answered.text
    assert answered.json()["due_on"] == "2026-11-26"
    wrong = await authority.post(path, {"version": answered.json()["version"], "inputs": inputs}, token)
    assert wrong.json()["code"] == "dossier-state"


async def test_withdrawn_and_refunded(authority):
    """Decree 118/2025 Art. 21: 7, then the notice of stop, 8; what was paid goes back under a reference."""
    dossier = await processing(authority, MAI)
    path = f"/v1/dossiers/{dossier['dossier_code']}"
    gone = await authority.post(f"{path}/withdrawal", {}, citizen(authority, MAI))
    assert gone.json()["state"] == 7, gone.text
    stopped = (await act(authority, dossier, "stop", reason="Công dân rút hồ sơ")).json()
    assert (stopped["state"], stopped["fee"]["state"]) == (8, "refund_due")
    portal = authority.issuer.token(scope="registry:dossiers")
    back = await authority.post(f"{path}/refunds", {"reference": "REF-000001"}, portal)
    assert back.json()["fee"]["state"] == "refunded"


async def test_notices_need_no_officer(authority):
    """Law on Residence Art. 30: a stay is on the record the moment it is announced, with the result."""
    inputs = {
        "dwelling": FLAT,
        "reason": "Thăm người thân",
        "arrived_at": "2026-11-21T09:30:00+07:00",
        "until": "2026-11-25",
        "people": [{"number": HAN["number"], "name": HAN["name"], "birth_date": HAN["birth_date"]}],
    }
    dossier = await file(authority, PHUC, "2.001159", **inputs)
    assert (dossier["state"], dossier["result"]) == (10, {"in_time": True, "one_notice_is_enough": False})
    (noted,) = await rows(
        authority,
        "SELECT count(*) FROM stay s JOIN registry_change c USING (person_id) WHERE c.dossier_code = $1 "
        "AND c.kind = 'NoteStay' AND s.reason = 'Thăm người thân'",
        dossier["dossier_code"],
    )
    assert noted[0] >= 1


async def test_deleted_ex_officio(authority):
    """Decree 58/2026 Art. 4(6): what the registry knows of a death is deleted within one working day, unasked."""
    body = {
        "procedure_code": "residence.delete-permanent",
        "purpose": "Xóa đăng ký thường trú theo dữ liệu khai tử",
        "filing": "ex_officio",
        "officer": CENTRE,
        "applicant": {"number": LOC["number"]},
        "inputs": {"ground": "death", "since": "2026-08-14"},
    }
    filed = await authority.post("/v1/dossiers", body, officer(authority))
    assert filed.status_code == 201, filed.text
    dossier = filed.json()
    assert dossier["half_days"] == 2
    received = await act(authority, dossier, "receive", by=CENTRE)
    done = await act(authority, dossier, "approve", version=received.json()["version"], by=CENTRE)
    if done.status_code == 409:  # the record of the persona has no registration left to delete
        assert {c["code"] for c in done.json()["checks"]} == {"registration"}
        return
    (found,) = await rows(
        authority,
        "SELECT count(*) FROM residence JOIN person USING (person_id) WHERE personal_number = $1 "
        "AND kind = 'permanent' AND ended IS NULL",
        LOC["number"],
    )
    assert found[0] == 0


async def test_an_officer_records_what_was_said(authority):
    """Decree 58/2026 Art. 4(5): an oral opinion recorded at verification counts, with officer and evidence."""
    dossier = await file(authority, MAI)
    said = {"person": {"number": HOA["number"]}, "given": True, "channel": "recorded"}
    missing = await act(authority, dossier, "record_consent", **said)
    assert (missing.status_code, missing.json()["member"]) == (400, "evidence")
    done = await act(authority, dossier, "record_consent", **said, evidence="Biên bản 12/BB-CAP")
    states = [(c["state"], c["channel"]) for c in done.json()["consents"]]
    assert sorted(states, key=str) == [("asked", None), ("given", "recorded")]


async def test_lists(authority):
    """A person lists the own dossiers page by page, and the consents that others ask of them with who asks."""
    mine = []
    for _ in range(2):
        authority.clock.advance(minutes=30)  # newer than what other tests filed
        mine.append((await file(authority, BAO))["dossier_code"])
    token = citizen(authority, BAO)
    first = (await authority.get("/v1/dossiers?limit=1", token)).json()
    second = (await authority.get(f"/v1/dossiers?limit=1&cursor={first['next_cursor']}", token)).json()
    seen = [each["dossier_code"] for each in (*first["dossiers"], *second["dossiers"])]
    assert seen == mine[::-1]
    asked = (await authority.get("/v1/consents", citizen(authority, PHUC))).json()["consents"]
    entry = next(each for each in asked if each["dossier_code"] in mine)
    assert (entry["applicant"], entry["open"], entry["about"]["dwelling"]) == (BAO["name"], True, FLAT)


async def test_nobody_files_for_nobody(authority):
    """A number of nobody, and a number whose holder died, file nothing."""
    nobody = await authority.post("/v1/dossiers", filing(), citizen(authority, NOBODY))
    assert (nobody.status_code, nobody.json()["code"]) == (404, "person-unknown")
    dead = await authority.post("/v1/dossiers", filing(), citizen(authority, LOC))
    assert (dead.status_code, dead.json()["code"]) == (403, "dossier-applicant")
