"""RFC 9449: DPoP at the token endpoint and at UserInfo, rule by rule and grant by grant."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import idp.protocol
from idp.domain.errors import ProtocolError
from idp.protocol import rfc8693_token_exchange, rfc9449_dpop, server
from idp.protocol.sender_constraint import NOTHING, Shown
from keys.proof import ExpectedProof, judge_proof, read_proof
from tests.idp_protocol.acts import error_of
from tests.idp_protocol.exchanges import COUNTER, exchange
from tests.idp_protocol.holders import (
    ALICE,
    FORMS,
    MALLORY,
    SIGNING,
    as_client,
    ask,
    proof,
    showing,
    spent,
    written,
)
from tests.idp_protocol.world import (
    CLIENT,
    GRANT,
    ISSUER,
    LOADED,
    NOW,
    POLICY,
    PUBLIC,
    REFRESH_STATE,
    REGISTRY,
    facts,
)
from tests.keys_proof.proofs import Sender

EVERY = replace(
    CLIENT,
    grant_types=frozenset(FORMS),
    backchannel_token_delivery_mode="poll",
    scopes=CLIENT.scopes | {"registry:verify"},
)
GRANTS = tuple(FORMS)


def jkts(decision: Any) -> Any:
    """The key of the token that a decision issued, wherever it is kept."""
    access = decision.outcome.access
    if hasattr(access, "claims"):
        return access.claims.get("cnf", {}).get("jkt")
    return written(decision, "access").jkt


@pytest.mark.parametrize("resource", [None, REGISTRY])
@pytest.mark.parametrize("grant_type", GRANTS)
def test_a_token_is_bound_to_the_key_of_the_proof(grant_type: str, resource: str | None) -> None:
    """Sections 5 and 6: token_type DPoP, cnf.jkt in a JWT, the same beside an opaque token; the proof is spent."""
    values = {} if resource is None else {"resource": resource}
    known = as_client(EVERY)
    if resource is not None:
        known = replace(
            known, grant=replace(known.grant, grant=replace(known.grant.grant, resources=(resource,)))
        )
    decision = ask(grant_type, showing(proof()), known, **values)
    assert decision.outcome.token_type == "DPoP"
    assert jkts(decision) == ALICE.jkt
    (item,) = spent(decision)
    assert item.key.namespace == "dpop-proof"
    assert item.issued_at == NOW
    assert item.expires_at > NOW + 60


@pytest.mark.parametrize("grant_type", GRANTS)
def test_without_a_proof_nothing_changes(grant_type: str) -> None:
    """Section 5: a client that shows no key gets a bearer token, and nothing is looked up or spent for it."""
    decision = ask(grant_type, NOTHING, as_client(EVERY))
    assert decision.outcome.token_type == "Bearer"
    assert jkts(decision) is None
    assert spent(decision) == []
    assert NOTHING.replay == ()


BROKEN: dict[str, tuple[str, ...]] = {
    "two proofs": (proof(), proof()),
    "no token at all": ("rubbish",),
    "another method": (proof(htm="GET"),),
    "another address": (proof(htu="https://evil.example/token"),),
    "another endpoint": (proof(path="/par"),),
    "a prefix of the address": (proof(htu=f"{ISSUER}/tokens"),),
    "too old": (proof(iat=NOW - 61),),
    "from the future": (proof(iat=NOW + 11),),
    "an unknown nonce": (proof(nonce="of-yesterday"),),
    "no jti": (proof(jti=None),),
    "signed by another": (".".join((*proof().split(".")[:2], proof(MALLORY).split(".")[2])),),
    "the wrong type": (ALICE.proof({"typ": "JWT"}, htu=f"{ISSUER}/token", iat=NOW),),
    "no algorithm": (ALICE.proof({"alg": "none"}, htu=f"{ISSUER}/token", iat=NOW),),
}


@pytest.mark.attack
@pytest.mark.parametrize("grant_type", GRANTS)
@pytest.mark.parametrize("name", BROKEN)
def test_a_wrong_proof_gets_nothing(grant_type: str, name: str) -> None:
    """Sections 4.3, 5 and 8 (attack 29): each check counts for each grant; nothing is issued, nothing is spent."""
    decision = ask(grant_type, showing(*BROKEN[name]), as_client(EVERY))
    expected = "use_dpop_nonce" if "nonce" in name else "invalid_dpop_proof"
    assert error_of(decision) == expected
    assert decision.outcome.status == 400
    assert decision.writes == ()


@pytest.mark.attack
@pytest.mark.parametrize("grant_type", GRANTS)
def test_a_proof_serves_once(grant_type: str) -> None:
    """Section 11.1 (attack 29, jti replay): a spent proof is refused at every grant, whoever sends it."""
    shown = showing(proof())
    decision = ask(grant_type, shown, as_client(EVERY, spent=frozenset(shown.replay)))
    assert error_of(decision) == "invalid_dpop_proof"
    assert decision.writes == ()


@pytest.mark.attack
@pytest.mark.parametrize("grant_type", GRANTS)
@pytest.mark.parametrize(
    "more",
    [{}, SIGNING | {"fapi2_profile": "security"}, {"tls_client_certificate_bound_access_tokens": True}],
    ids=["alone", "with a profile", "with a certificate"],
)
def test_a_client_that_asked_for_bound_tokens_never_gets_another(grant_type: str, more: Any) -> None:
    """Section 5.2, esignet#2596: the flag holds on every grant, whatever other rule is met by a certificate."""
    client = replace(EVERY, dpop_bound_access_tokens=True, **more)
    certificate: Any = type("Certificate", (), {"x5t_s256": "t" * 43})()
    for shown in (NOTHING, Shown(certificate=certificate)):
        decision = ask(grant_type, shown, as_client(client))
        assert error_of(decision) == "invalid_dpop_proof"
        assert not any(hasattr(write, "access") for write in decision.writes)


