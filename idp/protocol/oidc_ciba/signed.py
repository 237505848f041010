"""CIBA Core 1.0 section 7.1.1: signed authentication requests."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import orjson

from idp.domain.client import Client
from idp.domain.facts import Facts
from idp.domain.needs import ReplayKey
from idp.domain.policy import Policy
from idp.domain.writes import SpendOnce
from idp.protocol.client_keys import imported
from idp.protocol.errors import refusal
from idp.protocol.numeric_date import numeric_date
from idp.protocol.parameters import Parameters
from idp.protocol.rfc7523_client_assertions.reading import unverified_claims
from idp.protocol.rfc9101_request_objects import opening
from keys import KeyRefused, VerificationFailed

ALGORITHMS: Final = ("ES256", "PS256", "EdDSA")
"""FAPI-CIBA 5.2.2 (FAPI Advanced 8.6): PS256 or ES256 in their kind, never RS256, never "none"."""
MAX_BYTES: Final = 16_384
REQUEST_TYPES: Final = frozenset({None, "jwt", "oauth-authz-req+jwt"})
"""RFC 8725 3.11: what the client signs as something else (an assertion, a proof) is not meant for here. CIBA names no
type; the certification suite sends RFC 9101's, so :data:`FRONT_CHANNEL` keeps requests of browsers apart."""
HINT_TYPES: Final = frozenset({None, "jwt"})
FRONT_CHANNEL: Final = frozenset({"response_type", "redirect_uri", "response_mode"})
NAMESPACE: Final = "ciba-request"
DETAILS: Final = "authorization_details"
LONGEST: Final = 3_600
"""FAPI-CIBA 5.2.2: exp "has a lifetime of no longer than 60 minutes after the nbf claim"."""
OWN: Final = frozenset({"iss", "aud", "exp", "iat", "nbf", "jti"})
OUTSIDE: Final = frozenset(
    {"request", "client_id", "client_secret", "client_assertion", "client_assertion_type"}
)
"""What stands beside the request: itself and the client's authentication."""


def peeked(parameters: Parameters) -> Parameters:
    """The parameters that will count, before anything is verified: only to know what to look up."""
    text = parameters.get("request")
    return parameters if text is None else parameters_of(unverified_claims(text))


def replay_key(parameters: Parameters) -> ReplayKey | None:
    """The single-use item of a signed request: its issuer and ``jti``."""
    claims = unverified_claims(parameters.get("request") or "")
    issuer, jti = claims.get("iss"), claims.get("jti")
    if not isinstance(issuer, str) or not isinstance(jti, str) or not jti:
        return None
    text = f"{len(issuer)}:{issuer}{jti}".encode("utf-8", "surrogatepass")
    return ReplayKey(NAMESPACE, hashlib.sha256(text).digest())


def effective(
    parameters: Parameters, client: Client, facts: Facts, policy: Policy
) -> tuple[Parameters, tuple[SpendOnce, ...]]:
    """The parameters that count, and what must be spent for them. Raises ProtocolError invalid_request."""
    text, algorithm = parameters.get("request"), client.backchannel_authentication_request_signing_alg
    if text is None:
        # FAPI-CIBA 5.2.2: "shall require ... signed authentication requests"; and whoever must sign its requests
        # (RFC 9101 10.5, FAPI 2.0 Message Signing 5.3) must sign them on this way in too.
        if algorithm is not None or opening.must_sign(client):
            raise refusal("invalid_request", "request must be signed")
        return parameters, ()
    if algorithm not in ALGORITHMS:
        raise refusal("invalid_request", "no signing algorithm registered")
    # 7.1.1: "When a signed authentication request is used, authentication request parameters MUST NOT be present
    # outside of the JWT".
    if set(parameters.first) - OUTSIDE or parameters.lists:
        raise refusal("invalid_request", "parameters beside the request")
    claims = verified(text, (algorithm,), facts, MAX_BYTES, REQUEST_TYPES)
    if claims is None:
        raise refusal("invalid_request", "signature refused")
    return parameters_of(claims), (judged(claims, parameters, client, facts, policy),)


def verified(
    text: str, algorithms: tuple[str, ...], facts: Facts, max_bytes: int, types: frozenset[str | None]
) -> dict[str, Any] | None:
    """The claims under a published key of the client; None for none, and for a JWT of another kind."""
    published = facts.client_keys
    try:
        if published is None:
            return None
        return imported(published).verify(text, algorithms=algorithms, typ=types, max_bytes=max_bytes)
    except (VerificationFailed, KeyRefused, ValueError):
        return None


def judged(
    claims: dict[str, Any], parameters: Parameters, client: Client, facts: Facts, policy: Policy
) -> SpendOnce:
    """Issuer, audience, times and the one use of a request. Raises ProtocolError invalid_request."""
    now, tolerance = facts.now, policy.clock_tolerance
    # 7.1.1: "aud: The Audience claim MUST contain the value of the Issuer Identifier"; "iss: the client_id";
    # exp, iat, nbf and jti are REQUIRED.
    audience = claims.get("aud")
    if isinstance(audience, list) and len(audience) == 1:
        audience = audience[0]
    if claims.get("iss") != client.client_id or audience != policy.issuer:
        raise refusal("invalid_request", "iss or aud of the request")
    # RFC 9101 10.8, for the other way in: with the client as its "sub" it would be an assertion too; what asks for
    # a redirect was signed for browsers to carry.
    if claims.get("sub") == client.client_id or not FRONT_CHANNEL.isdisjoint(claims):
        raise refusal("invalid_request", "another kind of JWT")
    expires, issued, begins = (numeric_date(claims.get(name)) for name in ("exp", "iat", "nbf"))
    if expires is None or issued is None or begins is None:
        raise refusal("invalid_request", "times of the request")
    if expires <= now - tolerance or max(issued, begins) > now + tolerance:
        raise refusal("invalid_request", "request expired or not yet valid")
    if expires - begins > LONGEST or begins < now - LONGEST:
        raise refusal("invalid_request", "request lives too long")
    key = replay_key(parameters)
    if key is None or key in facts.spent:
        raise refusal("invalid_request", "jti missing or used before")
    return SpendOnce(key, int(expires) + 2 * tolerance + 1, issued_at=int(issued))


def parameters_of(claims: dict[str, Any]) -> Parameters:
    """Claims as parameters: texts as they are, numbers as their digits, details as JSON; the rest is no parameter."""
    pairs = []
    for name, value in claims.items():
        if name in OWN:
            continue
        if isinstance(value, bool):
            continue
        if isinstance(value, int):
            pairs.append((name, str(value)))
        elif isinstance(value, str):
            pairs.append((name, value))
        elif isinstance(value, list) and name == "resource":
            pairs += [(name, each) for each in value if isinstance(each, str)]
        elif name == DETAILS and isinstance(value, list):
            # RFC 9396 2: "a JSON array of objects"; inside a JWT it is that array itself (RFC 9101 4).
            pairs.append((name, orjson.dumps(value).decode("utf-8")))
    return Parameters.of(pairs)
