"""What the members of one client must be together, as one table of rules (RFC 7591 section 2.1, OpenID 2 and 5).

Each rule gets the whole client, whoever wrote it: a stranger's request and an operator's manifest meet the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from idp.domain.client import Client
from idp.protocol import fapi2_security_profile
from idp.protocol.rfc7591_registration.addresses import host_of, is_loopback
from idp.protocol.rfc7591_registration.refusals import refused
from idp.protocol.rfc7591_registration.terms import Terms

Rule = Callable[[Client, Terms], None]
CIBA: Final = "urn:openid:params:grant-type:ciba"
DEVICE: Final = "urn:ietf:params:oauth:grant-type:device_code"
SHARED: Final = frozenset({"client_secret_basic", "client_secret_post", "client_secret_jwt"})
BY_KEY: Final = frozenset({"private_key_jwt", "self_signed_tls_client_auth"})
ENCRYPTED: Final = ("authorization", "id_token", "userinfo", "introspection")


def keys_come_one_way(client: Client, terms: Terms) -> None:
    """RFC 7591 2: "The "jwks_uri" and "jwks" parameters MUST NOT both be present in the same request"."""
    del terms
    if client.jwks is not None and client.jwks_uri is not None:
        raise refused("jwks", "both")


def method_has_its_means(client: Client, terms: Terms) -> None:
    """OIDC Core 9, RFC 8705 2.1.2 and 2.2.2: a method needs its keys, its certificate's name, its algorithm."""
    del terms
    method, alg = client.token_endpoint_auth_method, client.token_endpoint_auth_signing_alg
    if method in BY_KEY and client.jwks is None and client.jwks_uri is None:
        raise refused("jwks", "missing")
    named = (
        client.tls_client_auth_subject_dn,
        client.tls_client_auth_san_dns,
        client.tls_client_auth_san_uri,
        client.tls_client_auth_san_ip,
        client.tls_client_auth_san_email,
    )
    # RFC 8705 2.1.2: "A client using the "tls_client_auth" authentication method MUST use exactly one of the below
    # metadata parameters".
    if sum(name is not None for name in named) != (1 if method == "tls_client_auth" else 0):
        raise refused("tls_client_auth_subject_dn", "exactly one")
    if alg is not None and (alg == "HS256") != (method == "client_secret_jwt"):
        raise refused("token_endpoint_auth_signing_alg", "another method's")


def types_fit_grants(client: Client, terms: Terms) -> None:
    """RFC 7591 2.1: the table of response types and grant types."""
    del terms
    words = {word for kind in client.response_types for word in kind.split()}
    if "code" in words and "authorization_code" not in client.grant_types:
        raise refused("grant_types", "code without its grant")
    if words & {"token", "id_token"} and "implicit" not in client.grant_types:
        raise refused("grant_types", "implicit answer without its grant")
    if "authorization_code" in client.grant_types and "code" not in words:
        raise refused("response_types", "grant without its answer")
    if "implicit" in client.grant_types and not words & {"token", "id_token"}:
        raise refused("response_types", "grant without its answer")
    if client.is_public and client.grant_types & {"client_credentials", CIBA}:
        # RFC 6749 4.4: "MUST only be used by confidential clients"; CIBA 4 likewise.
        raise refused("grant_types", "a public client")


def redirects_fit_the_application(client: Client, terms: Terms) -> None:
    """OIDC Registration 2, application_type; RFC 8252 sections 7 and 8.4; RFC 7591 2 and 5."""
    if client.response_types and not client.redirect_uris:
        # RFC 7591 2: "Clients using flows with redirection MUST register their redirection URI values."
        raise refused("redirect_uris", "missing")
    for uri in (*client.redirect_uris, *client.post_logout_redirect_uris):
        member = "redirect_uris" if uri in client.redirect_uris else "post_logout_redirect_uris"
        https, loopback = uri.lower().startswith("https://"), is_loopback(uri)
        # OIDC: "Web Clients ... MUST only register URLs using the https scheme ... they MUST NOT use localhost as the
        # hostname. Native Clients MUST only register redirect_uris using custom URI schemes or loopback URLs".
        if not https and client.application_type == "web" and not (loopback and terms.loopback_http):
            raise refused(member, "not https")
        if not https and not loopback and client.fapi2_profile is not None:
            raise refused(member, "fapi")


