"""OpenID Connect Core section 5.5: the ``claims`` parameter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import orjson

from idp.domain.authorization import ClaimRequest, ClaimsRequest
from idp.domain.client import Client
from idp.domain.scopes import SCOPE_OF_CLAIM
from idp.protocol import oidc_identity_assurance
from idp.protocol.errors import refusal

MAX_LENGTH: Final = 4_096
MAX_CLAIMS: Final = 50
MAX_VALUES: Final = 20
VERIFIED: Final = "verified_claims"
OWN: Final = frozenset({"acr", "sub", "auth_time"})
"""Claims of the ID token itself; everything else must belong to a scope that the client is registered for."""


def read(text: str | None, client: Client) -> ClaimsRequest:
    """The parameter as values. Raises ProtocolError invalid_request for what is no claims request at all."""
    if text is None:
        return ClaimsRequest()
    if len(text) > MAX_LENGTH:
        raise refusal("invalid_request", "claims too long")
    try:
        document = orjson.loads(text)
    except ValueError as broken:
        raise refusal("invalid_request", "claims is no JSON") from broken
    if not isinstance(document, dict):
        raise refusal("invalid_request", "claims is no object")
    # 5.5: "Other members MAY be present. Any members used that are not understood MUST be ignored."
    parts = document.get("id_token"), document.get("userinfo")
    id_token, userinfo = (members(part, client) for part in parts)
    return ClaimsRequest(id_token, userinfo, *(verified_of(part, client) for part in parts))


def verified_of(part: object, client: Client) -> tuple[Mapping[str, object], ...]:
    """The verified claims that one part asks for (Identity Assurance 1.0, section 5)."""
    return oidc_identity_assurance.read(part.get(VERIFIED), client) if isinstance(part, dict) else ()


def members(part: object, client: Client) -> dict[str, ClaimRequest]:
    """The claims of one part that this client may ask for at all; the rest is silently left out (5.5.1)."""
    if part is None:
        return {}
    if not isinstance(part, dict) or len(part) > MAX_CLAIMS:
        raise refusal("invalid_request", "claims member malformed")
    return {name: wish(value) for name, value in part.items() if name in OWN or permitted(name, client)}


def permitted(name: str, client: Client) -> bool:
    """A claim may be asked by name only by a client that is registered for its scope."""
    return SCOPE_OF_CLAIM.get(name) in client.scopes


def wish(value: object) -> ClaimRequest:
    """One claim's request (5.5.1): null, or an object with essential, value, values."""
    if value is None:
        return ClaimRequest()
    if not isinstance(value, dict):
        raise refusal("invalid_request", "claim request malformed")
    values = value.get("values")
    if values is not None and (not isinstance(values, list) or len(values) > MAX_VALUES):
        raise refusal("invalid_request", "claim values malformed")
    return ClaimRequest(value.get("essential") is True, value.get("value"), tuple(values or ()))
