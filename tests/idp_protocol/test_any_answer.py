"""Properties of answers: whatever a client asks for and however, tokens never travel in a query."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from idp.domain.errors import PageProblem
from idp.domain.outcomes import RedirectBack
from idp.domain.writes import CreateGrant
from idp.endpoints.signing import completed
from idp.protocol import authorization
from idp.protocol.authorization import AuthorizationQuery
from idp.protocol.oidc_core.flows import HYBRID_TYPES, IMPLICIT_TYPES
from idp.protocol.oidc_response_modes import SUPPORTED, location
from keys import KeyPurpose, KeyRing
from tests.idp_protocol.world import CLIENT, POLICY, REDIRECT, REGISTRY, authorize, facts

OLD = replace(
    CLIENT,
    response_types=frozenset({"code", *HYBRID_TYPES, *IMPLICIT_TYPES}),
    grant_types=frozenset({"authorization_code", "refresh_token", "implicit"}),
)
CLIENTS = st.sampled_from(
    [
        CLIENT,
        OLD,
        replace(OLD, authorization_signed_response_alg="PS256", id_token_signed_response_alg="RS256"),
        replace(OLD, dpop_bound_access_tokens=True),
        replace(OLD, redirect_uris=(REDIRECT, f"{REDIRECT}?kept=%20a"), require_consent=True),
        replace(OLD, application_type="native", redirect_uris=("com.example.app:/cb", REDIRECT)),
    ]
)
TYPES = st.one_of(
    st.sampled_from(
        [*OLD.response_types, "token", "none", "id_token code", "token id_token code", " code", "é"]
    ),
    st.lists(st.sampled_from(["code", "token", "id_token", "none", ""]), max_size=4).map(" ".join),
)
MODES = st.one_of(st.none(), st.sampled_from([*SUPPORTED, "web_message", "query.JWT", ".jwt", "jwt.jwt"]))
STATES = st.one_of(st.none(), st.text(min_size=1, max_size=40))
ADDRESSES = st.sampled_from(
    [REDIRECT, f"{REDIRECT}?kept=%20a", "com.example.app:/cb", "https://evil.example/"]
)
SECRETS = ("access_token", "id_token")


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    """A provider's keys."""
    return KeyRing.create(tmp_path_factory.mktemp("keys") / "idp", profile="idp", mode="demo")


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CLIENTS, TYPES, MODES, STATES, ADDRESSES, st.booleans(), st.booleans())
def test_any_answer_travels_as_it_may(
    ring: KeyRing,
    client: Any,
    kind: str,
    mode: str | None,
    state: str | None,
    address: str,
    signed_in: bool,
    resource: bool,
) -> None:
    """Multiple Response Types 3 and 5, JARM 2.3, RFC 6749 4.1.2.1: over every type, mode, state and client."""
    values: dict[str, Any] = {"response_type": kind, "response_mode": mode, "state": state}
    values |= {"redirect_uri": address, "prompt": None if signed_in else "none"}
    if resource:
        values["resource"] = REGISTRY
    known = facts(client=client) if signed_in else facts(client=client, session=None)
    decision = authorization.decide(AuthorizationQuery(authorize(**values)), known, POLICY)
    outcome = decision.outcome
    if address not in client.redirect_uris:
        assert isinstance(outcome, PageProblem)
        return
    if not isinstance(outcome, RedirectBack):
        assert not any(isinstance(write, CreateGrant) for write in decision.writes)
        return
    assert outcome.mode in {"query", "fragment", "form_post"}
    assert outcome.mode != "form_post" or outcome.uri.startswith("https://")
    finished = completed(outcome, ring)
    said = dict(finished.params)
    if mode in SUPPORTED and mode is not None and mode.endswith("jwt") and "error" not in said:
        assert set(said) == {"response"}
    if finished.mode != "form_post":
        assert location(finished).startswith(address)
        query = dict(parse_qsl(urlsplit(location(finished).removeprefix(address)).query))
        assert query.keys().isdisjoint(SECRETS)
    if outcome.mode == "query":
        assert outcome.tokens is None
    inside = said
    if "response" in said:
        inside = ring.public_keys(KeyPurpose.AUTHORIZATION_RESPONSE).verify(
            said["response"], algorithms=["ES256", "PS256"], typ="JWT"
        )
        assert inside["aud"] == client.client_id
    assert inside["iss"] == POLICY.issuer
    assert inside.get("state") == state
    granted = any(isinstance(write, CreateGrant) for write in decision.writes)
    assert granted is ("error" not in inside)
    if granted:
        kinds = set(kind.split())
        assert {name for name in ("code", "id_token") if name in inside} == kinds & {"code", "id_token"}
        assert ("access_token" in inside) is ("token" in kinds)
        assert frozenset(kinds) in {frozenset(each.split()) for each in client.response_types}
