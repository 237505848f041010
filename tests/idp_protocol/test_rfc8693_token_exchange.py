"""RFC 8693: one person acts for another, in their own name and no further than was agreed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from idp.domain.audit import AuditKind
from idp.domain.outcomes import IssuedTokens
from idp.protocol import rfc8693_token_exchange, token
from idp.protocol.parameters import Parameters
from idp.protocol.rfc6749_framework.authentication import read
from idp.protocol.rfc8693_token_exchange import ACCESS_TOKEN, GRANT_TYPE, JWT, Exchanged
from idp.protocol.token import TokenRequest
from tests.idp_protocol.acts import error_of, introspect
from tests.idp_protocol.exchanges import (
    CITIZEN,
    CITIZEN_FACTS,
    CITIZEN_GRANT,
    COUNTER,
    DEPUTY,
    DEPUTY_ACCOUNT,
    DEPUTY_GRANT,
    SCOPES,
    child,
    claims_of,
    exchange,
    jwt_of,
    loaded,
    party,
)
from tests.idp_protocol.test_rfc9396_rich_requests import BARE, DETAIL, OTHER, text
from tests.idp_protocol.world import (
    ACCOUNT,
    CLIENT,
    ISSUER,
    L2A1,
    NOW,
    POLICY,
    REGISTRY,
    basic,
    parameters,
    sha,
)

# ---------------------------------------------------------------- what it gives


def test_the_deputy_acts_for_the_citizen_in_their_own_name() -> None:
    """Sections 2.2.1 and 4.1: sub is the citizen, act.sub the deputy; a JWT for the resource, and nothing else."""
    decision = exchange()
    claims = claims_of(decision)
    assert claims["sub"] == "subject-of-the-portal"
    assert claims["act"] == {"sub": "subject-of-the-deputy"}
    assert claims["aud"] == REGISTRY
    assert claims["scope"] == "profile pid registry:verify", "no sign-in, no refresh, no passing on"
    assert claims["pid"] == ACCOUNT.personal_number
    assert claims["acr"] == L2A1
    outcome = decision.outcome
    assert outcome.issued_token_type == ACCESS_TOKEN
    assert outcome.refresh_token is None
    assert outcome.id_token is None
    assert exchange(requested_token_type=JWT).outcome.issued_token_type == JWT


def test_the_new_grant_is_a_child_of_both() -> None:
    """Decision 0016: it names both grants and the very tokens, the person is the citizen, it is in no session."""
    grant = child(exchange())
    assert grant.parents == (
        f"{'g' * 22}:{sha(CITIZEN).hex()}",
        f"{'h' * 22}:{sha(DEPUTY).hex()}",
    )
    assert grant.account_id == "account-1"
    assert grant.actor == {"sub": "subject-of-the-deputy"}
    assert grant.session_id is None
    assert not grant.offline
    (born,) = exchange().writes
    assert born.account_epoch == ACCOUNT.epoch
    assert born.code is None
    assert born.access is None


def test_both_histories_tell_it() -> None:
    """Decree 69/2024, Art. 28: a line for each of the two, naming the other, joined by the grant."""
    rich = replace(
        CITIZEN_FACTS, grant=loaded(replace(CITIZEN_GRANT, authorization_details=(DETAIL,)), CITIZEN, SCOPES)
    )
    of_citizen, of_deputy = exchange(rich).audit
    assert of_citizen.kind is AuditKind.DELEGATED
    assert of_citizen.account_id == "account-1"
    assert of_citizen.claims == ("actor:account-2", "procedure:1.004194", f"dossier:{DETAIL['dossier']}")
    assert of_deputy.kind is AuditKind.ACTED_FOR
    assert of_deputy.account_id == "account-2"
    assert of_deputy.claims[0] == "subject:account-1"
    assert of_citizen.grant_id == of_deputy.grant_id == child(exchange(rich)).grant_id


# ---------------------------------------------------------------- requests


@pytest.mark.parametrize(
    "values",
    [
        {"subject_token": None},
        {"subject_token_type": None},
        {"actor_token": None, "actor_token_type": None},
        {"actor_token": None},
        {"actor_token_type": None},
        {"subject_token_type": "urn:ietf:params:oauth:token-type:id_token"},
        {"actor_token_type": "urn:ietf:params:oauth:token-type:id_token"},
        {"subject_token_type": "urn:ietf:params:oauth:token-type:refresh_token"},
        {"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"},
        {"requested_token_type": "urn:ietf:params:oauth:token-type:saml2"},
        {"subject_token": "garbage"},
        {"actor_token": "garbage"},
        {"actor_token": CITIZEN},
        {"subject_token": [CITIZEN, CITIZEN]},
    ],
)
def test_a_malformed_request_or_token_is_an_invalid_request(values: dict[str, Any]) -> None:
    """Sections 2.1 and 2.2.2: what is missing, unknown or repeated; no actor would be impersonation (section 1.1)."""
    decision = exchange(**values)
    assert error_of(decision) == "invalid_request"
    assert decision.writes == ()
    assert decision.audit == ()


@pytest.mark.attack
def test_only_clients_that_registered_for_it() -> None:
    """RFC 6749 5.2: unauthorized_client; and who does not authenticate gets nothing (RFC 8693 section 5)."""
    assert (
        error_of(exchange(client=replace(COUNTER, grant_types=CLIENT.grant_types))) == "unauthorized_client"
    )
    assert error_of(exchange(auth=basic(secret="wrong"))) == "invalid_client"
    public = replace(COUNTER, token_endpoint_auth_method="none", secret_hash=None)
    made = parameters(grant_type=GRANT_TYPE, client_id="portal", subject_token=CITIZEN, actor_token=DEPUTY)
    exchanged = rfc8693_token_exchange.read(made, lambda _: None)
    request = TokenRequest(made, read(made, None), "192.0.2.1", None, exchanged)
    assert error_of(token.decide(request, replace(CITIZEN_FACTS, client=public), POLICY)) == "invalid_client"


# ---------------------------------------------------------------- targets and details


def test_the_target_is_one_resource_of_the_client() -> None:
    """Section 2.1: audience and resource, each a resource of the client; one; named or the only one."""
    two = replace(COUNTER, resources=frozenset({REGISTRY, OTHER}))
    for name in ("resource", "audience"):
        assert claims_of(exchange(client=two, **{name: OTHER}))["aud"] == OTHER
        for wrong in ("https://evil.example", ISSUER, [REGISTRY, OTHER]):
            assert error_of(exchange(client=two, **{name: wrong})) == "invalid_target"
    assert error_of(exchange(client=two, resource=REGISTRY, audience=OTHER)) == "invalid_target"
    assert claims_of(exchange(client=two, resource=REGISTRY, audience=REGISTRY))["aud"] == REGISTRY
    assert error_of(exchange(client=two)) == "invalid_target"
    granted = party(replace(CITIZEN_GRANT, resources=(REGISTRY,)), CITIZEN, ACCOUNT)
    assert claims_of(exchange(granted, client=two))["aud"] == REGISTRY
    assert error_of(exchange(granted, client=two, resource=OTHER)) == "invalid_target"


@pytest.mark.attack
def test_details_come_along_and_never_widen() -> None:
    """RFC 9396 section 6 with attack 52: the citizen's details, or fewer; never none, never others."""
    rich = party(replace(CITIZEN_GRANT, authorization_details=(DETAIL,)), CITIZEN, ACCOUNT)
    assert claims_of(exchange(rich))["authorization_details"] == (DETAIL,)
    few = DETAIL | {"claims": ["name"]}
    narrow = exchange(rich, authorization_details=text(few))
    assert claims_of(narrow)["authorization_details"] == (few,)
    assert child(narrow).authorization_details == (few,)
    for wider in (DETAIL | {"claims": ["marital_status"]}, DETAIL | {"dossier": "H29-261122-0001"}):
        assert error_of(exchange(rich, authorization_details=text(wider))) == "invalid_authorization_details"
    assert error_of(exchange(rich, authorization_details="[]")) == "invalid_authorization_details"
    assert error_of(exchange(authorization_details=text(BARE))) == "invalid_authorization_details"
    two = replace(COUNTER, resources=frozenset({REGISTRY, OTHER}))
    assert error_of(exchange(rich, client=two, resource=OTHER)) == "invalid_target", (
        "no way out of the details"
    )


