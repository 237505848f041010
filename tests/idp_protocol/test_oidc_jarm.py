"""JARM: every answer of a signed mode, errors included, travels as one JWT; the rule says what is signed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from idp.domain.errors import PageProblem
from idp.domain.session import Interaction, Step
from idp.protocol import authorization
from idp.protocol.authorization import AuthorizationQuery, digest
from idp.protocol.oidc_core import reading
from idp.protocol.oidc_jarm import LIFETIME
from idp.protocol.parameters import Parameters
from tests.idp_protocol.acts import error_of, params_of, visit
from tests.idp_protocol.world import CLIENT, ISSUER, NOW, POLICY, REDIRECT, facts

CLAIMS = {"iss": ISSUER, "aud": "portal", "exp": NOW + LIFETIME}


@pytest.mark.parametrize(
    ("mode", "carrier"),
    [("jwt", "query"), ("query.jwt", "query"), ("fragment.jwt", "fragment"), ("form_post.jwt", "form_post")],
)
def test_a_signed_mode_says_what_is_signed_and_how_it_travels(mode: str, carrier: str) -> None:
    """Sections 2.1 and 2.3: iss, aud, exp beside the answer's parameters; jwt is the type's default, signed."""
    outcome = visit(response_mode=mode).outcome
    assert outcome.mode == carrier
    assert outcome.jwt.claims == CLAIMS
    assert outcome.jwt.algorithm == "ES256"
    assert {"code", "state"} <= dict(outcome.params).keys()


def test_the_life_of_the_jwt_is_at_most_ten_minutes() -> None:
    """Section 2.1: "A maximum JWT lifetime of 10 minutes is RECOMMENDED"."""
    assert 0 < LIFETIME <= 600


def test_the_client_chooses_the_algorithm() -> None:
    """Section 3: authorization_signed_response_alg."""
    client = replace(CLIENT, authorization_signed_response_alg="PS256")
    assert visit(facts(client=client), response_mode="jwt").outcome.jwt.algorithm == "PS256"


def test_a_plain_mode_is_not_signed() -> None:
    """Section 2.3: only the modes that say so."""
    client = replace(CLIENT, authorization_signed_response_alg="PS256")
    assert visit(facts(client=client)).outcome.jwt is None
    assert visit(facts(client=client), response_mode="form_post").outcome.jwt is None


@pytest.mark.parametrize(
    ("changes", "known", "code"),
    [
        ({"scope": "unknown"}, {}, "invalid_scope"),
        ({"prompt": "none"}, {"session": None}, "login_required"),
        ({"nonce": ["a", "b"]}, {}, "invalid_request"),
        ({"response_type": "mã"}, {}, "unsupported_response_type"),
        ({"code_challenge": None}, {}, "invalid_request"),
    ],
)
def test_errors_are_signed_too(changes: dict[str, Any], known: dict[str, Any], code: str) -> None:
    """Section 2.1: an error response is an authorization response; one wrapper serves every path."""
    decision = visit(facts(**known), response_mode="query.jwt", **changes)
    assert error_of(decision) == code
    assert decision.outcome.jwt.claims == CLAIMS
    assert params_of(decision)["state"] == "st-1"


def test_an_answer_after_the_pages_is_signed_as_well() -> None:
    """Section 2.3: the stored request keeps its mode; a refusal by the person comes back signed."""
    request = reading.read(
        Parameters({"client_id": "portal", "redirect_uri": REDIRECT, "scope": "openid", "state": "s"}),
        CLIENT,
        "fragment.jwt",
        POLICY,
        None,
    )
    secret = "s" * 43
    waiting = Interaction(
        "i", digest(secret) or b"", request, NOW - 1, NOW + 60, step=Step.CONTINUE, refusal="access_denied"
    )
    query = AuthorizationQuery(Parameters(), interaction_cookie=secret, interaction_id="i")
    decision = authorization.decide(query, facts(interaction=waiting), POLICY)
    assert error_of(decision) == "access_denied"
    assert decision.outcome.mode == "fragment"
    assert decision.outcome.jwt.claims == CLAIMS


@pytest.mark.parametrize("kind", ["code id_token", "id_token", "code token"])
def test_tokens_are_never_shown_in_a_query_even_signed(kind: str) -> None:
    """Section 2.3.1: query.jwt "MUST NOT be used" with response types that contain token or id_token."""
    client = replace(
        CLIENT,
        response_types=frozenset({kind}),
        grant_types=frozenset({"authorization_code", "implicit"}),
    )
    refused = visit(facts(client=client), response_type=kind, response_mode="query.jwt")
    assert error_of(refused) == "invalid_request"
    assert refused.outcome.mode == "fragment"
    signed = visit(facts(client=client), response_type=kind, response_mode="jwt")
    assert signed.outcome.mode == "fragment"
    assert signed.outcome.jwt is not None


@pytest.mark.attack
@pytest.mark.parametrize(
    "uri", ["https://evil.example/", "javascript:alert(1)", REDIRECT + "/x", REDIRECT + "?"]
)
@pytest.mark.parametrize("mode", ["form_post.jwt", "jwt", "query.jwt", "fragment.jwt"])
def test_a_signed_mode_opens_no_redirect(uri: str, mode: str) -> None:
    """GHSA-9vm7-v8wj-3fqw: form_post.jwt went past the check of the redirect URI; attack 5."""
    assert isinstance(visit(redirect_uri=uri, response_mode=mode).outcome, PageProblem)


@pytest.mark.attack
def test_a_form_with_a_signed_answer_goes_to_web_addresses_only() -> None:
    """Authentik CVE-2024-21637: a registered private scheme gets no form in form_post.jwt either."""
    uri = "com.example.app:/cb"
    decision = visit(
        facts(client=replace(CLIENT, redirect_uris=(uri,))), redirect_uri=uri, response_mode="form_post.jwt"
    )
    assert error_of(decision) == "invalid_request"
    assert decision.outcome.mode == "query"
