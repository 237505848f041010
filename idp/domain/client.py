"""A registered relying party (OIDC Dynamic Client Registration 1.0, section 2) as the rules see it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class PartyKind(StrEnum):
    """Who stands behind a client; private parties never get silent consent (Decree 69/2024, Art. 19)."""

    STATE = "state"
    PUBLIC_SERVICE = "public_service"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class Client:
    """One client. ``secret_hash`` is SHA-256 of a 32-byte random secret; ``jwks`` holds public keys only.

    ``shared_secret`` is the secret itself, for the one method that computes with it (client_secret_jwt), and for no
    other; it is sealed at rest.
    """

    client_id: str
    name_vi: str
    name_en: str
    party_kind: PartyKind
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...] = ()
    application_type: str = "web"
    grant_types: frozenset[str] = frozenset({"authorization_code"})
    response_types: frozenset[str] = frozenset({"code"})
    scopes: frozenset[str] = frozenset({"openid"})
    resources: frozenset[str] = frozenset()
    token_endpoint_auth_method: str = "private_key_jwt"  # noqa: S105 - a method's name
    token_endpoint_auth_signing_alg: str | None = None
    secret_hash: bytes | None = field(default=None, repr=False)
    shared_secret: bytes | None = field(default=None, repr=False)
    jwks: Mapping[str, object] | None = None
    id_token_signed_response_alg: str = "ES256"  # noqa: S105 - an algorithm's name
    access_token_format: str = "opaque"  # noqa: S105 - "opaque" or "jwt", for the provider's own resources
    subject_type: str = "pairwise"
    sector_identifier: str = ""
    require_pkce: bool = True
    default_acr_values: tuple[str, ...] = ()
    default_max_age: int | None = None
    require_consent: bool = True
    backchannel_logout_uri: str | None = None
    backchannel_logout_session_required: bool = True
    agency_code: str | None = None
    home_uri: str | None = None
    disabled: bool = False
    # keys and client authentication (RFC 7591, RFC 8705)
    jwks_uri: str | None = None
    tls_client_auth_subject_dn: str | None = None
    tls_client_auth_san_dns: str | None = None
    tls_client_auth_san_uri: str | None = None
    tls_client_auth_san_ip: str | None = None
    tls_client_auth_san_email: str | None = None
    # how requests must come (RFC 9126, RFC 9101, RFC 9396)
    require_pushed_authorization_requests: bool = False
    require_signed_request_object: bool = False
    request_object_signing_alg: str | None = None
    request_object_encryption_alg: str | None = None
    request_object_encryption_enc: str | None = None
    request_uris: tuple[str, ...] = ()
    authorization_details_types: frozenset[str] = frozenset()
    # how answers go (JARM, OIDC Core 5.3.2, RFC 9701); an ``_alg`` of None means not encrypted or not signed
    authorization_signed_response_alg: str | None = None
    authorization_encrypted_response_alg: str | None = None
    authorization_encrypted_response_enc: str | None = None
    id_token_encrypted_response_alg: str | None = None
    id_token_encrypted_response_enc: str | None = None
    userinfo_signed_response_alg: str | None = None
    userinfo_encrypted_response_alg: str | None = None
    userinfo_encrypted_response_enc: str | None = None
    introspection_signed_response_alg: str | None = None
    introspection_encrypted_response_alg: str | None = None
    introspection_encrypted_response_enc: str | None = None
    # sender constraint (RFC 9449, RFC 8705)
    dpop_bound_access_tokens: bool = False
    tls_client_certificate_bound_access_tokens: bool = False
    # decoupled sign-in (CIBA Core 1.0)
    backchannel_token_delivery_mode: str | None = None
    backchannel_client_notification_endpoint: str | None = None
    backchannel_authentication_request_signing_alg: str | None = None
    backchannel_user_code_parameter: bool = False
    # front-channel logout
    frontchannel_logout_uri: str | None = None
    frontchannel_logout_session_required: bool = False
    # profiles and extensions
    fapi2_profile: str | None = None
    """None, ``security`` or ``message_signing``: switches every rule of FAPI 2.0 for this client at once."""
    verified_claims: frozenset[str] = frozenset()
    """Claims that the client may ask for as verified (OpenID Identity Assurance 1.0)."""
    require_auth_time: bool = False
    sector_identifier_uri: str | None = None
    # what people are shown, and how the client came here (RFC 7591)
    client_uri: str | None = None
    logo_uri: str | None = None
    policy_uri: str | None = None
    tos_uri: str | None = None
    initiate_login_uri: str | None = None
    contacts: tuple[str, ...] = ()
    software_id: str | None = None
    software_version: str | None = None
    issued_at: int = 0
    registration_token_hash: bytes | None = field(default=None, repr=False)

    @property
    def is_public(self) -> bool:
        """A public client cannot keep a secret (RFC 6749, section 2.1)."""
        return self.token_endpoint_auth_method == "none"  # noqa: S105 - a method's name

    @property
    def is_encrypted_to(self) -> bool:
        """Whether some answer to this client is encrypted, so that its keys must be known."""
        return (
            self.id_token_encrypted_response_alg is not None
            or self.userinfo_encrypted_response_alg is not None
            or self.introspection_encrypted_response_alg is not None
            or self.authorization_encrypted_response_alg is not None
        )