@pytest.mark.attack
@pytest.mark.parametrize("grant_type", GRANTS)
def test_a_fapi_client_never_gets_a_bearer_token(grant_type: str) -> None:
    """FAPI 2.0 Security Profile 5.3.2.1: only sender-constrained access tokens, on every grant."""
    client = replace(EVERY, fapi2_profile="security", **SIGNING)
    assert error_of(ask(grant_type, NOTHING, as_client(client))) == "invalid_dpop_proof"
    fine = ask(grant_type, showing(proof(nonce="nonce-before")), as_client(client))
    assert jkts(fine) == ALICE.jkt


def test_tokens_are_made_in_one_place() -> None:
    """thunderid#4226 (CIBA tokens unbound): only issuing.py makes tokens, and it asks for the binding first."""
    folder = Path(idp.protocol.__file__).parent
    makers = {
        path.name for path in folder.rglob("*.py") if "IssuedTokens(" in path.read_text(encoding="utf-8")
    }
    assert makers == {"issuing.py"}


def test_every_grant_is_attacked() -> None:
    """A grant that is registered without a request in ``FORMS`` would not be tried by the tests above."""
    # implicit never comes to the token endpoint; an exchange has a test of its own below.
    assert set(server.grant_types()) - {"implicit", rfc8693_token_exchange.GRANT_TYPE} == set(FORMS)


@pytest.mark.attack
def test_an_exchanged_token_is_bound_like_any_other() -> None:
    """RFC 8693 with sections 5 and 5.2 (attack 29): the new token's key is the sender's; required means required."""
    for client in (COUNTER, replace(COUNTER, dpop_bound_access_tokens=True)):
        decision = exchange(client=client, shown=showing(proof()))
        assert decision.outcome.token_type == "DPoP"
        assert decision.outcome.access.claims["cnf"] == {"jkt": ALICE.jkt}
        assert len(spent(decision)) == 1
        for fields in BROKEN.values():
            wrong = exchange(client=client, shown=showing(*fields))
            assert error_of(wrong) in {"invalid_dpop_proof", "use_dpop_nonce"}
            assert wrong.writes == ()
    assert exchange(client=COUNTER).outcome.token_type == "Bearer"
    refused = exchange(client=replace(COUNTER, dpop_bound_access_tokens=True))
    assert error_of(refused) == "invalid_dpop_proof"


# ---------------------------------------------------------------- nonces


@pytest.mark.parametrize(
    ("setting", "profile", "required"),
    [
        ("never", None, False),
        ("never", "security", False),
        ("fapi2", None, False),
        ("fapi2", "security", True),
        ("always", None, True),
    ],
)
def test_who_must_carry_a_nonce(setting: str, profile: str | None, required: bool) -> None:
    """Section 8: a deployment chooses; FAPI 2.0 clients by default. Current and previous nonce pass."""
    policy = replace(POLICY, dpop_nonces=setting)
    known = as_client(replace(EVERY, fapi2_profile=profile, **SIGNING))
    bare = ask("client_credentials", showing(proof()), known, policy=policy)
    assert error_of(bare) == ("use_dpop_nonce" if required else "")
    for nonce in ("nonce-of-now", "nonce-before"):
        fine = ask("client_credentials", showing(proof(nonce=nonce)), known, policy=policy)
        assert jkts(fine) == ALICE.jkt


