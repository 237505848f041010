"""OpenID Connect Core section 3.1.2.1: the parameters beyond OAuth, typed and bounded."""

from __future__ import annotations

import re
from typing import Final

from idp.domain.authorization import AuthorizationRequest
from idp.domain.client import Client
from idp.domain.policy import Policy
from idp.protocol import rfc8707_resource_indicators, rfc9396_rich_requests
from idp.protocol.errors import refusal
from idp.protocol.oidc_core import claims_parameter
from idp.protocol.oidc_core.flows import usable_scopes
from idp.protocol.parameters import Parameters
from idp.protocol.rfc6749_framework import scopes
from idp.protocol.rfc6749_framework.request import canonical

PROMPTS: Final = frozenset({"none", "login", "consent", "select_account"})
NUMBER: Final = re.compile(r"\A[0-9]{1,9}\Z")
MAX_NONCE: Final = 512
MAX_HINT: Final = 256
MAX_VALUES: Final = 20
MAX_WORD: Final = 256
THUMBPRINT: Final = re.compile(r"\A[A-Za-z0-9_-]{43}\Z")
LOCALE: Final = re.compile(r"\A[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}\Z")


def read(
    parameters: Parameters, client: Client, mode: str, policy: Policy, hinted: str | None
) -> AuthorizationRequest:
    """The request as a value. Raises ProtocolError."""
    nonce = parameters.get("nonce")
    if nonce is not None and len(nonce) > MAX_NONCE:
        raise refusal("invalid_request", "nonce too long")
    claims = claims_parameter.read(parameters.get("claims"), client)
    sub = claims.id_token.get("sub")
    # 5.5.1: a "sub" asked with a value names the person who must sign in, as a hint would.
    if sub is not None and isinstance(sub.value, str):
        if hinted is not None and hinted != sub.value:
            raise refusal("invalid_request", "hint and claims name different people")
        hinted = sub.value
    response_type = canonical(parameters.get("response_type") or "code")
    return AuthorizationRequest(
        client_id=client.client_id,
        redirect_uri=parameters.get("redirect_uri") or "",
        response_mode=mode,
        response_type=response_type,
        scopes=usable_scopes(scopes.allowed(client, scopes.tokens(parameters.get("scope"))), response_type),
        resources=rfc8707_resource_indicators.asked(parameters, client, policy),
        state=parameters.get("state"),
        nonce=nonce,
        code_challenge=parameters.get("code_challenge"),
        prompt=prompt(parameters.get("prompt")),
        max_age=max_age(parameters.get("max_age"), client),
        acr_values=words(parameters.get("acr_values")) or client.default_acr_values,
        claims=claims,
        login_hint=(parameters.get("login_hint") or "")[:MAX_HINT] or None,
        hinted_subject=hinted,
        ui_locales=tuple(tag for tag in words(parameters.get("ui_locales")) if LOCALE.match(tag)),
        dpop_jkt=thumbprint(parameters.get("dpop_jkt")),
        authorization_details=rfc9396_rich_requests.asked(parameters, client, policy),
    )


def prompt(text: str | None) -> frozenset[str]:
    """The prompt values. Raises ProtocolError invalid_request."""
    asked = frozenset(words(text))
    # 3.1.2.1: "If this parameter contains none with any other value, an error is returned."
    if "none" in asked and len(asked) > 1:
        raise refusal("invalid_request", "prompt none with another value")
    if not asked <= PROMPTS:
        raise refusal("invalid_request", "prompt unknown")
    return asked


def max_age(text: str | None, client: Client) -> int | None:
    """Seconds since the last active sign-in that are still good. Raises ProtocolError invalid_request."""
    if text is None:
        return client.default_max_age
    if NUMBER.match(text) is None:
        raise refusal("invalid_request", "max_age is no number")
    return int(text)


def thumbprint(text: str | None) -> str | None:
    """The key that the code will be bound to (RFC 9449 section 10). Raises ProtocolError invalid_request."""
    # 10: "the JWK Thumbprint [RFC7638] of the proof-of-possession public key using the SHA-256 hash function".
    if text is not None and THUMBPRINT.match(text) is None:
        raise refusal("invalid_request", "dpop_jkt is no thumbprint")
    return text


def words(text: str | None) -> tuple[str, ...]:
    """Space-separated values, each once, bounded in number and length: the whole request is kept for its person."""
    return tuple(dict.fromkeys(each[:MAX_WORD] for each in (text or "").split()))[:MAX_VALUES]
