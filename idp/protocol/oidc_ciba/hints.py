"""CIBA Core 1.0 section 7.1: whom a client means.

``login_hint`` is the ``sub`` that this client knows; a state authority that may receive personal numbers (scope
``pid``) may also name one, because it has the person before it. ``id_token_hint`` is an ID token that this client
got from us, of any age. ``login_hint_token`` is a JWT that the client signs: ``iss`` itself, ``aud`` this provider,
``exp``, and ``sub_id`` with a subject identifier (RFC 9493) of format ``opaque`` or ``iss_sub``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Final

from idp.domain.client import Client, PartyKind
from idp.domain.facts import Facts
from idp.domain.policy import Policy
from idp.domain.values import frozen
from idp.protocol.errors import refusal
from idp.protocol.hinted_subjects import SUBJECT
from idp.protocol.numeric_date import numeric_date
from idp.protocol.oidc_ciba.signed import ALGORITHMS, HINT_TYPES, verified
from idp.protocol.parameters import Parameters

NAMES: Final = ("login_hint", "id_token_hint", "login_hint_token")
NUMBER: Final = re.compile(r"\A[0-9]{12}\Z")
MAX_BYTES: Final = 8_192
PID: Final = "pid"


@frozen
class Hint:
    """Whom a request is for: a pseudonym or a personal number; neither when the hint can be nobody's."""

    subject: str | None = None
    number: str | None = field(default=None, repr=False)


def knows_numbers(client: Client) -> bool:
    """Whether this client may name people by their number, and hear that a number is nobody's."""
    return client.party_kind is PartyKind.STATE and PID in client.scopes


def read(
    parameters: Parameters,
    client: Client,
    id_token: Mapping[str, object] | None,
    facts: Facts,
    policy: Policy,
) -> Hint:
    """The one hint of a request. Raises ProtocolError."""
    # 7.1: "there MUST be one (and only one) of the hints specified ... in the request".
    given = [name for name in NAMES if name in parameters]
    if len(given) != 1:
        raise refusal("invalid_request", "not exactly one hint")
    text = parameters.get(given[0]) or ""
    if given[0] == "login_hint":
        return named(text, client)
    if given[0] == "id_token_hint":
        # 7.1: "An ID Token previously issued to the Client by the OpenID Provider"; its age does not matter.
        if id_token is None or id_token.get("aud") != client.client_id:
            raise refusal("invalid_request", "id_token_hint")
        return pseudonym(id_token.get("sub"))
    return told(text, client, facts, policy)


def named(text: str, client: Client) -> Hint:
    """A ``login_hint``."""
    if NUMBER.match(text) and knows_numbers(client):
        return Hint(number=text)
    return pseudonym(text)


def pseudonym(subject: object) -> Hint:
    """Somebody by the name that the client knows."""
    return Hint(subject if isinstance(subject, str) and SUBJECT.match(subject) else None)


def told(text: str, client: Client, facts: Facts, policy: Policy) -> Hint:
    """A ``login_hint_token``. Raises ProtocolError."""
    claims = verified(text, ALGORITHMS, facts, MAX_BYTES, HINT_TYPES)
    if claims is None or claims.get("iss") != client.client_id or claims.get("aud") != policy.issuer:
        raise refusal("invalid_request", "login_hint_token")
    # RFC 9101 10.8, for the other way in: with the client as its "sub" it would be a client assertion too.
    if claims.get("sub") == client.client_id:
        raise refusal("invalid_request", "login_hint_token is an assertion")
    expires = numeric_date(claims.get("exp"))
    if expires is None:
        raise refusal("invalid_request", "login_hint_token without end")
    # 13: expired_login_hint_token: "The login_hint_token provided in the authentication request is not valid because
    # it has expired."
    if expires <= facts.now - policy.clock_tolerance:
        raise refusal("expired_login_hint_token")
    identifier = claims.get("sub_id")
    if not isinstance(identifier, dict):
        raise refusal("invalid_request", "sub_id")
    kind = identifier.get("format")
    if kind == "opaque":
        return pseudonym(identifier.get("id"))
    if kind == "iss_sub" and identifier.get("iss") == policy.issuer:
        return pseudonym(identifier.get("sub"))
    raise refusal("invalid_request", "format of sub_id")
