"""POST /v1/documents/checks through HTTP: what the card shows, what the record says, who may learn what."""

from __future__ import annotations

import base64

import orjson
import pytest
from jose import jwt

from population_registry.cards import document_of
from population_registry.papers.chip.issuing import issue_card
from population_registry.storage import load_facts
from population_registry.storage.connections import connect
from tests.registry_api.conftest import LAN, LOC, NOBODY, PHUC, REGISTRY
from tests.registry_papers.cards import NOW, card

pytestmark = pytest.mark.engine
PATH = "/v1/documents/checks"


def asking(document, **changed):
    """The body of a check for 1.004194."""
    return {
        "purpose": "Kiểm tra thẻ khi tiếp nhận hồ sơ",
        "procedure_code": "1.004194",
        "dossier_code": "G01.899.05-261121-030001",
        "officer": "CA-00166-017",
        "document": document,
    } | changed


async def shown(registry, card_keys, number):
    """The demo card of a persona: each member can be sent as `document`."""
    connection = await connect(registry.database_url)
    try:
        person = (await load_facts(connection, [number])).subject
    finally:
        await connection.close()
    return document_of(issue_card(person, card_keys.signer(NOW), NOW.date()))


async def check(registry, document, token=None, **changed):
    """One check."""
    return await registry.post(PATH, asking(document, **changed), token or registry.issuer.token())


def flags(answer):
    """Flag and reasons by claim."""
    assert answer.status_code == 200, answer.text
    return {name: (said["flag"], *said["reasons"]) for name, said in answer.json()["results"].items()}


async def test_genuine_chip_of_a_usable_card(registry, card_keys):
    """Everything agrees: the card is genuine, the record holds it, it may be used, and no value leaves."""
    persona = await shown(registry, card_keys, LAN["number"])
    answer = await check(registry, {"chip": persona["chip"]})
    assert set(flags(answer).values()) == {("match",)}
    assert flags(answer).keys() == {"name", "birth_date", "sex", "card"}
    said = answer.json()
    assert said["identity"] == "established"
    assert said["document"]["kind"] == "chip"
    assert said["document"]["authentic"] == {"flag": "match", "reasons": []}
    assert {check["flag"] for check in said["document"]["checks"].values()} == {"match"}
    for value in (LAN["number"], LAN["name"], LAN["birth_date"], "2025-03-11"):
        assert value.encode() not in answer.content


async def test_receipt_says_what_was_shown(registry, card_keys):
    """The receipt carries the document's findings and the record's flags, checked offline by another library."""
    persona = await shown(registry, card_keys, LAN["number"])
    answer = (await check(registry, {"chip": persona["chip"]})).json()
    jwks = (await registry.http.get("/.well-known/jwks.json")).json()
    claims = jwt.decode(
        answer["receipt"], jwks, algorithms=["ES256"], audience="residence-portal", issuer=REGISTRY
    )
    assert claims["document"] == answer["document"]
    assert claims["results"]["card"] == {"flag": "match", "reasons": []}
    assert LAN["number"] not in orjson.dumps(claims).decode()


async def test_qr_and_zone_are_no_proof(registry, card_keys):
    """Both spare typing: the record agrees, but `authentic` stays unknown because nothing is signed."""
    persona = await shown(registry, card_keys, PHUC["number"])
    for kind, name in (("qr", ("match",)), ("mrz", ("close", "without_diacritics"))):
        answer = await check(registry, {kind: persona[kind]})
        assert answer.json()["document"]["authentic"] == {"flag": "unknown", "reasons": ["unsigned"]}
        assert answer.json()["identity"] == "established"
        found = flags(answer)
        assert found["name"] == name
        assert found["birth_date"] == found["sex"] == found["card"] == ("match",)
    assert "old_number" in flags(await check(registry, {"qr": persona["qr"]}))


