"""RFC 9101 and OpenID Connect Core 6: what a request object must prove, and what counts after it."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from joserfc.jws import JWSRegistry

from idp.domain.client import Client
from idp.domain.decision import Decision
from idp.domain.errors import PageProblem
from idp.domain.outcomes import Pushed
from idp.domain.writes import CreateGrant, SavePushed, SpendPushed
from idp.protocol import authorization, rfc9126_pushed_requests
from idp.protocol.authorization import AuthorizationQuery
from idp.protocol.rfc9101_request_objects import reading
from idp.protocol.rfc9101_request_objects.reading import Brought
from idp.protocol.rfc9126_pushed_requests import PushRequest
from tests.idp_protocol.acts import params_of
from tests.idp_protocol.request_objects import (
    FAPI,
    JWKS,
    KEY,
    OF_TOKEN,
    OTHER_KEY,
    PLAIN,
    REFERENCE,
    RSA,
    SIGNING,
    STRICT,
    WISHES,
    presented,
    proof_of,
    push,
    refused,
    signed,
    unsigned,
    visit,
)
from tests.idp_protocol.world import (
    CLIENT,
    ISSUER,
    NOW,
    POLICY,
    REDIRECT,
    REGISTRY,
    authorize,
    facts,
    parameters,
)

# ---------------------------------------------------------------- by value


def test_a_signed_object_by_value_gets_a_code() -> None:
    """RFC 9101 section 5.1, Core 6.1: what is inside is the request; the state is that of the object."""
    for text in (signed(), signed(header={"typ": "JWT"}), signed(header={"typ": "oauth-authz-req+jwt"})):
        decision = visit(text, state="outside", nonce="n-outside")
        assert params_of(decision)["state"] == "inside"
        (create,) = decision.writes
        assert isinstance(create, CreateGrant)
        assert create.grant.nonce == "n-inside"


def test_typed_parameters_are_read_from_json() -> None:
    """RFC 9101 section 4: numbers as numbers, claims as an object, several resources as a list."""
    claims = {"id_token": {"acr": {"essential": True, "value": "urn:x"}}}
    assert refused_impossible(visit(signed(claims=claims))) == "unmet_authentication_requirements"
    assert refused_impossible(visit(signed(max_age=0, prompt="none"))) == "login_required"
    decision = visit(signed(resource=[REGISTRY]))
    assert decision.writes[0].grant.resources == (REGISTRY,)
    assert visit(signed(resource=REGISTRY)).writes[0].grant.resources == (REGISTRY,)


def refused_impossible(decision: Decision[Any]) -> str:
    """The error of a request that was good."""
    return params_of(decision)["error"]


@pytest.mark.parametrize(
    "text",
    [
        signed(OTHER_KEY),
        signed(iss="other"),
        signed(iss=None),
        signed(aud="https://elsewhere.example"),
        signed(aud=None),
        signed(aud=[ISSUER] * 11),
        signed(client_id="other"),
        signed(exp=NOW - 11),
        signed(exp="soon"),
        signed(exp=True),
        signed(nbf=NOW + 61),
        signed(iat=NOW + 61),
        signed(sub="portal"),
        signed(request="a.b.c"),
        signed(request_uri=REFERENCE),
        signed(state=["a"]),
        signed(prompt=True),
        signed(resource=[1]),
        signed(header={"typ": "client-authentication+jwt"}),
        signed(header={"typ": "at+jwt"}),
        signed(header={"kid": "unknown"}),
        jwt.encode({"alg": "HS256"}, WISHES | OF_TOKEN, OctKey.import_key("s3cret-of-the-portal" * 2)),
        "",
        "a.b.c",
        "not a token",
        "é.é.é",
        "x" * 16_385,
    ],
)
@pytest.mark.attack
def test_an_object_that_proves_too_little_is_invalid_request_object(text: str) -> None:
    """Attacks 16 and 24, RFC 9101 sections 6 and 7: wrong key, issuer, audience, times, type, size, nested requests.

    Said at the address outside when the client registered it; without one, and to clients that must sign, by a page.
    """
    if text:
        assert refused(visit(text, redirect_uri=REDIRECT, state="s")) == "invalid_request_object"
        page = visit(text).outcome
        assert isinstance(page, PageProblem)
        assert page.code == "request_object_invalid"
        assert isinstance(visit(text, STRICT, redirect_uri=REDIRECT).outcome, PageProblem)
        assert refused(push(text)) == "invalid_request_object"


@pytest.mark.attack
def test_an_unsigned_object_never_passes() -> None:
    """Attack 16, CVE-2016-10555: ``none`` is not supported for anybody, registered or not."""
    for client in (PLAIN, replace(PLAIN, request_object_signing_alg="none")):
        assert refused(visit(unsigned(), client, redirect_uri=REDIRECT)) == "request_not_supported"
        assert refused(push(unsigned(), client)) == "invalid_request_object"
    assert isinstance(visit(unsigned(), STRICT, redirect_uri=REDIRECT).outcome, PageProblem)


@pytest.mark.attack
@pytest.mark.parametrize(
    "header",
    [
        {"jwk": OTHER_KEY.as_dict(private=False)},
        {"jku": "https://evil.example/jwks"},
        {"x5u": "https://evil.example/cert"},
        {"x5c": ["AAAA"]},
        {"crit": ["exp"], "exp": 1},
        {"b64": False, "crit": ["b64"]},
        {"zip": "DEF"},
    ],
)
def test_an_object_brings_no_key_of_its_own(header: dict[str, Any]) -> None:
    """Attacks 22 to 24, Authlib CVE-2026-27962: embedded keys, addresses of keys, unknown crit, compression."""
    _, body, _ = signed().split(".")
    said = base64.urlsafe_b64encode(json.dumps({"alg": "ES256", "kid": "k1"} | header).encode()).rstrip(b"=")
    made = said + b"." + body.encode()
    text = (
        made + b"." + base64.urlsafe_b64encode(JWSRegistry.algorithms["ES256"].sign(made, KEY)).rstrip(b"=")
    )
    assert refused(visit(text.decode(), redirect_uri=REDIRECT)) == "invalid_request_object"


@pytest.mark.parametrize(("name", "by"), [("exp", -10), ("nbf", 10), ("iat", 10)])
def test_clocks_may_differ_by_ten_seconds(name: str, by: int) -> None:
    """FAPI 2.0 5.3.2.1: up to 10 s pass, more than 60 s are refused."""
    bound = {"exp": NOW - 9} if name == "exp" else {name: NOW + by}
    assert "code" in params_of(visit(signed(**bound)))


def test_only_the_registered_algorithm_passes() -> None:
    """OIDC Registration 2: request_object_signing_alg; Keycloak CVE-2026-11800: no confusion of algorithms."""
    rsa = signed(RSA, {"alg": "PS256", "kid": "r1"})
    only_ec = replace(PLAIN, request_object_signing_alg="ES256")
    assert "code" in params_of(visit(rsa))
    assert "code" in params_of(visit(signed(), only_ec))
    assert refused(visit(rsa, only_ec, redirect_uri=REDIRECT)) == "invalid_request_object"
    weak = signed(RSA, {"alg": "RS256", "kid": "r1"})
    assert "code" in params_of(visit(weak))
    assert refused(push(weak, FAPI)) == "invalid_request_object"


def test_a_client_without_keys_has_no_objects() -> None:
    """RFC 9101 section 6.2: nothing verifies without a key that is known to be the client's."""
    assert refused(visit(signed(), CLIENT, redirect_uri=REDIRECT)) == "invalid_request_object"
    fetched = replace(PLAIN, jwks=None, jwks_uri="https://portal.example/jwks")
    assert "code" in params_of(visit(signed(), fetched, facts(fetched_keys=JWKS)))
    assert refused(visit(signed(), fetched, redirect_uri=REDIRECT)) == "invalid_request_object"


