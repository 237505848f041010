"""The one table of client metadata: every member that we understand, how it is read, and where it is kept.

What is not in this table is ignored (RFC 7591 section 2: "The authorization server MUST ignore any client metadata
sent by the client that it does not understand"); so no member can reach a field that is not named here: who stands
behind a client, whether it needs consent, its resources and its agency are never a stranger's to say (Keycloak
#53079, mass assignment).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from idp.domain.values import frozen
from idp.protocol.rfc7591_registration import addresses, key_sets, terms, values
from idp.protocol.rfc7591_registration.refusals import Unacceptable, refused
from idp.protocol.rfc7591_registration.terms import Terms
from idp.protocol.rfc7591_registration.values import Read, one_of, some_of


@frozen
class Member:
    """``name`` on the wire, ``field`` of :class:`idp.domain.client.Client`; ``source`` is its specification."""

    name: str
    source: str
    read: Read
    field: str


def _member(name: str, source: str, read: Read, field: str | None = None) -> Member:
    return Member(name, source, read, field or name)


def _signing(terms: Terms) -> tuple[str, ...]:
    return terms.signing


def _assertions(_: Terms) -> tuple[str, ...]:
    return (*terms.REQUEST_ALGORITHMS, "HS256")


def _requests(_: Terms) -> tuple[str, ...]:
    return terms.REQUEST_ALGORITHMS


def _decoupled(_: Terms) -> tuple[str, ...]:
    return terms.DECOUPLED_ALGORITHMS


def _encryption(_: Terms) -> tuple[str, ...]:
    return terms.ENCRYPTION_ALGORITHMS


def _content(_: Terms) -> tuple[str, ...]:
    return terms.CONTENT_ENCRYPTIONS


def _answer(prefix: str, source: str) -> tuple[Member, ...]:
    """The three members of an answer that may be signed and encrypted."""
    return (
        _member(f"{prefix}_signed_response_alg", source, one_of(_signing)),
        _member(f"{prefix}_encrypted_response_alg", source, one_of(_encryption)),
        _member(f"{prefix}_encrypted_response_enc", source, one_of(_content)),
    )


_OIDC: Final = "OpenID Connect Dynamic Client Registration 1.0, 2"
_RFC7591: Final = "RFC 7591, 2"
_MTLS: Final = "RFC 8705, 2.1.2"
_CIBA: Final = "CIBA Core 1.0, 4"
_FRONT: Final = "Front-Channel Logout 1.0, 2"
_BACK: Final = "Back-Channel Logout 1.0, 2.2"

MEMBERS: Final[tuple[Member, ...]] = (
    _member("redirect_uris", _RFC7591, addresses.redirects),
    _member("response_types", _RFC7591, values.response_types),
    _member("grant_types", _RFC7591, some_of(lambda terms: terms.grant_types)),
    _member("application_type", _OIDC, one_of(lambda _: ("web", "native"))),
    _member("scope", _RFC7591, values.scope, "scopes"),
    _member("contacts", _RFC7591, values.texts),
    _member("client_uri", _RFC7591, addresses.shown),
    _member("logo_uri", _RFC7591, addresses.shown),
    _member("policy_uri", _RFC7591, addresses.shown),
    _member("tos_uri", _RFC7591, addresses.shown),
    _member("software_id", _RFC7591, values.text),
    _member("software_version", _RFC7591, values.text),
    _member("jwks", _RFC7591, key_sets.key_set),
    _member("jwks_uri", _RFC7591, addresses.fetched),
    _member("token_endpoint_auth_method", _RFC7591, one_of(lambda terms: terms.authentication_methods)),
    _member("token_endpoint_auth_signing_alg", _OIDC, one_of(_assertions)),
    _member("subject_type", _OIDC, one_of(lambda _: ("pairwise", "public"))),
    _member("sector_identifier_uri", _OIDC, addresses.fetched),
    *_answer("id_token", _OIDC),
    *_answer("userinfo", _OIDC),
    _member("request_object_signing_alg", _OIDC, one_of(_requests)),
    _member("request_object_encryption_alg", _OIDC, one_of(_encryption)),
    _member("request_object_encryption_enc", _OIDC, one_of(_content)),
    _member("request_uris", _OIDC, addresses.fetched_list),
    _member("default_max_age", _OIDC, values.seconds),
    _member("require_auth_time", _OIDC, values.flag),
    _member("default_acr_values", _OIDC, values.texts),
    _member("initiate_login_uri", _OIDC, addresses.shown),
    _member("post_logout_redirect_uris", "RP-Initiated Logout 1.0, 3.1", addresses.redirects),
    _member("backchannel_logout_uri", _BACK, addresses.fetched),
    _member("backchannel_logout_session_required", _BACK, values.flag),
    _member("frontchannel_logout_uri", _FRONT, addresses.shown),
    _member("frontchannel_logout_session_required", _FRONT, values.flag),
    _member("require_pushed_authorization_requests", "RFC 9126, 6", values.flag),
    _member("require_signed_request_object", "RFC 9101, 10.5", values.flag),
    _member(
        "authorization_details_types",
        "RFC 9396, 10",
        some_of(lambda terms: terms.authorization_details_types),
    ),
    *_answer("authorization", "JWT Secured Authorization Response Mode, 3"),
    *_answer("introspection", "RFC 9701, 6"),
    _member("dpop_bound_access_tokens", "RFC 9449, 5.2", values.flag),
    _member("tls_client_certificate_bound_access_tokens", "RFC 8705, 3.4", values.flag),
    *(
        _member(f"tls_client_auth_{name}", _MTLS, values.text)
        for name in ("subject_dn", "san_dns", "san_uri", "san_ip", "san_email")
    ),
    # CIBA 4: "push" has the provider send tokens to an address; nobody here does that.
    _member("backchannel_token_delivery_mode", _CIBA, one_of(lambda _: ("poll", "ping"))),
    _member("backchannel_client_notification_endpoint", _CIBA, addresses.fetched),
    _member("backchannel_authentication_request_signing_alg", _CIBA, one_of(_decoupled)),
    _member("backchannel_user_code_parameter", _CIBA, values.flag),
    _member("fapi2_profile", "ours", one_of(lambda _: ("security", "message_signing"))),
)

BY_NAME: Final[Mapping[str, Member]] = {member.name: member for member in MEMBERS}


def read(document: Mapping[str, object], terms: Terms) -> dict[str, object]:
    """The fields that a document sets. Raises ProtocolError for the first member that no client may have."""
    found: dict[str, object] = {}
    for name, value in document.items():
        member = BY_NAME.get(name)
        # RFC 7592 2.2: "Omitted fields MUST be treated as null or empty values by the server".
        if member is None or value is None:
            continue
        try:
            found[member.field] = member.read(value, terms)
        except Unacceptable as cause:
            raise refused(member.name, str(cause)) from cause
    return found