async def test_the_check_is_in_the_holders_log(registry, card_keys):
    """The access log has purpose, dossier, officer and the fields compared before the answer leaves."""
    persona = await shown(registry, card_keys, LAN["number"])
    await check(registry, {"qr": persona["qr"]}, dossier_code="G01.899.05-261121-030002")
    answer = await registry.get("/v1/access-log?limit=100", registry.issuer.personal(LAN["number"]))
    (row,) = [e for e in answer.json()["entries"] if e["dossier_code"] == "G01.899.05-261121-030002"]
    assert row["fields"].keys() == {"name", "birth_date", "sex", "card"}
    assert set(row["fields"].values()) == {"verified"}
    assert (row["officer"], row["purpose"]) == ("CA-00166-017", "Kiểm tra thẻ khi tiếp nhận hồ sơ")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("state = 'withdrawn'", ("mismatch", "card_withdrawn")),
        ("state = 'lost'", ("mismatch", "card_lost")),
        ("state = 'held'", ("mismatch", "card_held")),
        ("expires = '2026-11-20'", ("mismatch", "card_expired")),
    ],
)
async def test_state_of_the_card(registry, card_keys, change, said):
    """A card that was withdrawn, lost, held or has ended is named so, though its line still agrees."""
    persona = await shown(registry, card_keys, PHUC["number"])
    connection = await connect(registry.database_url)
    where = f"WHERE number = '{PHUC['number']}' AND kind = 'cccd_chip'"
    before = await connection.fetchrow(f"SELECT state, expires FROM identity_document {where}")
    try:
        await connection.execute(f"UPDATE identity_document SET {change} {where}")
        assert flags(await check(registry, {"qr": persona["qr"]}))["card"] == said
    finally:
        await connection.execute(
            f"UPDATE identity_document SET state = $1, expires = $2 {where}",
            before["state"],
            before["expires"],
        )
        await connection.close()


@pytest.mark.attack
async def test_forged_chip(registry, card_keys):
    """A chip of somebody's own authority about a real record: `authentic` is mismatch, and the receipt says so."""
    persona = await shown(registry, card_keys, LAN["number"])
    forged = document_of(card(signed_by="theirs"))["chip"]
    answer = await check(registry, {"chip": persona["chip"] | {"sod": forged["sod"]}})
    said = answer.json()["document"]
    assert said["authentic"] == {"flag": "mismatch", "reasons": ["not_genuine"]}
    assert said["checks"]["chain"]["reasons"] == ["unknown_authority"]
    assert said["checks"]["hashes"]["reasons"] == ["dg1_altered", "dg13_altered"]
    assert jwt.get_unverified_claims(answer.json()["receipt"])["document"] == said


@pytest.mark.attack
async def test_unknown_person_and_wrong_holder_look_alike(registry, card_keys):
    """Nobody's number, another's name and a wrong birth date give the same record flags: all unknown."""
    answers = []
    for number, name, birth in (
        (NOBODY["number"], "Nguyễn Thị Lan", "17051994"),
        (LAN["number"], "Trần Thị Lan", "17051994"),
        (LAN["number"], "Nguyễn Thị Lan", "18051994"),
    ):
        line = f"{number}||{name}|{birth}|Nữ|Số 1|11032025"
        answers.append(await check(registry, {"qr": line}))
    for answer in answers:
        assert answer.json()["identity"] == "not_established"
        assert set(flags(answer).values()) == {("unknown", "identity_not_established")}
    assert len({len(answer.content) for answer in answers}) == 1


@pytest.mark.attack
async def test_guessing_issue_dates_ends(registry, card_keys):
    """The issue day of a card cannot be found by trying: after five values the flag says nothing."""
    said = []
    for day in range(1, 8):
        line = f"{LOC['number']}||{LOC['name']}|01011941|Nam|Số 1|{day:02d}032022"
        said.append(flags(await check(registry, {"qr": line}))["card"])
    assert said[:5] == [("mismatch", "card_unknown")] * 5
    assert said[5:] == [("unknown", "budget_exhausted")] * 2


@pytest.mark.attack
@pytest.mark.parametrize(
    ("status", "code", "member", "token", "changed"),
    [
        (422, "dossier-required", "dossier_code", {}, {"dossier_code": None}),
        (403, "insufficient-scope", None, {"scope": "registry:release"}, {}),
        (422, "procedure-unknown", "procedure_code", {}, {"procedure_code": "9.999"}),
        (403, "procedure-not-allowed", "procedure_code", {"client_id": "stranger"}, {}),
        (403, "procedure-not-allowed", "procedure_code", {}, {"procedure_code": "bhyt.household"}),
        (400, "invalid-request", "document", {}, {"document": {}}),
        (400, "invalid-request", "document", {}, {"document": {"qr": "x", "mrz": ["a", "b", "c"]}}),
        (422, "document-unreadable", "document.qr", {}, {"document": {"qr": "x"}}),
        (422, "document-unreadable", "document.mrz", {}, {"document": {"mrz": ["a", "b", "c"]}}),
        (
            422,
            "document-unreadable",
            "document.chip",
            {},
            {"document": {"chip": {"sod": "AAAA", "dg1": "AAAA", "dg13": "AAAA"}}},
        ),
        (
            400,
            "invalid-request",
            "document.chip.dg1",
            {},
            {"document": {"chip": {"sod": "AAAA", "dg1": "AA\nAA", "dg13": "AAAA"}}},
        ),
    ],
)
async def test_refusals(registry, card_keys, status, code, member, token, changed):
    """Outside the catalogue, without a dossier or with no readable card, nobody is looked up."""
    body = asking({"qr": "x"}) | changed
    body = {name: value for name, value in body.items() if value is not None}
    answer = await registry.post(PATH, body, registry.issuer.token(**token))
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json().get("member") == member
    explained = code == "document-unreadable" or member == "document.chip.dg1"
    assert ("reason" in answer.json()) is explained