# ---------------------------------------------------------------- what counts


def test_core_fills_up_from_outside_and_the_object_wins() -> None:
    """Core 6.1: an object of an OpenID request may leave things to the query."""
    text = signed(redirect_uri=None, state=None, nonce=None, scope="openid")
    decision = visit(text, redirect_uri=REDIRECT, state="outside", nonce="n-outside", scope="openid profile")
    assert params_of(decision)["state"] == "outside"
    grant = decision.writes[0].grant
    assert (grant.nonce, grant.scopes) == ("n-outside", ("openid",))


@pytest.mark.attack
def test_unsigned_parameters_never_merge_where_signing_matters() -> None:
    """Attack 16, RFC 9101 section 6.3: strict clients, RFC 9101 objects, pushed objects, and plain OAuth requests."""
    bare = {"scope": "openid", "nonce": None, "max_age": None}
    outside = {"scope": "openid profile offline_access", "nonce": "n-evil", "prompt": "none", "max_age": "0"}
    typed = signed(header={"typ": "oauth-authz-req+jwt"}, **bare)
    strict = visit(signed(**bare), STRICT, **outside)
    for decision in (strict, visit(typed, **outside)):
        grant = next(each.grant for each in decision.writes if isinstance(each, CreateGrant))
        assert (grant.scopes, grant.nonce) == (("openid",), None)
    saved = push(signed(**bare), **(outside | {"redirect_uri": "https://evil.example/"})).writes[-1]
    assert isinstance(saved, SavePushed)
    assert (saved.pushed.request.scopes, saved.pushed.request.nonce) == (("openid",), None)
    assert saved.pushed.request.prompt == frozenset()
    plain_oauth = visit(signed(redirect_uri=None), scope="profile", redirect_uri=REDIRECT)
    assert plain_oauth.outcome.code == "redirect_uri_unregistered"


