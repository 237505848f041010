"""RFC 7523 section 3: an assertion proves its client once.

Overrides of Authlib, and why: it reads the clock (ours is the loaded ``now``), it takes any algorithm that fits the
key (ours is the client's registered one), it accepts an array of audiences (CVE-2025-27370: an array lets one
server's assertion work at another), and it asks a store for the ``jti`` (ours is a loaded fact and a write).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from authlib.oauth2.rfc6749 import InvalidClientError
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion

from idp.domain import paths
from idp.domain.client import Client
from idp.domain.needs import ReplayKey
from idp.domain.policy import Policy
from idp.domain.writes import SpendOnce
from idp.protocol import fapi2_security_profile
from idp.protocol.client_keys import imported
from idp.protocol.numeric_date import numeric_date
from idp.protocol.rfc6749_framework.authentication import CLIENT_SECRET_JWT, Presented
from idp.protocol.rfc7523_client_assertions.reading import MAX_BYTES
from keys import KeyRefused, VerificationFailed, verify_with_secret

KEY_ALGORITHMS: Final = ("ES256", "PS256", "RS256", "EdDSA")
TYPES: Final = frozenset({None, "jwt", "client-authentication+jwt"})
"""RFC 8725 3.11: another kind of the client's own JWTs (a request object, which browsers carry) is no assertion."""
SECRET_ALGORITHMS: Final = ("HS256",)
ALGORITHMS: Final = (*KEY_ALGORITHMS, *SECRET_ALGORITHMS)
AUDIENCE_PATHS: Final = (
    *(paths.TOKEN, paths.PAR, paths.BACKCHANNEL_AUTHENTICATION, paths.DEVICE_AUTHORIZATION),
    *(paths.INTROSPECT, paths.REVOKE),
)


class ClientAssertion(JWTBearerClientAssertion):
    """``private_key_jwt`` and ``client_secret_jwt`` on preloaded facts."""

    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __call__(self, query_client: Any, request: Any) -> Any:
        """The authenticated client. Raises InvalidClientError."""
        # Its claims were read once, to name the facts; nothing is believed before the signature was verified.
        presented: Presented = request.presented
        view = query_client(presented.client_id) if presented.client_id is not None else None
        if view is None:
            raise InvalidClientError("client unknown")
        client: Client = view.client
        claims = verified_claims(client, presented.assertion, request.facts.client_keys)
        check_claims(claims, client, request)
        spend(claims, presented.replay, request)
        request.client = view
        return self.authenticate_client(view)


def verified_claims(
    client: Client, assertion: str, keys_of_client: Mapping[str, object] | None
) -> dict[str, object]:
    """The claims, verified by the means of the registered method of this very client and by no others."""
    registered = client.token_endpoint_auth_signing_alg
    try:
        if client.token_endpoint_auth_method == CLIENT_SECRET_JWT:
            # OIDC Core 9: "using an HMAC SHA algorithm, such as HMAC SHA-256 ... calculated using the octets of the
            # UTF-8 representation of the client_secret as the shared key".
            if client.shared_secret is None or registered not in {None, *SECRET_ALGORITHMS}:
                raise InvalidClientError("no secret registered")
            return verify_with_secret(assertion, client.shared_secret, typ=TYPES, max_bytes=MAX_BYTES)
        if keys_of_client is None:
            raise InvalidClientError("no keys known")
        known = fapi2_security_profile.assertion_algorithms(client, KEY_ALGORITHMS)
        algorithms = tuple(name for name in known if registered in {None, name})
        return imported(keys_of_client).verify(
            assertion, algorithms=algorithms, typ=TYPES, max_bytes=MAX_BYTES
        )
    except (VerificationFailed, KeyRefused, ValueError) as refused:
        raise InvalidClientError("signature refused") from refused


def is_for_us(audience: object, client: Client, issuer: str) -> bool:
    """Section 3 (3): whether the audience identifies this server."""
    # FAPI 2.0 Security Profile 5.3.2.1: "shall accept its issuer identifier value ... in the aud claim received in
    # client authentication assertions" as "a string", and nothing else (CVE-2025-27370).
    if client.fapi2_profile is not None:
        return audience == issuer
    # An array of one is the same as its one member (RFC 7519, 4.1.3); of several, one may be somebody else's.
    if isinstance(audience, list) and len(audience) == 1:
        audience = audience[0]
    # RFC 9126 2: "the authorization server MUST accept its issuer identifier, token endpoint URL, or pushed
    # authorization request endpoint URL as values that identify it as an intended audience"; CIBA 7.1 likewise. For
    # the others RFC 7523 3 (3) wants "a value that identifies the authorization server": ready clients (Authlib) name
    # the address that they call.
    return isinstance(audience, str) and audience in {issuer, *(issuer + path for path in AUDIENCE_PATHS)}


def check_claims(claims: dict[str, object], client: Client, request: Any) -> None:
    """Issuer, subject, audience and times (section 3, points 1 to 6)."""
    policy, now = request.policy, request.facts.now
    # 3 (1), (2): "iss" and "sub" both name the client.
    if claims.get("iss") != client.client_id or claims.get("sub") != client.client_id:
        raise InvalidClientError("iss and sub must be the client")
    if not is_for_us(claims.get("aud"), client, policy.issuer):
        raise InvalidClientError("audience")
    # 3 (4): "The JWT MUST contain an "exp" (expiration time) claim"; its life is bounded so that a jti need not be
    # kept for ever.
    expires = numeric_date(claims.get("exp"))
    if expires is None or expires <= now - policy.clock_tolerance:
        raise InvalidClientError("expired")
    if expires > now + longest_life(claims, client, policy) + policy.clock_tolerance:
        raise InvalidClientError("lives too long")
    # 3 (5), (6): nbf and iat up to the tolerance in the future pass.
    for name in ("nbf", "iat"):
        if name in claims:
            at = numeric_date(claims[name])
            if at is None or at > now + policy.clock_tolerance:
                raise InvalidClientError("not yet valid")


def longest_life(claims: Mapping[str, object], client: Client, policy: Policy) -> int:
    """Seconds that this assertion may still live."""
    # 3 (4): "MAY reject JWTs with an "exp" claim value that is unreasonably far in the future". Ready clients
    # (Authlib) give theirs an hour; without "iat" nobody could say whether a lost memory had seen it (SpendOnce).
    if client.fapi2_profile is None and numeric_date(claims.get("iat")) is not None:
        return policy.dated_assertion_max_lifetime
    return policy.assertion_max_lifetime


def spend(claims: dict[str, object], key: ReplayKey | None, request: Any) -> None:
    """Section 3 (7): a ``jti`` works once; it is kept until the assertion is dead for certain."""
    if key is None or not isinstance(claims.get("jti"), str):
        raise InvalidClientError("jti missing")
    if key in request.facts.spent:
        raise InvalidClientError("jti used before")
    expires = numeric_date(claims.get("exp")) or 0
    kept_until = int(expires) + 2 * request.policy.clock_tolerance + 1
    issued = numeric_date(claims.get("iat"))
    issued_at = None if issued is None else int(issued)
    request.effects.writes.append(SpendOnce(key, kept_until, issued_at=issued_at))
