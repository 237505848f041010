"""A consent signed on the phone: kept as evidence, of one person, for one question, and no portal can make one."""

from __future__ import annotations

import secrets
from typing import Any

import pytest

from keys import KeyPurpose, PublicKeySet
from tests.registry_api.conftest import ISSUER, LAN, PHUC, REGISTRY, Registry
from tests.registry_api.dossiers import HOA, citizen, consent, file, rows
from tests.software_phone import Phone

PHONE = Phone(ISSUER)


def attested(
    registry: Registry,
    person: dict[str, str],
    statement: dict[str, Any],
    phone: Phone = PHONE,
    **changed: Any,
) -> str:
    """What the provider answers to a phone that signed the statement."""
    claims = {
        "iss": ISSUER,
        "aud": REGISTRY,
        "iat": int(registry.clock.timestamp()),
        "jti": secrets.token_urlsafe(8),
        "number": person["number"],
        "statement": statement,
        "act": phone.act("consent", context=statement),
        "jwk": PHONE.jwk | {"kid": PHONE.device_id},
    }
    signer = registry.issuer.ring.signer(KeyPurpose.EID_APP)
    return signer.sign(claims | changed, typ="eid-consent+jwt")


async def statement_of(registry: Registry, person: dict[str, str], code: str) -> dict[str, Any]:
    """What the registry asks this person to sign."""
    asked = (await registry.get("/v1/consents", citizen(registry, person))).json()["consents"]
    found: dict[str, Any] = next(each["statement"] for each in asked if each["dossier_code"] == code)
    return found


async def test_a_phone_signs_what_the_registry_asks(authority: Registry) -> None:
    """Decree 58/2026 Art. 4(5): given by signature; what was signed stays and is verified from the row alone."""
    dossier = await file(authority, LAN)
    code = dossier["dossier_code"]
    statement = await statement_of(authority, PHUC, code)
    assert (statement["dossier"], statement["procedure"], statement["given"]) == (code, "1.004194", True)
    assert "Hoa Sữa" in statement["place"]
    assert list(statement["roles"]) == ["owner"]
    text = attested(authority, PHUC, statement)
    assert (await consent(authority, dossier, PHUC, channel="app", signed=text)).status_code == 204
    query = (
        "SELECT channel, state, evidence FROM dossier_consent WHERE dossier_code = $1 AND channel IS NOT NULL"
    )
    ((channel, state, evidence),) = await rows(authority, query, code)
    assert (channel, state, evidence) == ("signature", "given", text)
    keys = PublicKeySet.from_jwks(authority.issuer.ring.jwks())
    kept: Any = keys.verify(evidence, algorithms=("ES256",), typ="eid-consent+jwt")
    phone = PublicKeySet.from_jwks({"keys": [kept["jwk"]]})
    assert phone.verify(kept["act"], algorithms=("ES256",), typ="eid-act+jwt")["context"] == statement
    shown = (await authority.get(f"/v1/dossiers/{code}", citizen(authority, LAN))).text
    assert text not in shown, "the applicant does not see what the owner signed"
    assert (await consent(authority, dossier, HOA)).status_code == 204, "without a phone as before"


@pytest.mark.attack
async def test_no_portal_makes_a_signature(authority: Registry) -> None:
    """A portal with somebody's token: its own signature, of other words, of another time: nothing given."""
    dossier = await file(authority, LAN)
    other = await file(authority, LAN)
    code = dossier["dossier_code"]
    right = await statement_of(authority, PHUC, code)
    foreign = await statement_of(authority, PHUC, other["dossier_code"])
    now = int(authority.clock.timestamp())
    wrong = {
        "another dossier": attested(authority, PHUC, foreign),
        "another person": attested(authority, HOA, right),
        "another place": attested(authority, PHUC, right | {"place": "Số 1"}),
        "asked another time": attested(
            authority, PHUC, right | {"roles": {"owner": "2026-01-01T00:00:00+00:00"}}
        ),
        "another capacity": attested(authority, PHUC, right | {"roles": {"head": right["roles"]["owner"]}}),
        "old": attested(authority, PHUC, right, iat=now - 601),
        "of tomorrow": attested(authority, PHUC, right, iat=now + 86_400),
        "for another service": attested(authority, PHUC, right, aud="https://evil.example"),
        "another provider": attested(authority, PHUC, right, iss="https://evil.example"),
        "another key's act": attested(authority, PHUC, right, phone=Phone(ISSUER)),
        "an act that agrees to nothing": attested(
            authority, PHUC, right, act=PHONE.act("card", context=right)
        ),
        "no act": attested(authority, PHUC, right, act="a.b.c"),
        "no key": attested(authority, PHUC, right, jwk=None),
        "the portal's own": Phone(ISSUER).signed("eid-consent+jwt", {"statement": right}),
        "a token": citizen(authority, PHUC),
        "nothing": "",
    }
    for why, text in wrong.items():
        answer = await consent(authority, dossier, PHUC, signed=text)
        assert answer.status_code == 400, why
        assert "signed" in answer.text, why
    refusal = await consent(authority, dossier, PHUC, given=False, signed=attested(authority, PHUC, right))
    assert refusal.status_code == 400
    assert (await consent(authority, dossier, PHUC, signed="x" * 20_000)).status_code in {400, 413, 422}
    mine = (await authority.get(f"/v1/dossiers/{code}", citizen(authority, LAN))).json()
    assert {each["state"] for each in mine["consents"]} == {"asked"}


@pytest.mark.attack
async def test_whose_phone_is_registered_says_yes_by_it_alone(authority: Registry) -> None:
    """Attack 38, Decree 58/2026 Art. 4(5): a session without the phone agrees to nothing; a no needs no signature."""
    with_phone = citizen(authority, PHUC, eid_phone=True)
    dossier = await file(authority, LAN)
    code = dossier["dossier_code"]
    path = f"/v1/dossiers/{code}/consents"
    for channel in ("portal", "app"):
        refused = await authority.post(path, {"given": True, "channel": channel}, with_phone)
        assert (refused.status_code, refused.json()["code"]) == (403, "dossier-consent-signature")
    statement = await statement_of(authority, PHUC, code)
    assert statement["roles"], "still asked"
    text = attested(authority, PHUC, statement)
    signed = {"given": True, "channel": "app", "signed": text}
    assert (await authority.post(path, signed, with_phone)).status_code == 204
    another = await file(authority, LAN)
    path = f"/v1/dossiers/{another['dossier_code']}/consents"
    assert (await authority.post(path, {"given": False}, with_phone)).status_code == 204
