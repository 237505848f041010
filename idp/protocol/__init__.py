"""The provider's rules: pure functions of a request, loaded facts and the policy. No clock, no socket, no session.

One module per specification; this table is what documents and tests read.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Specification:
    """``module`` below this package implements ``title``; ``status`` is on, per client or per deployment."""

    module: str
    title: str
    url: str
    status: str


_RFC: Final = "https://www.rfc-editor.org/rfc/"
_OPENID: Final = "https://openid.net/specs/"
ON: Final = "on"
PER_CLIENT: Final = "per client"
PER_DEPLOYMENT: Final = "per deployment"

SPECIFICATIONS: Final[tuple[Specification, ...]] = (
    Specification("rfc6749_framework", "The OAuth 2.0 Authorization Framework", _RFC + "rfc6749", ON),
    Specification("rfc6750_bearer", "OAuth 2.0 Bearer Token Usage", _RFC + "rfc6750", ON),
    Specification("rfc7009_revocation", "OAuth 2.0 Token Revocation", _RFC + "rfc7009", ON),
    Specification("rfc7523_client_assertions", "JWT Client Authentication", _RFC + "rfc7523", PER_CLIENT),
    Specification(
        "rfc7591_registration", "OAuth 2.0 Dynamic Client Registration", _RFC + "rfc7591", PER_DEPLOYMENT
    ),
    Specification(
        "rfc7592_management", "Dynamic Client Registration Management", _RFC + "rfc7592", PER_DEPLOYMENT
    ),
    Specification("rfc7636_pkce", "Proof Key for Code Exchange", _RFC + "rfc7636", ON),
    Specification("rfc7662_introspection", "OAuth 2.0 Token Introspection", _RFC + "rfc7662", ON),
    Specification("rfc8414_metadata", "OAuth 2.0 Authorization Server Metadata", _RFC + "rfc8414", ON),
    Specification("rfc8628_device", "Device Authorization Grant", _RFC + "rfc8628", PER_CLIENT),
    Specification("rfc8693_token_exchange", "OAuth 2.0 Token Exchange", _RFC + "rfc8693", PER_CLIENT),
    Specification("rfc8705_mtls", "Mutual-TLS Client Authentication", _RFC + "rfc8705", PER_CLIENT),
    Specification("rfc8707_resource_indicators", "Resource Indicators", _RFC + "rfc8707", PER_CLIENT),
    Specification("rfc9068_jwt_access_tokens", "JWT Profile for Access Tokens", _RFC + "rfc9068", PER_CLIENT),
    Specification("rfc9101_request_objects", "JWT-Secured Authorization Request", _RFC + "rfc9101", ON),
    Specification("rfc9126_pushed_requests", "Pushed Authorization Requests", _RFC + "rfc9126", ON),
    Specification("rfc9207_issuer", "Authorization Server Issuer Identification", _RFC + "rfc9207", ON),
    Specification("rfc9396_rich_requests", "Rich Authorization Requests", _RFC + "rfc9396", PER_CLIENT),
    Specification("rfc9449_dpop", "Demonstrating Proof of Possession (DPoP)", _RFC + "rfc9449", PER_CLIENT),
    Specification("rfc9470_step_up", "Step Up Authentication", _RFC + "rfc9470", ON),
    Specification("rfc9701_jwt_introspection", "JWT Response for Token Introspection", _RFC + "rfc9701", ON),
    Specification("rfc9728_resource_metadata", "Protected Resource Metadata", _RFC + "rfc9728", ON),
    Specification(
        "fapi2_security_profile",
        "FAPI 2.0 Security Profile",
        _OPENID + "fapi-security-profile-2_0-final.html",
        PER_CLIENT,
    ),
    Specification(
        "fapi2_message_signing",
        "FAPI 2.0 Message Signing",
        _OPENID + "fapi-message-signing-2_0-final.html",
        PER_CLIENT,
    ),
    Specification("oidc_core", "OpenID Connect Core 1.0", _OPENID + "openid-connect-core-1_0.html", ON),
    Specification(
        "oidc_id_token", "Core 1.0: ID token", _OPENID + "openid-connect-core-1_0.html#IDToken", ON
    ),
    Specification(
        "oidc_userinfo", "Core 1.0: UserInfo", _OPENID + "openid-connect-core-1_0.html#UserInfo", ON
    ),
    Specification(
        "oidc_encryption",
        "Core 1.0: encrypted answers",
        _OPENID + "openid-connect-core-1_0.html#Encryption",
        PER_CLIENT,
    ),
    Specification(
        "oidc_pairwise",
        "Core 1.0: pairwise subjects",
        _OPENID + "openid-connect-core-1_0.html#SubjectIDTypes",
        PER_CLIENT,
    ),
    Specification(
        "oidc_response_modes",
        "Multiple Response Types and Form Post Response Mode",
        _OPENID + "oauth-v2-multiple-response-types-1_0.html",
        ON,
    ),
    Specification(
        "oidc_identity_assurance",
        "Identity Assurance 1.0",
        _OPENID + "openid-connect-4-identity-assurance-1_0.html",
        PER_CLIENT,
    ),
    Specification("oidc_jarm", "JWT Secured Authorization Response Mode", _OPENID + "oauth-v2-jarm.html", ON),
    Specification("oidc_discovery", "Discovery 1.0", _OPENID + "openid-connect-discovery-1_0.html", ON),
    Specification(
        "oidc_ciba",
        "Client-Initiated Backchannel Authentication Core 1.0",
        _OPENID + "openid-client-initiated-backchannel-authentication-core-1_0.html",
        PER_CLIENT,
    ),
    Specification(
        "oidc_rp_initiated_logout",
        "RP-Initiated Logout 1.0",
        _OPENID + "openid-connect-rpinitiated-1_0.html",
        ON,
    ),
    Specification(
        "oidc_backchannel_logout",
        "Back-Channel Logout 1.0",
        _OPENID + "openid-connect-backchannel-1_0.html",
        PER_CLIENT,
    ),
    Specification(
        "oidc_frontchannel_logout",
        "Front-Channel Logout 1.0",
        _OPENID + "openid-connect-frontchannel-1_0.html",
        PER_CLIENT,
    ),
    Specification(
        "oidc_session_management",
        "Session Management 1.0",
        _OPENID + "openid-connect-session-1_0.html",
        ON,
    ),
)
