"""The published catalogue: as JSON, signed, entry by entry, and behind every refusal it causes."""

from __future__ import annotations

import dataclasses
import hashlib
import json

import pytest
from jose import jwt
from jose.exceptions import ExpiredSignatureError

from keys import KeyPurpose
from tests.registry_api.conftest import L2A2, LAN, PHUC, REGISTRY, question

pytestmark = pytest.mark.engine
SIGNED = "application/service-catalogue+jwt"


async def fetch(registry, accept=None, **headers):
    """The catalogue as that reader gets it."""
    headers |= {} if accept is None else {"Accept": accept}
    return await registry.http.get("/v1/catalogue", headers=headers)


async def read(registry, token, **options):
    """The claims of a signed catalogue, by a library that is not ours, at the time of the test's clock."""
    jwks = (await registry.http.get("/.well-known/jwks.json")).json()
    return jwt.decode(token, jwks, algorithms=["ES256"], issuer=REGISTRY, options=options)


async def test_the_catalogue_names_its_version(registry):
    """The version is the SHA-256 of the entries as compact JSON with sorted members; anyone can compute it."""
    answer = await fetch(registry)
    said = answer.json()
    compact = json.dumps(said["procedures"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert said["version"] == hashlib.sha256(compact.encode()).hexdigest()
    assert said["issuer"] == REGISTRY
    assert answer.headers["Content-Type"] == "application/json"
    (entry,) = [each for each in said["procedures"] if each["code"] == "1.004194"]
    assert entry["name"] == {"vi": "Đăng ký tạm trú", "en": "Temporary residence registration"}
    assert "residence-portal" in entry["clients"]


@pytest.mark.parametrize("accept", [SIGNED, "application/jwt", f"{SIGNED};q=0.9, application/json;q=0.1"])
async def test_another_library_verifies_the_signed_catalogue(registry, accept):
    """python-jose verifies the JWT; it says the same as the JSON, when it was signed, and how long it holds."""
    answer = await fetch(registry, accept)
    assert answer.headers["Content-Type"] == SIGNED
    assert jwt.get_unverified_header(answer.text)["typ"] == "service-catalogue+jwt"
    claims = await read(registry, answer.text, verify_exp=False)
    plain = (await fetch(registry)).json()
    assert claims["version"] == plain["version"]
    assert claims["procedures"] == plain["procedures"]
    now = registry.clock.timestamp()
    assert now - 3600 < claims["iat"] <= now
    assert claims["exp"] == claims["iat"] + 7 * 86_400


@pytest.mark.attack
async def test_a_signed_catalogue_ends(registry):
    """A catalogue of long ago proves nothing about today: `exp` is there and counts."""
    registry.clock.advance(days=-3000)
    old = (await fetch(registry, SIGNED)).text
    with pytest.raises(ExpiredSignatureError):
        await read(registry, old)


@pytest.mark.attack
async def test_a_catalogue_is_no_receipt(registry):
    """Another key and another type sign it (RFC 8725 section 3.11): no receipt checker takes it."""
    from clients.receipts import ReceiptChecker, ReceiptRefused

    jwks = (await registry.http.get("/.well-known/jwks.json")).json()
    receipt = (await registry.verify(LAN)).json()["receipt"]
    signed = (await fetch(registry, SIGNED)).text
    kids = {jwt.get_unverified_header(each)["kid"] for each in (receipt, signed)}
    assert len(kids) == 2
    short = registry.app.state.console.ring.signer(KeyPurpose.CATALOGUE).sign({"iss": REGISTRY})
    for catalogue in (signed, short):  # the whole one is refused for its length already
        with pytest.raises(ReceiptRefused) as refused:
            ReceiptChecker(jwks, issuer=REGISTRY).check(catalogue)
        assert refused.value.code in {"too_long", "other_type"}
    assert refused.value.code == "other_type"


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", f"{SIGNED};q=0", "text/html"])
async def test_json_unless_asked_otherwise(registry, accept):
    """Only who names the signed form gets it; a cache keeps the two apart (RFC 9110 section 12.5.5)."""
    answer = await fetch(registry, accept)
    assert answer.headers["Content-Type"] == "application/json"
    assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize("accept", ["application/json", SIGNED])
async def test_a_known_catalogue_is_not_sent_again(registry, accept):
    """The entity tag answers 304; the signed form's changes with the hour, the JSON's does not."""
    first = await fetch(registry, accept)
    assert first.headers["Cache-Control"] == "public, max-age=300"
    again = await fetch(registry, accept, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    registry.clock.advance(hours=1)
    later = await fetch(registry, accept, **{"If-None-Match": first.headers["ETag"]})
    assert later.status_code == (304 if accept == "application/json" else 200)


async def test_one_signature_serves_everybody(registry):
    """Within its hour the same bytes are given out: a flood of readers costs no signatures."""
    assert (await fetch(registry, SIGNED)).text == (await fetch(registry, SIGNED)).text


async def test_every_entry_has_an_address(registry):
    """Each entry can be read by itself; an unknown one is 404."""
    said = (await fetch(registry)).json()
    for entry in said["procedures"]:
        one = (await registry.http.get(f"/v1/catalogue/{entry['code']}")).json()
        assert one == {"version": said["version"], "procedure": entry}
    assert (await registry.http.get("/v1/catalogue/9.999999")).status_code == 404


def asked(**changed):
    """A question about Lan with changes."""
    return "/v1/verifications", question(LAN) | changed


def wanted(**changed):
    """A release with changes."""
    names = ("purpose", "procedure_code", "dossier_code")
    return "/v1/releases", {n: question(LAN)[n] for n in names} | {"fields": ["name"]} | changed


OWN = {"pid": LAN["number"], "acr": L2A2}
PORTAL = OWN | {"client_id": "national-portal"}


@pytest.mark.parametrize(
    ("code", "entry", "rule", "what", "token"),
    [
        ("claim-not-allowed", "1.004194", "verifiable", asked(claims={"household_members": ["0"]}), {}),
        ("procedure-not-allowed", "eid.profile", "clients", asked(procedure_code="eid.profile"), {}),
        ("dossier-required", "1.004194", "dossier_required", asked(dossier_code=None), {}),
        ("insufficient-authentication", "1.004194", "minimum_acr", asked(), OWN | {"acr": None}),
        ("field-not-allowed", "1.004194", "releasable", wanted(fields=["marital_status"]), OWN),
        (
            "subject-token-required",
            "portal.own-data",
            "subject_token",
            wanted(procedure_code="portal.own-data"),
            {"client_id": "national-portal"},
        ),
    ],
)
async def test_a_refusal_names_the_entry_that_refuses(registry, code, entry, rule, what, token):
    """problem+json says in both languages which entry of the catalogue forbids it, and by which member."""
    path, body = what
    said = {}
    for language in ("vi", "en"):
        answer = await registry.post(
            path, body, registry.issuer.token(**token), **{"Accept-Language": language}
        )
        said[language] = answer.json()
    for each in said.values():
        assert each["code"] == code
        assert entry in each["detail"]
        assert rule in each["detail"]
    assert said["vi"]["detail"] != said["en"]["detail"]
    pointer = said["en"]["catalogue"]
    assert (pointer["entry"], pointer["member"]) == (entry, rule)
    assert pointer["href"] == f"{REGISTRY}/v1/catalogue/{entry}"
    found = (await registry.http.get(pointer["href"])).json()["procedure"]
    assert rule in found
    assert pointer["legal_basis"] == found["legal_basis"]


async def test_what_the_catalogue_does_not_decide_does_not_point_at_it(registry):
    """A malformed member or a missing scope is not the catalogue's word."""
    malformed = await registry.verify(LAN, officer="ông A")
    unscoped = await registry.verify(LAN, registry.issuer.token(scope="openid"))
    assert all("catalogue" not in answer.json() for answer in (malformed, unscoped))


@pytest.mark.attack
async def test_an_explained_refusal_says_nothing_of_the_question(registry):
    """No name, number or value that was sent comes back with the explanation."""
    for person in (LAN, PHUC):
        answer = await registry.verify(person, claims={"household_members": [person["number"]]})
        assert answer.json()["code"] == "claim-not-allowed"
        assert not any(value in answer.text for value in person.values())


@pytest.mark.parametrize(
    ("code", "rule", "changed"),
    [
        ("authorization-details-required", "details_required", {"details_required": True}),
        ("other-subject", "subject_token", {"subject_token": True}),
        ("insufficient-authentication", "maximum_age", {"maximum_age": 60}),
    ],
)
async def test_members_no_entry_uses_yet_explain_themselves_too(registry, code, rule, changed):
    """An entry that demands details, the person or a recent sign-in is pointed at like the others."""
    catalogue = registry.app.state.service.answering.catalogue
    kept = catalogue.procedures["1.004194"]
    catalogue.procedures["1.004194"] = dataclasses.replace(kept, **changed)
    try:
        answer = await registry.verify(PHUC, registry.issuer.token(**OWN))
    finally:
        catalogue.procedures["1.004194"] = kept
    said = answer.json()
    assert said["code"] == code
    assert said["catalogue"]["member"] == rule
    assert rule in said["detail"]