@pytest.mark.attack
async def test_oversized_chip(registry, card_keys):
    """More than 64 kB in all is refused before it is read."""
    huge = base64.b64encode(b"\x00" * 60_000).decode()
    answer = await check(registry, {"chip": {"sod": huge, "dg1": "AAAA", "dg13": "AAAA"}})
    assert answer.status_code == 413
    long = "A" * 60_004
    answer = await check(registry, {"chip": {"sod": long, "dg1": "AAAA", "dg13": "AAAA"}})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-input")


@pytest.mark.attack
async def test_zone_values_never_come_from_json(registry):
    """The two-digit years and lines of a zone are no values of a verification: only a read card brings them."""
    for claims in (
        {"name": {"line": "LAN"}},
        {"birth_date": "940517"},
        {"card": {}},
        {"card": {"issued": "x"}},
    ):
        answer = await registry.verify(LAN, claims=claims)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid-request")


async def test_card_as_a_typed_claim(registry):
    """A form's issue day and expiry can be verified like any other claim."""
    for claim, flag in (
        ({"issued": "2025-03-11"}, "match"),
        ({"issued": "2025-03-12"}, "mismatch"),
        ({"issued": "2025-03-11", "expires": "never"}, "mismatch"),
    ):
        answer = await registry.verify(LAN, claims={"card": claim})
        assert answer.json()["results"]["card"]["flag"] == flag


async def test_repetition_gets_the_same_answer(registry, card_keys):
    """The same Idempotency-Key and body: one answer, one receipt; another body is refused."""
    persona = await shown(registry, card_keys, LAN["number"])
    token, key = registry.issuer.token(), {"Idempotency-Key": "card-check-0001"}
    first = await registry.post(PATH, asking({"qr": persona["qr"]}), token, **key)
    again = await registry.post(PATH, asking({"qr": persona["qr"]}), token, **key)
    assert first.content == again.content
    other = await registry.post(PATH, asking({"mrz": persona["mrz"]}), token, **key)
    assert other.json()["code"] == "idempotency-key-reused"


async def test_an_authority_made_later_is_believed_without_a_restart(registry, card_keys):
    """A revoked signer stops being believed at once, and a new one signs: the folder is read again."""
    persona = await shown(registry, card_keys, LAN["number"])
    serial = card_keys.signer(NOW).certificate.serial_number
    card_keys.revoke(serial, NOW)
    answer = await check(registry, {"chip": persona["chip"]})
    assert answer.json()["document"]["checks"]["chain"]["reasons"] == ["signer_revoked"]
    assert card_keys.complete(NOW), "a new document signer takes over"
    fresh = await shown(registry, card_keys, LAN["number"])
    answer = await check(registry, {"chip": fresh["chip"]})
    assert answer.json()["document"]["authentic"]["flag"] == "match"


async def test_documented(registry):
    """The OpenAPI document shows the endpoint with its token and its problems."""
    document = (await registry.http.get("/openapi.json")).json()
    operation = document["paths"][PATH]["post"]
    assert {"accessToken": []} in operation["security"]
    assert "application/problem+json" in operation["responses"]["default"]["content"]


async def test_a_signed_in_person_and_a_card(registry, card_keys):
    """With a person's own token their card is established; a stranger's card stays as unknown as without one."""
    token = registry.issuer.personal(LAN["number"], client_id="national-portal")
    answer = await check(registry, {"qr": document_of(card())["qr"]}, token)
    assert answer.json()["identity"] == "not_established"
    persona = await shown(registry, card_keys, LAN["number"])
    answer = await check(registry, {"qr": persona["qr"]}, token)
    assert answer.json()["identity"] == "established"
