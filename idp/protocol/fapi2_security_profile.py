"""FAPI 2.0 Security Profile (final), switched on for one client at a time by ``fapi2_profile``.

https://openid.net/specs/fapi-security-profile-2_0-final.html
Implemented: here 5.3.2.1 (confidential clients, authentication methods, no rotation of refresh tokens), 5.3.2.2
(code flow, PKCE, https redirect URIs), 5.4 (algorithms). And where the rule lives for every client, turned on
by the same property: pushed requests only (rfc9126_pushed_requests), sender-constrained tokens
(sender_constraint), the issuer as the one audience of assertions (rfc7523_client_assertions), ``iss``
(rfc9207_issuer), codes of at most 60 seconds (the policy), redirects by 303 (endpoints).
Left out: nothing. Builds on no Authlib class: Authlib has none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

from idp.domain.client import Client
from idp.protocol.errors import refusal
from idp.protocol.parameters import Parameters
from idp.protocol.rfc6749_framework.authentication import PRIVATE_KEY_JWT
from idp.protocol.rfc8705_mtls import METHODS as CERTIFICATE_METHODS

SECURITY: Final = "security"
MESSAGE_SIGNING: Final = "message_signing"
PROFILES: Final = (SECURITY, MESSAGE_SIGNING)
# 5.3.2.1: "shall authenticate clients using one of the following methods: MTLS ..., private_key_jwt".
METHODS: Final = frozenset({PRIVATE_KEY_JWT, *CERTIFICATE_METHODS})
# 5.4.1: "shall use PS256, ES256, or EdDSA (using the Ed25519 variant) algorithms".
ALGORITHMS: Final = frozenset({"PS256", "ES256", "EdDSA"})
SIGNATURES: Final = (
    "token_endpoint_auth_signing_alg",
    "id_token_signed_response_alg",
    "userinfo_signed_response_alg",
    "request_object_signing_alg",
    "authorization_signed_response_alg",
    "introspection_signed_response_alg",
    "backchannel_authentication_request_signing_alg",
)
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def applies(client: Client) -> bool:
    """Whether every rule of FAPI 2.0 counts for this client."""
    return client.fapi2_profile is not None


def unfit(client: Client) -> str | None:
    """The metadata member with which a client cannot be a FAPI 2.0 client; None when all fit."""
    if client.fapi2_profile not in (None, *PROFILES):
        return "fapi2_profile"
    if not applies(client):
        return None
    for name in SIGNATURES:
        if getattr(client, name) not in {None, *ALGORITHMS}:
            return name
    return next((name for name, holds in DEMANDS.items() if not holds(client)), None)


def safe_redirect(uri: str, client: Client) -> bool:
    """5.3.2.2: "shall not allow redirect URIs using the http scheme", loopback of native clients excepted."""
    parts = urlsplit(uri)
    return parts.scheme != "http" or (client.application_type == "native" and parts.hostname in LOOPBACK)


DEMANDS: Final[Mapping[str, Callable[[Client], bool]]] = {
    "token_endpoint_auth_method": lambda client: client.token_endpoint_auth_method in METHODS,
    # 5.3.2.2: "shall support the authorization code grant"; no other response type keeps tokens out of the browser.
    "response_types": lambda client: client.response_types <= {"code"},
    # 5.3.2.1: "shall reject requests using the resource owner password credentials grant".
    "grant_types": lambda client: not client.grant_types & {"implicit", "password"},
    "require_pkce": lambda client: client.require_pkce,
    # 5.3.2.1: "shall only issue sender-constrained access tokens using one of ... MTLS ... DPoP".
    "dpop_bound_access_tokens": lambda client: (
        client.dpop_bound_access_tokens or client.tls_client_certificate_bound_access_tokens
    ),
    "redirect_uris": lambda client: all(safe_redirect(uri, client) for uri in client.redirect_uris),
}
"""What the profile asks of each member of the metadata beside the algorithms."""


def judge(parameters: Parameters, client: Client) -> None:
    """An authorization request, whatever the client's registration once let through. Raises ProtocolError."""
    if not applies(client):
        return
    if parameters.get("response_type") != "code":
        raise refusal("unsupported_response_type", "fapi2")
    # 5.3.2.2: "shall require PKCE [RFC7636] with S256 as the code challenge method".
    if "code_challenge" not in parameters:
        raise refusal("invalid_request", "fapi2: code_challenge")
    # 5.3.2.2: "shall require the redirect_uri parameter in pushed authorization requests".
    uri = parameters.get("redirect_uri")
    if uri is None or not safe_redirect(uri, client):
        raise refusal("invalid_request", "fapi2: redirect_uri")


def may_authenticate(client: Client, method: str) -> bool:
    """Whether this method is strong enough for this client."""
    return not applies(client) or method in METHODS


def assertion_algorithms(client: Client, otherwise: tuple[str, ...]) -> tuple[str, ...]:
    """The algorithms of a client's own signatures where it registered none: those of 5.4.1, or ``otherwise``."""
    return tuple(name for name in otherwise if name in ALGORITHMS) if applies(client) else otherwise


def rotates(client: Client) -> bool:
    """5.3.2.1: "shall not use refresh token rotation except in extraordinary circumstances"."""
    return not applies(client)