# ---------------------------------------------------------------- afterwards


def test_introspection_names_the_actor_while_all_live() -> None:
    """Section 4.1 and RFC 7662: act is told; a dead parent makes the grant absent, which is inactive."""
    decision = exchange()
    claims, known = jwt_of(decision)
    told = introspect(replace(known, client=COUNTER), "jwt", jwt=claims)
    assert told.outcome.claims["act"] == {"sub": "subject-of-the-deputy"}
    gone = introspect(replace(known, client=COUNTER, grant=None), "jwt", jwt=claims)
    assert gone.outcome.claims == {"active": False}


def test_other_requests_are_read_without_tokens() -> None:
    """The plain path pays one comparison."""
    assert rfc8693_token_exchange.read(Parameters({"grant_type": "refresh_token"}), lambda _: {}) is None
    assert (
        Exchanged(
            rfc8693_token_exchange.shown(None, lambda _: {}), rfc8693_token_exchange.shown("", lambda _: {})
        ).needs.grant_id
        is None
    )


# ---------------------------------------------------------------- properties

SCOPE_SETS = st.lists(st.sampled_from([*sorted(COUNTER.scopes), "x"]), unique=True, max_size=6).map(tuple)
RUNS = settings(max_examples=200, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.attack
@RUNS
@given(
    granted=SCOPE_SETS,
    held=SCOPE_SETS,
    wanted=SCOPE_SETS,
    ends=st.tuples(*[st.integers(NOW - 5, NOW + 900)] * 4),
    claims=st.tuples(*[st.lists(st.sampled_from(DETAIL["claims"]), unique=True, max_size=3)] * 2),
    resource=st.sampled_from([None, REGISTRY, OTHER, ISSUER]),
)
def test_an_exchange_never_widens(
    granted: tuple[str, ...],
    held: tuple[str, ...],
    wanted: tuple[str, ...],
    ends: tuple[int, int, int, int],
    claims: tuple[list[str], list[str]],
    resource: str | None,
) -> None:
    """Attack 52: whatever is held and asked, a refusal, or within the token, the grant and both lives."""
    details = tuple(DETAIL | {"claims": each} for each in claims[:1] if each)
    grant = replace(CITIZEN_GRANT, scopes=granted, expires_at=ends[0], authorization_details=details)
    subject = party(grant, CITIZEN, ACCOUNT, scopes=held, expires_at=ends[1])
    actor = party(replace(DEPUTY_GRANT, expires_at=ends[2]), DEPUTY, DEPUTY_ACCOUNT, expires_at=ends[3])
    asked = {"authorization_details": text(DETAIL | {"claims": claims[1]})} if claims[1] else {}
    decision = exchange(subject, actor, scope=" ".join(wanted) or None, resource=resource, **asked)
    if not isinstance(decision.outcome, IssuedTokens):
        assert decision.outcome.code.startswith("invalid_")
        assert decision.writes == ()
        return
    made = claims_of(decision)
    assert "delegation" in held
    assert set(made["scope"].split()) <= set(held) & set(granted) & COUNTER.scopes
    assert NOW < made["exp"] <= min(*ends, NOW + 300)
    assert made["aud"] == REGISTRY
    assert {each for detail in made.get("authorization_details", ()) for each in detail["claims"]} <= set(
        claims[0]
    )
    assert bool(made.get("authorization_details")) == bool(details)
