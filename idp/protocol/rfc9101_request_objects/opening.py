"""The proof of a request object, and which parameters count after it.

Only what is inside counts, and unsigned parameters never merge, when the client must sign
(``require_signed_request_object``, FAPI 2.0), when the object came inside a pushed request (RFC 9126 section 3), when
it calls itself ``oauth-authz-req+jwt`` (RFC 9101), or when the request outside is no OpenID request. Otherwise it is
an object of OpenID Connect Core 6.1: what it leaves open is filled up from the query, and what is inside wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from idp.domain.client import Client
from idp.domain.errors import PageProblem, ProtocolError
from idp.domain.facts import Facts
from idp.domain.policy import Policy
from idp.protocol import fapi2_security_profile
from idp.protocol.client_keys import imported
from idp.protocol.errors import refusal
from idp.protocol.numeric_date import numeric_date
from idp.protocol.parameters import Parameters
from idp.protocol.rfc6749_framework import redirect_uris
from idp.protocol.rfc9101_request_objects import reading
from idp.protocol.rfc9101_request_objects.reading import MAX_BYTES, Brought, wrong
from keys import DEFAULT_CONTENT_ENCRYPTION, KeyRefused, VerificationFailed

ALGORITHMS: Final = ("ES256", "PS256", "RS256", "EdDSA")
RFC_9101: Final = "oauth-authz-req+jwt"
TYPES: Final = frozenset({RFC_9101, "jwt"})
LONGEST: Final = 3_600
"""FAPI 2.0 Message Signing 5.3.1: seconds that an object may be old, and that it may live."""
MOST_AUDIENCES: Final = 10
OUTSIDE: Final = frozenset({"request", "request_uri"})


def must_sign(client: Client) -> bool:
    """Whether a request of this client without a signed object is refused (RFC 9101 section 10.5)."""
    return client.require_signed_request_object or client.fapi2_profile == "message_signing"


def is_strict(client: Client) -> bool:
    """Whether nothing that is unsigned counts beside an object of this client."""
    return client.require_signed_request_object or client.fapi2_profile is not None


def opened(
    parameters: Parameters, brought: Brought, client: Client, facts: Facts, policy: Policy, *, pushed: bool
) -> Parameters:
    """The parameters that count. Raises ProtocolError."""
    # RFC 9101 5 and Core 6.1: never request and request_uri together; neither comes twice.
    if parameters.first.keys() >= OUTSIDE or parameters.repeated & OUTSIDE:
        raise refusal("invalid_request", "request and request_uri")
    # Core 6.2: references are for those who registered some.
    if "request_uri" in parameters and not client.request_uris:
        raise refusal("request_uri_not_supported", "none registered")
    if brought.error is not None:
        raise refusal(brought.error)
    # Core 6.2: what is fetched must be what was registered; the endpoint asked before it fetched, the rule decides.
    if brought.uri is not None and not reading.may_fetch(client, brought.uri):
        raise refusal("invalid_request_uri", "not registered")
    check_encryption(brought, client)
    claims = verified(brought, client, facts, pushed=pushed)
    check_claims(claims, client, facts.now, policy)
    inside = reading.as_parameters(claims)
    alone = pushed or is_strict(client) or only_inside(brought.text, parameters)
    named = inside.get("client_id")
    # RFC 9101 6.3: "The client ID values in the client_id request parameter and in the Request Object client_id claim
    # MUST be identical."
    if named != client.client_id and (named is not None or alone):
        raise wrong("client_id")
    # Core 6.1: a response_type outside must match the one inside.
    kind = parameters.get("response_type")
    if not alone and kind is not None and inside.get("response_type") not in {None, kind}:
        raise wrong("response_type")
    if alone:
        # RFC 9101 6.3: "The authorization server MUST only use the parameters in the Request Object, even if the same
        # parameter is provided in the query parameter."
        return replace(inside, repeated=parameters.repeated)
    # Core 6.1: what is in the object supersedes what is "passed using the OAuth 2.0 request syntax".
    kept = {name: value for name, value in parameters.first.items() if name not in OUTSIDE}
    return Parameters({**kept, **inside.first}, parameters.repeated, {**parameters.lists, **inside.lists})


def only_inside(text: str, parameters: Parameters) -> bool:
    """Whether an object of an ordinary client is one of RFC 9101, not of OpenID Connect Core."""
    if media_type(reading.unverified_header(text).get("typ")) == RFC_9101:
        return True
    # Core 6.1: "a scope parameter MUST always be passed using the OAuth 2.0 request syntax containing the openid
    # scope value to indicate to the underlying OAuth 2.0 logic that this is an OpenID Connect request".
    return "openid" not in (parameters.get("scope") or "").split()


def verified(brought: Brought, client: Client, facts: Facts, *, pushed: bool) -> Mapping[str, object]:
    """The claims under a registered key and algorithm of this very client. Raises ProtocolError."""
    if len(brought.text) > MAX_BYTES:
        raise wrong("too long")
    header = reading.unverified_header(brought.text)
    # Core 6.1 and 6.2 let ordinary clients ask for unsigned objects; the error says that we have none.
    if header.get("alg") == "none" and not (pushed or is_strict(client)):
        raise refusal("request_not_supported" if brought.uri is None else "request_uri_not_supported", "none")
    # RFC 9101 10.8: other JWTs of the client, such as its assertions, must not pass for a request.
    if "typ" in header and media_type(header["typ"]) not in TYPES:
        raise wrong("typ")
    keys_of_client = facts.client_keys
    if keys_of_client is None:
        raise wrong("no keys known")
    try:
        return imported(keys_of_client).verify(
            brought.text, algorithms=algorithms(client), typ=None, max_bytes=MAX_BYTES
        )
    except (VerificationFailed, KeyRefused, ValueError) as refused:
        raise wrong("signature refused") from refused


def algorithms(client: Client) -> tuple[str, ...]:
    """What the client may sign with: the one registered, or any of ours; never RS256 under FAPI 2.0 (5.4.1)."""
    allowed = fapi2_security_profile.assertion_algorithms(client, ALGORITHMS)
    registered = client.request_object_signing_alg
    return allowed if registered is None else tuple(name for name in allowed if name == registered)


def check_encryption(brought: Brought, client: Client) -> None:
    """The way a JWE came is the registered one, where one is registered. Raises ProtocolError."""
    if brought.encryption is None or client.request_object_encryption_alg is None:
        return
    # OIDC Registration 2: with an alg and no enc registered, the enc is A128CBC-HS256.
    enc = client.request_object_encryption_enc or DEFAULT_CONTENT_ENCRYPTION
    if brought.encryption != (client.request_object_encryption_alg, enc):
        raise wrong("encryption")


def check_claims(claims: Mapping[str, object], client: Client, now: int, policy: Policy) -> None:
    """Issuer, audience and times. Raises ProtocolError invalid_request_object."""
    # RFC 9101 4: iss and aud keep a request for one server from being played at another; here both are required.
    if claims.get("iss") != client.client_id or not is_for_us(claims.get("aud"), policy.issuer):
        raise wrong("iss or aud")
    # RFC 9101 10.8: with the client as its "sub" it would be a client assertion too; no request object has that.
    if claims.get("sub") == client.client_id:
        raise wrong("sub is the client")
    expires, begins, issued = (moment(claims, name) for name in ("exp", "nbf", "iat"))
    tolerance = policy.clock_tolerance
    if expires is not None and expires <= now - tolerance:
        raise wrong("expired")
    if any(at is not None and at > now + tolerance for at in (begins, issued)):
        raise wrong("not yet valid")
    if not is_strict(client):
        return
    # FAPI 2.0 Message Signing 5.3.1: nbf and exp are required, nbf at most 60 minutes ago, exp at most 60 minutes$
    # nbf. Whoever must sign by its own metadata is held to the same.
    if expires is None or begins is None:
        raise wrong("exp or nbf missing")
    # An nbf of more than an hour ago would have expired by now.
    if not begins < expires <= begins + LONGEST:
        raise wrong("lives too long")


def is_for_us(audience: object, issuer: str) -> bool:
    """Whether the audience is this issuer, alone or in a short list (RFC 7519 section 4.1.3)."""
    if isinstance(audience, list):
        return len(audience) <= MOST_AUDIENCES and issuer in audience
    return audience == issuer


def moment(claims: Mapping[str, object], name: str) -> float | None:
    """A NumericDate, None when absent. Raises ProtocolError for anything else."""
    if name not in claims:
        return None
    found = numeric_date(claims[name])
    if found is None:
        raise wrong("no time")
    return found


def media_type(typ: object) -> str:
    """A ``typ`` in one spelling (RFC 7515 section 4.1.9)."""
    return typ.lower().removeprefix("application/") if isinstance(typ, str) else ""


def show_if_unanswerable(parameters: Parameters, client: Client, error: ProtocolError) -> None:
    """An unproven object proves no way back: the client hears of it only at an address that it registered.

    Raises PageProblem where nothing outside the object counts, or names such an address.
    """
    uri = parameters.get("redirect_uri")
    if is_strict(client) or uri is None or not redirect_uris.is_registered(client, uri):
        reference = error.code in {"invalid_request_uri", "request_uri_not_supported"}
        raise PageProblem("request_uri_invalid" if reference else "request_object_invalid", cause=error.cause)