@pytest.mark.attack
def test_the_way_back_inside_is_proven_like_any_other() -> None:
    """Attack 6: a signature makes no address good; an unregistered redirect URI is a page."""
    assert visit(signed(redirect_uri="https://evil.example/")).outcome.code == "redirect_uri_unregistered"
    assert refused(push(signed(redirect_uri="https://evil.example/"))) == "invalid_request"


def test_the_rules_for_parameters_hold_inside() -> None:
    """RFC 9101 section 6.3: then "validates the request, as specified in OAuth 2.0": PKCE, scopes, response types."""
    assert refused(visit(signed(code_challenge=None))) == "invalid_request"
    assert refused(visit(signed(scope="registry:verify"))) == "invalid_scope"
    assert refused(visit(signed(response_type="token"), response_type=None)) == "unsupported_response_type"
    mixed = visit(signed(response_type="token"), redirect_uri=REDIRECT)
    assert refused(mixed) == "invalid_request_object"
    assert refused(visit(signed(), state=["a", "b"])) == "invalid_request"
    assert refused(push(signed(code_challenge=None))) == "invalid_request"


def test_the_client_outside_is_the_client_inside() -> None:
    """RFC 9101 section 6.3: identical; Core's objects may leave it out, RFC 9101's may not."""
    assert "code" in params_of(visit(signed(client_id=None)))
    typed = signed(header={"typ": "oauth-authz-req+jwt"}, client_id=None)
    assert refused(visit(typed, redirect_uri=REDIRECT)) == "invalid_request_object"
    assert refused(push(signed(client_id=None))) == "invalid_request_object"


def test_a_hint_inside_is_the_one_that_is_looked_at() -> None:
    """OIDC Core 3.1.2.1 through 6.1: the endpoint verifies the hint that will count."""
    text = signed(id_token_hint="inside.hint.x")
    assert reading.hint_of(Brought(text), parameters(id_token_hint="outside")) == "inside.hint.x"
    assert reading.hint_of(Brought(signed()), parameters(id_token_hint="outside")) == "outside"
    assert refused(visit(text)) == "invalid_request"


# ---------------------------------------------------------------- strict clients


@pytest.mark.parametrize("client", [STRICT, SIGNING])
def test_a_client_that_must_sign_is_refused_without(client: Client) -> None:
    """RFC 9101 section 10.5: unsigned requests are rejected on both ways in."""
    if client is STRICT:
        plain = AuthorizationQuery(authorize())
        decision = authorization.decide(plain, facts(client=client), POLICY)
        assert refused(decision) == "invalid_request"
    values = dict(authorize().first) | {"response_mode": "jwt"} | proof_of(client)
    form = parameters(**values)
    request = PushRequest(form, presented(form, client), "192.0.2.1")
    assert refused(rfc9126_pushed_requests.decide(request, facts(client=client), POLICY)) == "invalid_request"
    assert isinstance(push(signed(response_mode="jwt"), client).outcome, Pushed)


@pytest.mark.attack
@pytest.mark.parametrize(
    "times",
    [
        {"exp": None},
        {"nbf": None},
        {"nbf": NOW - 3_700, "exp": NOW + 10},
        {"nbf": NOW, "exp": NOW + 3_601},
        {"nbf": NOW, "exp": NOW - 5},
    ],
)
def test_strict_clients_sign_for_a_bounded_time(times: dict[str, Any]) -> None:
    """Attack 16, FAPI 2.0 Message Signing 5.3.1: exp and nbf required, an hour at most; others need none."""
    for client in (STRICT, FAPI):
        assert refused(push(signed(**times), client)) == "invalid_request_object"
    assert "code" in params_of(visit(signed(exp=None, nbf=None, iat=None)))


@pytest.mark.attack
def test_a_signed_request_with_a_jti_is_completed_once() -> None:
    """Attack 16: replay. Spent with the answer, remembered until no object of that age can live; visits are free."""
    text = signed(jti="j-1")
    query = AuthorizationQuery(parameters(client_id="portal", request=text))
    decision = visit(text, STRICT)
    (spend, _) = decision.writes
    assert isinstance(spend, SpendPushed)
    assert spend.pushed_id == query.needs.pushed_id
    assert spend.issued_at == NOW
    assert spend.expires_at >= NOW + 3_600
    again = visit(text, STRICT, facts(pushed_spent=True))
    assert refused(again) == "invalid_request_object"
    assert query.single_use != AuthorizationQuery(parameters(client_id="other", request=text)).single_use
    assert visit(signed(), STRICT).writes[0] != spend
