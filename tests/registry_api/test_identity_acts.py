"""Acts of the identity authority through HTTP: record, ledger, log and outbox at once, and by whom alone."""

from __future__ import annotations

import orjson
import pytest

from population_registry.api.dossiers import opening
from tests.registry_api.conftest import HAN, LAN
from tests.registry_api.dossiers import (
    CENTRE,
    OFFICER,
    PROVINCE,
    SCOPES,
    act,
    citizen,
    file,
    filing,
    officer,
    rows,
)

pytestmark = pytest.mark.engine
TAM = {"number": "099076000114"}
CARD = """
SELECT d.state, d.state_since::text FROM identity_document d JOIN person p USING (person_id)
 WHERE p.personal_number = $1 ORDER BY d.issued DESC LIMIT 1
"""
TOLD = "SELECT kind, body::text FROM dossier_outbox WHERE dossier_code = $1 AND kind LIKE 'registry.%' ORDER BY kind"


async def ex_officio(registry, code, person, *, by=CENTRE, token=None, **inputs):
    """The answer to an officer who opens it by himself."""
    body = {
        "procedure_code": code,
        "purpose": "Thực hiện Điều 29 Luật Căn cước",
        "filing": "ex_officio",
        "applicant": {"number": person["number"]},
        "officer": by,
        "inputs": {name: each for name, each in ({"decision": "12/QĐ-2026"} | inputs).items() if each},
    }
    return await registry.post("/v1/dossiers", body, token or officer(registry))


async def test_a_card_is_held_and_given_back(own_authority):
    """Law on Identity Art. 29(2), 34(1)(c): one call; record, ledger, log and outbox, in the officer's name."""
    held = await ex_officio(
        own_authority, "identity.card-withdraw", HAN, ground="custody", since="2026-11-20"
    )
    assert held.status_code == 201, held.text
    assert (held.json()["state"], held.json()["decision"]["by"]) == (10, CENTRE)
    assert [tuple(row) for row in await rows(own_authority, CARD, HAN["number"])] == [("held", "2026-11-20")]
    code = held.json()["dossier_code"]
    (told,) = await rows(own_authority, TOLD, code)
    assert (told[0], orjson.loads(told[1])) == (
        "registry.WithdrawCard",
        {"person": HAN["number"], "dossier_code": code},
    )
    ledger = await rows(
        own_authority, "SELECT kind, reason, recorded_by FROM registry_change WHERE dossier_code = $1", code
    )
    assert [tuple(row) for row in ledger] == [("WithdrawCard", "custody", CENTRE)]
    (line,) = await own_authority.log_of(HAN["number"], code)
    assert (line["officer"], line["outcome"]) == (CENTRE, "dossier_filed")

    again = await ex_officio(
        own_authority, "identity.card-withdraw", HAN, ground="prison", since="2026-11-20"
    )
    assert (again.status_code, again.json()["state"]) == (201, 1), "nothing in use: left to an officer"
    back = await ex_officio(
        own_authority, "identity.card-return", HAN, ground="measure_ended", since="2026-11-21"
    )
    assert back.json()["result"] == {"card": "valid", "decision": "12/QĐ-2026"}
    assert [tuple(row) for row in await rows(own_authority, CARD, HAN["number"])] == [("valid", "2026-11-21")]


async def test_a_number_is_set_anew(own_authority):
    """Decree 70/2024 Art. 11(7)(c): drawn anew, the former one leads to the person, who must know is told."""
    filed = await ex_officio(own_authority, "identity.number", LAN, ground="falsified_file")
    assert (filed.status_code, filed.json()["state"]) == (201, 1), filed.text
    assert filed.json()["half_days"] == 30
    await act(own_authority, filed.json(), "receive", by=CENTRE)
    refused = await act(own_authority, filed.json(), "approve", by=CENTRE)
    assert refused.json()["checks"][0]["code"] == "ground", "an officer answers for the papers by name"
    done = await act(own_authority, filed.json(), "approve", by=CENTRE, confirmed=["ground"])
    assert done.status_code == 200, done.text

    read = await own_authority.get(
        f"/v1/dossiers/{filed.json()['dossier_code']}?officer={CENTRE}", officer(own_authority)
    )
    new = read.json()["result"]["number"]
    assert read.json()["result"]["cancelled"] == LAN["number"]
    assert (new[:6], new == LAN["number"]) == (LAN["number"][:6], False)
    assert (await own_authority.get("/v1/dossiers", citizen(own_authority, LAN))).status_code == 200
    (alias,) = await rows(
        own_authority, "SELECT kind, reason FROM personal_number_alias WHERE number = $1", LAN["number"]
    )
    assert tuple(alias) == ("cancelled", "falsified_file")
    answer = await own_authority.post(
        "/v1/releases",
        {
            "purpose": "Cấp tài khoản định danh điện tử",
            "procedure_code": "eid.profile",
            "subject": {"number": LAN["number"]},
            "fields": ["number", "cancelled_numbers"],
        },
        own_authority.issuer.token(client_id="idp"),
    )
    assert answer.json()["values"]["number"] == new, answer.text
    assert LAN["number"] in str(answer.json()["values"]["cancelled_numbers"])


