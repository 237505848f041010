"""CIBA Core 1.0 section 7.1: the parameters of a request, typed and bounded."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import field
from typing import Final

from idp.domain.assistance import Assistance
from idp.domain.authorization import AuthorizationRequest
from idp.domain.client import Client
from idp.domain.policy import Policy
from idp.domain.scopes import OPENID
from idp.domain.values import frozen
from idp.protocol import rfc8707_resource_indicators, rfc9396_rich_requests
from idp.protocol.decoupled_grant import PING
from idp.protocol.errors import refusal
from idp.protocol.oidc_ciba.hints import Hint
from idp.protocol.oidc_core.reading import words
from idp.protocol.parameters import Parameters
from idp.protocol.rfc6749_framework import scopes

LIFETIME: Final = 300
SHORTEST: Final = 30
LONGEST: Final = 900
LONGEST_SCOPE: Final = 1_024
FRESH: Final = 300
"""Seconds since the person proved who they are within which they may approve."""
MAX_MESSAGE: Final = 60
MAX_TOKEN: Final = 1_024
BEARER: Final = re.compile(r"\A[A-Za-z0-9._~+/-]+=*\Z")
SECONDS: Final = re.compile(r"\A[1-9][0-9]{0,6}\Z")
PUNCTUATION: Final = frozenset(" .,:;-/#()!?'%+")
ADDRESS: Final = re.compile(r"//|www\.|\.\w{2,}/", re.IGNORECASE)


@frozen
class Asked:
    """A request that was judged as far as it can be without knowing the person."""

    request: AuthorizationRequest
    hint: Hint
    lifetime: int
    knows_numbers: bool
    binding_message: str | None = field(default=None, repr=False)
    notification_token: str | None = field(default=None, repr=False)
    assistance: Assistance | None = None


def read(parameters: Parameters, client: Client, hint: Hint, policy: Policy, *, knows_numbers: bool) -> Asked:
    """The request as a value. Raises ProtocolError."""
    text = parameters.get("scope") or ""
    granted = scopes.allowed(client, scopes.tokens(text)) if len(text) <= LONGEST_SCOPE else ()
    # 7.1: "CIBA authentication requests MUST therefore contain the openid scope value."
    if OPENID not in granted:
        raise refusal("invalid_scope")
    request = AuthorizationRequest(
        client_id=client.client_id,
        redirect_uri="",
        scopes=granted,
        resources=rfc8707_resource_indicators.asked(parameters, client, policy),
        authorization_details=rfc9396_rich_requests.asked(parameters, client, policy),
        max_age=FRESH,
        acr_values=words(parameters.get("acr_values")) or client.default_acr_values,
    )
    message = binding_message(parameters.get("binding_message"))
    # FAPI-CIBA 5.2.2: "shall ensure unique authorization context exists in the authorization request or require a
    # binding_message in the authorization request".
    if message is None and client.backchannel_authentication_request_signing_alg is not None:
        raise refusal("invalid_binding_message", "missing")
    token = notification_token(parameters, client)
    lifetime = requested_expiry(parameters.get("requested_expiry"))
    return Asked(request, hint, lifetime, knows_numbers, message, token)


def binding_message(text: str | None) -> str | None:
    """A short plain text that both screens show. Raises ProtocolError invalid_binding_message."""
    if text is None:
        return None
    # 7.1: "relatively short and use a limited set of plain text characters". Latin letters with every Vietnamese
    # mark; no other script (one letter may look like another), no control character, no address to go to.
    plain = unicodedata.normalize("NFC", text[: 2 * MAX_MESSAGE + 1])
    if not 0 < len(plain) <= MAX_MESSAGE or plain != plain.strip() or ADDRESS.search(plain):
        raise refusal("invalid_binding_message")
    if not all(readable(letter) for letter in plain):
        raise refusal("invalid_binding_message")
    return plain


def readable(letter: str) -> bool:
    """Whether a character can stand in a binding message."""
    if letter in PUNCTUATION or letter in "0123456789":
        return True
    return letter.isalpha() and unicodedata.name(letter, "").startswith("LATIN ")


def notification_token(parameters: Parameters, client: Client) -> str | None:
    """What the ping will carry. Raises ProtocolError invalid_request."""
    if client.backchannel_token_delivery_mode != PING:
        return None
    # 7.1: "REQUIRED if the Client is registered to use Ping or Push modes. ... The length of the token MUST NOT
    # exceed 1024 characters and it MUST conform to the syntax for Bearer credentials".
    token = parameters.get("client_notification_token")
    if token is None or len(token) > MAX_TOKEN or BEARER.match(token) is None:
        raise refusal("invalid_request", "client_notification_token")
    return token


def requested_expiry(text: str | None) -> int:
    """How long the request lives. Raises ProtocolError invalid_request."""
    if text is None:
        return LIFETIME
    # 7.1: "A positive integer allowing the client to request the expires_in value".
    if SECONDS.match(text) is None:
        raise refusal("invalid_request", "requested_expiry")
    return min(max(int(text), SHORTEST), LONGEST)
