"""Properties: any request gets a well-formed OAuth answer, and no input raises."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from idp.domain.errors import PageProblem, ProtocolError
from idp.domain.outcomes import Interact, IssuedTokens, RedirectBack
from idp.domain.writes import RedeemCode, UseRefresh
from idp.protocol import authorization, rfc7662_introspection, token
from idp.protocol.authorization import AuthorizationQuery
from idp.protocol.oidc_response_modes import location
from idp.protocol.parameters import Parameters
from idp.protocol.rfc6749_framework.authentication import read
from idp.protocol.rfc6750_bearer import BearerRequest
from idp.protocol.rfc7662_introspection import IntrospectionRequest
from idp.protocol.token import TokenRequest
from tests.idp_protocol.world import (
    ACCESS,
    CHALLENGE,
    CLIENT,
    CODE,
    L2A2,
    LOADED,
    LOCKED,
    POLICY,
    PUBLIC,
    REDIRECT,
    REFRESH,
    REGISTRY,
    SECRET,
    VERIFIER,
    basic,
    facts,
)

NAMES = [
    "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge", "prompt",
    "code_challenge_method", "max_age", "acr_values", "claims", "login_hint", "id_token_hint", "ui_locales",
    "response_mode", "resource", "request", "grant_type", "code", "code_verifier", "refresh_token",
    "client_secret", "client_assertion", "client_assertion_type", "token", "access_token", "", "x",
]  # a table, read by rows  # fmt: skip
GOOD = [
    "code", "portal", "app", REDIRECT, "openid", "openid profile", "offline_access", CHALLENGE, "S256", "none",
    "login", "consent", "form_post", "query", L2A2, REGISTRY, "authorization_code", "refresh_token", CODE,
    "client_credentials", VERIFIER, REFRESH, ACCESS, SECRET, "0", "10", "{}", "a.b.c", "e30.e30.x",
    '{"id_token":{"acr":{"essential":true,"values":["x"]}}}',
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
]  # a table, read by rows  # fmt: skip
TEXT = st.one_of(
    st.sampled_from(GOOD), st.text(max_size=30), st.text(alphabet='"\\\r\n\x00é<>&%', max_size=8)
)
PAIRS = st.lists(st.tuples(st.sampled_from(NAMES), TEXT), max_size=16)
KNOWN = st.sampled_from(
    [
        facts(),
        facts(session=None, account=None),
        facts(client=None),
        facts(grant=LOADED),
        facts(client=PUBLIC, grant=LOADED),
        facts(account=LOCKED, grant=LOADED),
        facts(
            client=replace(CLIENT, jwks={"keys": []}, token_endpoint_auth_method="private_key_jwt"),
            grant=LOADED,
        ),
    ]
)
HEADERS = st.one_of(
    st.none(), st.just(basic()), st.text(max_size=40), st.text(max_size=20).map(lambda x: f"Basic {x}")
)
RUNS = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
ASCII = {*range(0x20, 0x22), *range(0x23, 0x5C), *range(0x5D, 0x7F)}


def well_formed(error: Any) -> None:
    """RFC 6749 section 5.2."""
    assert error.code
    assert {ord(letter) for letter in error.description} <= ASCII
    assert error.status in {400, 401, 403, 429}


@RUNS
@given(PAIRS, KNOWN)
def test_any_authorization_request_gets_an_answer(pairs: list[tuple[str, str]], known: Any) -> None:
    """RFC 6749 section 4.1.2.1: a page, a step or a redirect to a registered address; never an exception."""
    base = [("response_type", "code"), ("client_id", "portal"), ("redirect_uri", REDIRECT)]
    for given_pairs in (pairs, base + pairs):
        decision = authorization.decide(AuthorizationQuery(Parameters.of(given_pairs)), known, POLICY)
        outcome = decision.outcome
        assert isinstance(outcome, RedirectBack | Interact | PageProblem)
        if isinstance(outcome, RedirectBack):
            assert outcome.uri in CLIENT.redirect_uris
            names = [name for name, _ in outcome.params]
            assert len(names) == len(set(names))
            assert location(outcome).isascii()
            assert "\n" not in location(outcome)


@RUNS
@given(PAIRS, HEADERS, KNOWN)
def test_any_token_request_gets_an_answer(
    pairs: list[tuple[str, str]], header: str | None, known: Any
) -> None:
    """RFC 6749 section 5: tokens or a registered error; tokens only together with the write that spends."""
    parameters = Parameters.of(pairs)
    request = TokenRequest(parameters, read(parameters, header), "192.0.2.1", token.secret_of(parameters))
    assert request.needs is not None
    decision = token.decide(request, known, POLICY)
    if isinstance(decision.outcome, IssuedTokens):
        assert any(isinstance(write, RedeemCode | UseRefresh) for write in decision.writes)
    else:
        assert isinstance(decision.outcome, ProtocolError)
        well_formed(decision.outcome)


@RUNS
@given(PAIRS, HEADERS, KNOWN)
def test_any_introspection_and_userinfo_request_gets_an_answer(
    pairs: list[tuple[str, str]], header: str | None, known: Any
) -> None:
    """RFC 7662 section 2.3 and RFC 6750 section 3."""
    parameters = Parameters.of(pairs)
    request = IntrospectionRequest(parameters, read(parameters, header), "192.0.2.1")
    outcome = rfc7662_introspection.decide(request, known, POLICY).outcome
    if isinstance(outcome, ProtocolError):
        well_formed(outcome)
    assert BearerRequest.read(header, parameters, Parameters()).needs is not None


@given(st.binary(max_size=200))
def test_reading_never_raises(body: bytes) -> None:
    """Any bytes are parameters or broken."""
    parsed = Parameters.parse(body)
    assert parsed.broken or parsed.get("x") is None or parsed.get("x")
