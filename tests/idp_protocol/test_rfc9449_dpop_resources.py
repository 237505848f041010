"""RFC 9449 sections 6, 7 and 9: bound tokens at UserInfo and at introspection."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from idp.protocol.sender_constraint import NOTHING, Shown
from keys.proof import token_hash
from tests.idp_protocol.acts import error_of, introspect
from tests.idp_protocol.holders import ALICE, MALLORY, look, proof, showing, spent
from tests.idp_protocol.world import ACCESS, ACCESS_STATE, CLIENT, GRANT, LOADED, NOW, REGISTRY, facts

BOUND = replace(LOADED, access=replace(ACCESS_STATE, jkt=ALICE.jkt))
SELF = showing(proof(path="/userinfo", htm="GET", ath=token_hash(ACCESS)), method="GET", path="/userinfo")


def test_a_bound_token_answers_its_owner() -> None:
    """Section 7: scheme DPoP, a proof for this address, method and token; it is spent."""
    decision = look("DPoP", SELF, facts(grant=BOUND))
    assert decision.outcome.claims["sub"] == GRANT.subject
    assert len(spent(decision)) == 1


WRONG: dict[str, tuple[str, Shown, Any, str]] = {
    "bearer use of a bound token": ("Bearer", NOTHING, BOUND, "invalid_token"),
    "bearer use with a proof beside it": ("Bearer", SELF, BOUND, "invalid_token"),
    "no proof": ("DPoP", NOTHING, BOUND, "invalid_dpop_proof"),
    "an unbound token": ("DPoP", SELF, LOADED, "invalid_token"),
    "another key": (
        "DPoP",
        showing(
            proof(MALLORY, "/userinfo", htm="GET", ath=token_hash(ACCESS)), method="GET", path="/userinfo"
        ),
        BOUND,
        "invalid_token",
    ),
    "no ath": (
        "DPoP",
        showing(proof(path="/userinfo", htm="GET"), method="GET", path="/userinfo"),
        BOUND,
        "invalid_dpop_proof",
    ),
    "ath of another token": (
        "DPoP",
        showing(proof(path="/userinfo", htm="GET", ath=token_hash("x")), method="GET", path="/userinfo"),
        BOUND,
        "invalid_dpop_proof",
    ),
    "a proof for another method": (
        "DPoP",
        showing(proof(path="/userinfo", htm="POST", ath=token_hash(ACCESS)), method="GET", path="/userinfo"),
        BOUND,
        "invalid_dpop_proof",
    ),
    "a proof for the token endpoint": (
        "DPoP",
        showing(proof(htm="GET", ath=token_hash(ACCESS)), method="GET", path="/userinfo"),
        BOUND,
        "invalid_dpop_proof",
    ),
    "two proofs": ("DPoP", showing("a", "b", method="GET", path="/userinfo"), BOUND, "invalid_dpop_proof"),
}


@pytest.mark.attack
@pytest.mark.parametrize("name", WRONG)
def test_a_bound_token_answers_nobody_else(name: str) -> None:
    """Sections 7.1 and 7.2 (attack 29): 401 with the challenge of the scheme, and the algorithms that pass."""
    scheme, shown, loaded, code = WRONG[name]
    decision = look(scheme, shown, facts(grant=loaded))
    assert error_of(decision) == code
    assert decision.outcome.status == 401
    assert f'error="{code}"' in decision.outcome.challenge
    assert 'algs="ES256 ' in decision.outcome.challenge
    assert decision.outcome.challenge.startswith(f'{scheme} realm="dinhdanh", error=')
    assert decision.writes == ()


@pytest.mark.attack
def test_a_proof_at_userinfo_serves_once() -> None:
    """Section 11.1: a spent proof is refused at resources too."""
    decision = look("DPoP", SELF, facts(grant=BOUND, spent=frozenset(SELF.replay)))
    assert error_of(decision) == "invalid_dpop_proof"


def test_a_nonce_is_asked_for_at_userinfo() -> None:
    """Section 9: 401 use_dpop_nonce with a DPoP challenge, for clients that must carry one."""
    client = replace(CLIENT, fapi2_profile="security")
    decision = look("DPoP", SELF, facts(grant=BOUND, client=client))
    assert (error_of(decision), decision.outcome.status) == ("use_dpop_nonce", 401)
    assert decision.outcome.challenge.startswith("DPoP ")


def test_introspection_names_the_key() -> None:
    """Section 6.2: cnf and token_type DPoP, for opaque and JWT tokens."""
    claims = introspect(facts(grant=BOUND)).outcome.claims
    assert (claims["cnf"], claims["token_type"]) == ({"jkt": ALICE.jkt}, "DPoP")
    jwt = {
        "aud": REGISTRY,
        "client_id": "portal",
        "exp": NOW + 9,
        "jti": f"{GRANT.grant_id}.x",
        "cnf": {"jkt": "k"},
    }
    claims = introspect(facts(grant=LOADED), "x.y.z", jwt=jwt).outcome.claims
    assert (claims["cnf"], claims["token_type"]) == ({"jkt": "k"}, "DPoP")
