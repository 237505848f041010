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
    """One client. ``secret_hash`` is SHA-256 of a 32-byte random secret; ``jwks`` holds public keys only."""

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

    @property
    def is_public(self) -> bool:
        """A public client cannot keep a secret (RFC 6749, section 2.1)."""
        return self.token_endpoint_auth_method == "none"  # noqa: S105 - a method's name