@pytest.mark.attack
async def test_who_may_act_on_identities(authority):
    """Attack 49: territory for cards, the centre alone for numbers; no clerk, no citizen, nobody for themselves."""
    ground = {"ground": "altered", "since": "2026-11-20"}
    cases = [
        ("identity.card-withdraw", "CA-00166-017", {}, "out_of_area"),
        ("identity.card-withdraw", "MC-00166-005", {}, "no_power"),
        ("identity.card-withdraw", CENTRE, {"pid": TAM["number"]}, "own_record"),
        ("identity.number", PROVINCE, {}, "no_power"),
    ]
    for code, by, token, reason in cases:
        inputs = {"ground": "falsified_file"} if code == "identity.number" else ground
        answer = await ex_officio(authority, code, TAM, by=by, token=officer(authority, **token), **inputs)
        assert (answer.status_code, answer.json().get("reason")) == (403, reason), (code, by, answer.text)
    own = citizen(authority, TAM, scope=SCOPES, client_id="national-portal")
    answer = await ex_officio(authority, "identity.card-return", TAM, by=OFFICER, token=own, **ground)
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient-scope")
    body = {"procedure_code": "identity.card-return", "purpose": "Xin lại thẻ", "inputs": {}}
    online = await authority.post("/v1/dossiers", body | {"inputs": ground | {"decision": "1/QĐ"}}, own)
    assert online.status_code in {400, 422}, online.text
    assert [row[0] for row in await rows(authority, CARD, TAM["number"])] != ["withdrawn"]


@pytest.mark.attack
async def test_a_back_office_decides_its_own_dossiers(authority):
    """Attack 49: an insurer's system names no officer of the police, nor does theirs decide for the insurer."""
    insurer = officer(authority, client_id="insurer", agency_code="G34")
    ground = {"ground": "altered", "since": "2026-11-20"}
    answer = await ex_officio(authority, "identity.card-withdraw", TAM, token=insurer, **ground)
    assert (answer.status_code, answer.json().get("reason")) == (403, "no_office"), answer.text
    dossier = await file(authority, TAM, client="residence-portal")
    refused = await act(authority, dossier, "receive", insurer, version=dossier["version"], by=CENTRE)
    assert (refused.status_code, refused.json().get("reason")) == (403, "no_office")
    police = officer(authority, agency_code="G01.899.06")
    assert (await act(authority, dossier, "receive", police, by=CENTRE)).status_code == 200
    card = await ex_officio(authority, "bhyt.death", TAM, token=police, decision=None, deceased=TAM["number"])
    assert (card.status_code, card.json().get("reason")) == (403, "no_office"), card.text
    justice = officer(authority, client_id="civil-status", agency_code="G15")
    card = await ex_officio(
        authority, "bhyt.death", TAM, token=justice, decision=None, deceased=TAM["number"]
    )
    assert (card.status_code, card.json().get("reason")) == (403, "no_office"), card.text


@pytest.mark.attack
async def test_nobody_applies_for_what_only_the_authority_does(authority):
    """Law on Identity Art. 29: no card is withdrawn on a form that somebody handed in."""
    body = {
        "procedure_code": "identity.card-withdraw",
        "purpose": "Đơn nộp tại quầy",
        "filing": "paper",
        "applicant": {"number": TAM["number"]},
        "officer": CENTRE,
        "inputs": {"ground": "altered", "since": "2026-11-20", "decision": "đơn"},
    }
    filed = await authority.post("/v1/dossiers", body, officer(authority))
    assert (filed.status_code, filed.json()["state"]) == (201, 1)
    await act(authority, filed.json(), "receive", by=CENTRE)
    refused = await act(authority, filed.json(), "approve", by=CENTRE)
    assert refused.json()["checks"] == [
        {"code": "authority", "flag": "fail", "reasons": ["ex_officio_only"]}
    ], refused.text


@pytest.mark.attack
async def test_many_applications_hinder_no_authority(authority, monkeypatch):
    """Attack 39: who has filed as much as one may cannot keep the authority from opening a dossier about them."""
    monkeypatch.setattr(opening, "MOST_OPEN", 0)
    refused = await authority.post("/v1/dossiers", filing(), citizen(authority, HAN))
    assert (refused.status_code, refused.json()["code"]) == (429, "dossier-too-many")
    answer = await ex_officio(authority, "identity.card-withdraw", HAN, ground="altered", since="2026-11-20")
    assert (answer.status_code, answer.json().get("state")) == (201, 10), answer.text
