"""Request objects of the tests: a client that signs, and its two ways in."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from idp.domain.client import Client
from idp.domain.decision import Decision
from idp.domain.facts import Facts
from idp.domain.outcomes import RedirectBack
from idp.domain.writes import SpendOnce
from idp.protocol import authorization, rfc9126_pushed_requests
from idp.protocol.authorization import AuthorizationQuery
from idp.protocol.rfc6749_framework.authentication import read
from idp.protocol.rfc7523_client_assertions.reading import ASSERTION_TYPE
from idp.protocol.rfc9101_request_objects.reading import Brought
from idp.protocol.rfc9126_pushed_requests import PushRequest
from tests.idp_protocol.acts import params_of
from tests.idp_protocol.world import (
    CHALLENGE,
    CLIENT,
    ISSUER,
    NOW,
    POLICY,
    REDIRECT,
    basic,
    facts,
    parameters,
)

KEY = ECKey.generate_key("P-256", {"kid": "k1", "use": "sig"})
OTHER_KEY = ECKey.generate_key("P-256", {"kid": "k1", "use": "sig"})
RSA = RSAKey.generate_key(2048, {"kid": "r1", "use": "sig"})
JWKS = {"keys": [KEY.as_dict(private=False), RSA.as_dict(private=False)]}
REFERENCE = "https://portal.example/object.jwt"
PLAIN = replace(CLIENT, jwks=JWKS, request_uris=(REFERENCE,))
STRICT = replace(PLAIN, require_signed_request_object=True)
FAPI = replace(PLAIN, fapi2_profile="security", token_endpoint_auth_method="private_key_jwt")
SIGNING = replace(FAPI, fapi2_profile="message_signing")
WISHES = {
    "client_id": "portal",
    "response_type": "code",
    "redirect_uri": REDIRECT,
    "scope": "openid profile",
    "state": "inside",
    "nonce": "n-inside",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
OF_TOKEN = {"iss": "portal", "aud": ISSUER, "iat": NOW, "nbf": NOW, "exp": NOW + 300}


def signed(key: Any = KEY, header: dict[str, Any] | None = None, **changes: Any) -> str:
    """A request object; None leaves a claim out."""
    claims = {name: value for name, value in (WISHES | OF_TOKEN | changes).items() if value is not None}
    said = {"alg": "ES256", "kid": "k1"} | (header or {})
    return jwt.encode(said, claims, key, algorithms=[said["alg"]])


def unsigned(**changes: Any) -> str:
    """The same without a signature."""
    parts = [{"alg": "none"}, WISHES | OF_TOKEN | changes]
    return (
        ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
        + "."
    )


def visit(
    text: str | None, client: Client = PLAIN, known: Facts | None = None, **outside: Any
) -> Decision[Any]:
    """A visit with an object by value; outside stands what Core 6.1 asks for."""
    values = {"client_id": "portal", "response_type": "code", "scope": "openid", "request": text} | outside
    query = AuthorizationQuery(parameters(**values))
    assert text is None or query.needs.client_keys_for == (text,)
    return authorization.decide(query, replace(known or facts(), client=client), POLICY)


def push(text: str, client: Client = PLAIN, **beside: Any) -> Decision[Any]:
    """A push of an object."""
    form = parameters(**{"request": text} | proof_of(client) | beside)
    request = PushRequest(form, presented(form, client), "192.0.2.1", brought=Brought(text))
    assert text in (request.needs.client_keys_for or ())
    return rfc9126_pushed_requests.decide(request, facts(client=client), POLICY)


def proof_of(client: Client) -> dict[str, str]:
    """The parameters by which a client authenticates."""
    if client.fapi2_profile is None:
        return {}
    claims = {"iss": "portal", "sub": "portal", "aud": ISSUER, "jti": "j", "iat": NOW, "exp": NOW + 60}
    assertion = jwt.encode({"alg": "ES256", "kid": "k1"}, claims, KEY)
    return {"client_assertion": assertion, "client_assertion_type": ASSERTION_TYPE}


def presented(form: Any, client: Client) -> Any:
    """What the endpoint would read."""
    return read(form, basic() if client.fapi2_profile is None else None)


def refused(decision: Decision[Any]) -> str:
    """The error, wherever it is said; nothing but a spent assertion may be written with it."""
    assert all(isinstance(write, SpendOnce) for write in decision.writes)
    if isinstance(decision.outcome, RedirectBack):
        return params_of(decision)["error"]
    return str(decision.outcome.code)
