"""Requests of the tests, short."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from idp.domain.decision import Decision
from idp.domain.facts import Facts
from idp.domain.tokens import Handle
from idp.protocol import authorization, oidc_userinfo, rfc7009_revocation, rfc7662_introspection, token
from idp.protocol.authorization import AuthorizationQuery
from idp.protocol.parameters import Parameters
from idp.protocol.rfc6749_framework.authentication import read
from idp.protocol.rfc6750_bearer import BearerRequest
from idp.protocol.rfc7009_revocation import RevocationRequest
from idp.protocol.rfc7662_introspection import IntrospectionRequest
from idp.protocol.token import TokenRequest
from tests.idp_protocol.world import (
    ACCESS,
    CODE,
    LOADED,
    POLICY,
    REDIRECT,
    REFRESH,
    VERIFIER,
    authorize,
    basic,
    facts,
    parameters,
)

ABSENT = object()


def visit(known: Facts | None = None, *, hint: Any = None, **values: Any) -> Decision[Any]:
    """A visit of the authorization endpoint."""
    query = AuthorizationQuery(authorize(**values), hint=hint)
    return authorization.decide(query, known or facts(), POLICY)


def params_of(decision: Decision[Any]) -> dict[str, str]:
    """The parameters of an authorization response."""
    return dict(decision.outcome.params)


def error_of(decision: Decision[Any]) -> str:
    """The error code of a refusal, however it travels."""
    if hasattr(decision.outcome, "params"):
        return params_of(decision).get("error", "")
    return str(getattr(decision.outcome, "code", ""))


def token_request(values: Parameters, authorization: str | None) -> TokenRequest:
    """What the endpoint would read."""
    return TokenRequest(values, read(values, authorization), "192.0.2.1", token.secret_of(values))


def redeem(known: Facts | None = None, *, auth: Any = ABSENT, **values: Any) -> Decision[Any]:
    """Redeem the code of the world."""
    form = {
        "grant_type": "authorization_code",
        "code": CODE,
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
    } | values
    request = token_request(parameters(**form), basic() if auth is ABSENT else auth)
    return token.decide(request, known or facts(grant=LOADED), POLICY)


def refresh(known: Facts | None = None, *, auth: Any = ABSENT, **values: Any) -> Decision[Any]:
    """Refresh with the token of the world."""
    form = {"grant_type": "refresh_token", "refresh_token": REFRESH} | values
    request = token_request(parameters(**form), basic() if auth is ABSENT else auth)
    return token.decide(request, known or facts(grant=LOADED), POLICY)


def introspect(known: Facts, text: str = ACCESS, *, jwt: Any = None, auth: Any = ABSENT) -> Decision[Any]:
    """Introspect a token."""
    values = parameters(token=text)
    presented = read(values, basic() if auth is ABSENT else auth)
    request = IntrospectionRequest(values, presented, "192.0.2.1", Handle.parse(text), jwt)
    return rfc7662_introspection.decide(request, known, POLICY)


def revoke(known: Facts, text: str = ACCESS, *, jwt: Any = None, auth: Any = ABSENT) -> Decision[Any]:
    """Revoke a token."""
    values = parameters(token=text)
    presented = read(values, basic() if auth is ABSENT else auth)
    request = RevocationRequest(values, presented, "192.0.2.1", Handle.parse(text), jwt)
    return rfc7009_revocation.decide(request, known, POLICY)


def userinfo(known: Facts, text: str = ACCESS) -> Decision[Any]:
    """Ask for claims with the token in the header."""
    request = BearerRequest.read(f"Bearer {text}", None, Parameters())
    return oidc_userinfo.decide(request, known, POLICY)


def encoded(**values: str) -> bytes:
    """A form body."""
    return urlencode(values).encode()