def encryption_is_whole(client: Client, terms: Terms) -> None:
    """OIDC Registration 2: an ``enc`` needs its ``alg``, and an ``alg`` a key of the client."""
    del terms
    for prefix in ENCRYPTED:
        alg = getattr(client, f"{prefix}_encrypted_response_alg")
        if alg is None and getattr(client, f"{prefix}_encrypted_response_enc") is not None:
            # "When id_token_encrypted_response_enc is included, id_token_encrypted_response_alg MUST also be
            # provided", and so for each.
            raise refused(f"{prefix}_encrypted_response_alg", "missing")
        if alg is not None and client.jwks is None and client.jwks_uri is None:
            raise refused(f"{prefix}_encrypted_response_alg", "no key")
    if client.request_object_encryption_enc is not None and client.request_object_encryption_alg is None:
        raise refused("request_object_encryption_alg", "missing")


def signed_requests_have_keys(client: Client, terms: Terms) -> None:
    """RFC 9101 10.5 and CIBA 4: whoever signs requests must have said with which keys."""
    del terms
    signs = (
        client.require_signed_request_object
        or client.request_object_signing_alg is not None
        or client.backchannel_authentication_request_signing_alg is not None
    )
    if signs and client.jwks is None and client.jwks_uri is None:
        raise refused("jwks", "missing")


def ciba_is_whole(client: Client, terms: Terms) -> None:
    """CIBA 4: the delivery mode is REQUIRED, its address for ping too."""
    del terms
    if CIBA in client.grant_types and client.backchannel_token_delivery_mode is None:
        raise refused("backchannel_token_delivery_mode", "missing")
    if (
        client.backchannel_token_delivery_mode == "ping"  # noqa: S105 - a mode's name
        and not client.backchannel_client_notification_endpoint
    ):
        raise refused("backchannel_client_notification_endpoint", "missing")
    # RFC 9101 10.5, FAPI 2.0 Message Signing 5.3: whoever must sign its requests signs these too.
    if client.require_signed_request_object or client.fapi2_profile == "message_signing":
        if CIBA in client.grant_types and client.backchannel_authentication_request_signing_alg is None:
            raise refused("backchannel_authentication_request_signing_alg", "missing")
        if DEVICE in client.grant_types:
            raise refused("grant_types", "a device's request cannot be signed")


def front_channel_is_ones_own(client: Client, terms: Terms) -> None:
    """Front-Channel Logout 2: "The domain, port, and scheme of this URL MUST be the same as that of a registered"."""
    del terms
    if client.frontchannel_logout_uri is not None:
        origin = urlsplit(client.frontchannel_logout_uri)[:2]
        if origin not in {urlsplit(uri)[:2] for uri in client.redirect_uris}:
            raise refused("frontchannel_logout_uri", "another origin")


def one_sector(client: Client, terms: Terms) -> None:
    """OIDC Core 8.1: it is clear for whom pairwise subjects are made."""
    del terms
    hosts = {urlsplit(uri).hostname for uri in client.redirect_uris}
    # The authority of a private scheme is nobody's host: ``org.evil.app://portal.example/`` is no portal.example.
    proven = {host_of(uri) for uri in client.redirect_uris}
    # "If there are multiple hostnames in the registered redirect_uris, the Client MUST register a
    # sector_identifier_uri."
    if (
        client.subject_type == "pairwise"
        and not client.sector_identifier
        and max(len(hosts), len(proven)) > 1
    ):
        raise refused("sector_identifier_uri", "several hosts need a sector_identifier")


def fapi_is_whole(client: Client, terms: Terms) -> None:
    """FAPI 2.0 Security Profile 5.3.2: what the profile demands cannot be registered away."""
    del terms
    member = fapi2_security_profile.unfit(client)
    if member is not None:
        raise refused(member, "fapi2")


RULES: Final[tuple[Rule, ...]] = (
    keys_come_one_way,
    method_has_its_means,
    types_fit_grants,
    redirects_fit_the_application,
    encryption_is_whole,
    signed_requests_have_keys,
    ciba_is_whole,
    front_channel_is_ones_own,
    one_sector,
    fapi_is_whole,
)


def check(client: Client, terms: Terms) -> None:
    """Every rule in order. Raises the first ProtocolError."""
    for rule in RULES:
        rule(client, terms)