def test_a_missing_nonce_costs_no_proof() -> None:
    """Section 8: the proof without a nonce is not spent, and the code is not lost."""
    decision = ask("authorization_code", showing(proof(nonce="stale")))
    assert (error_of(decision), decision.writes) == ("use_dpop_nonce", ())


# ---------------------------------------------------------------- codes and refresh tokens


def test_a_code_that_is_bound_needs_its_key() -> None:
    """Section 10: dpop_jkt; another key is invalid_grant, none is invalid_dpop_proof, and the code stays whole."""
    bound = facts(grant=replace(LOADED, grant=replace(GRANT, jkt=ALICE.jkt)))
    assert jkts(ask("authorization_code", showing(proof()), bound)) == ALICE.jkt
    other = ask("authorization_code", showing(proof(MALLORY)), bound)
    assert error_of(other) == "invalid_grant"
    assert [type(write).__name__ for write in other.writes] == ["SpendOnce"]
    assert error_of(ask("authorization_code", NOTHING, bound)) == "invalid_dpop_proof"


def test_a_public_clients_refresh_token_is_bound() -> None:
    """Section 5: "the refresh token MUST be bound to the respective public key", at its birth and when it turns."""
    born = ask(
        "authorization_code",
        showing(proof()),
        as_client(
            PUBLIC,
            grant=replace(LOADED, grant=replace(GRANT, client_id="app", scopes=("openid", "offline_access"))),
        ),
        auth=None,
        client_id="app",
    )
    assert written(born, "refresh").jkt == ALICE.jkt
    turned = ask("refresh_token", showing(proof()), as_client(PUBLIC), auth=None, client_id="app")
    assert written(turned, "refresh").jkt == ALICE.jkt


@pytest.mark.attack
def test_a_public_client_cannot_change_its_key() -> None:
    """Section 5 (attack 29, key swap at refresh): another key is invalid_grant; none is no proof."""
    family = replace(
        LOADED, grant=replace(GRANT, client_id="app"), refresh=replace(REFRESH_STATE, jkt=ALICE.jkt)
    )
    known = as_client(PUBLIC, grant=family)
    assert jkts(ask("refresh_token", showing(proof()), known, auth=None, client_id="app")) == ALICE.jkt
    swapped = ask("refresh_token", showing(proof(MALLORY)), known, auth=None, client_id="app")
    assert error_of(swapped) == "invalid_grant"
    assert error_of(ask("refresh_token", NOTHING, known, auth=None, client_id="app")) == "invalid_dpop_proof"


def test_a_confidential_client_may_change_its_key() -> None:
    """Section 5: refresh tokens of confidential clients are not bound; the new access token has the new key."""
    first = ask("refresh_token", showing(proof()))
    assert written(first, "refresh").jkt is None
    assert jkts(ask("refresh_token", showing(proof(MALLORY)))) == MALLORY.jkt


# ---------------------------------------------------------------- pushed requests


def test_a_pushed_request_has_one_key() -> None:
    """Section 10.1: header and dpop_jkt must agree; either alone is enough."""
    held = judge_proof(read_proof([proof(path="/par")]), expected("/par"))  # type: ignore[arg-type]  # there is one
    assert rfc9449_dpop.key_of_code(None, None) is None
    assert rfc9449_dpop.key_of_code("k", None) == "k"
    assert rfc9449_dpop.key_of_code(None, held) == ALICE.jkt
    assert rfc9449_dpop.key_of_code(ALICE.jkt, held) == ALICE.jkt
    with pytest.raises(ProtocolError):
        rfc9449_dpop.key_of_code(MALLORY.jkt, held)


def expected(path: str) -> Any:
    """What a proof for this endpoint must say."""
    return ExpectedProof(method="POST", uri=ISSUER + path, now=NOW)


@given(st.lists(st.text(max_size=60) | st.sampled_from([proof(), proof(nonce="x")]), max_size=3))
def test_no_header_makes_a_rule_raise(fields: list[str]) -> None:
    """Anything in the DPoP header gets an OAuth answer."""
    for grant_type in GRANTS:
        decision = ask(grant_type, showing(*fields) if fields else NOTHING, as_client(EVERY))
        assert error_of(decision) in {"", "invalid_dpop_proof", "use_dpop_nonce"}


@pytest.mark.parametrize("algorithm", ["ES256", "PS256", "EdDSA", "RS256"])
def test_every_advertised_algorithm_proves(algorithm: str) -> None:
    """Section 5.1: dpop_signing_alg_values_supported says what is taken."""
    sender = Sender(algorithm)
    assert jkts(ask("client_credentials", showing(proof(sender)), as_client(EVERY))) == sender.jkt
