"""OAuth 2.0 Authorization Server Metadata.

https://www.rfc-editor.org/rfc/rfc8414
Implemented: 2 (members), 3 (well-known address; the issuer has no path), 3.2 (answer).
Left out: 2.1 signed_metadata (nobody asks for it).
Builds on Authlib's AuthorizationServerMetadata, which validates the document in a test; the values come from what is
registered with the Authlib server, so that they cannot differ from what is served.
"""

from __future__ import annotations

from collections.abc import Iterable

from idp.domain import paths
from idp.domain.policy import Policy
from idp.protocol import (
    oidc_response_modes,
    rfc7009_revocation,
    rfc7636_pkce,
    rfc7662_introspection,
    rfc9207_issuer,
    server,
)
from idp.protocol.rfc6749_framework.authorization_code import AuthorizationCodeGrant
from idp.protocol.rfc7523_private_key_jwt.verifying import ALGORITHMS


def metadata(policy: Policy, scopes: Iterable[str]) -> dict[str, object]:
    """The document as a value; ``scopes`` are those that may be asked for."""
    issuer = policy.issuer
    return {
        # 2: issuer: "REQUIRED ... a URL that uses the "https" scheme and has no query or fragment components".
        "issuer": issuer,
        "authorization_endpoint": issuer + paths.AUTHORIZE,
        "token_endpoint": issuer + paths.TOKEN,
        "jwks_uri": issuer + paths.JWKS,
        "scopes_supported": list(scopes),
        "response_types_supported": server.response_types(),
        "response_modes_supported": list(oidc_response_modes.SUPPORTED),
        "grant_types_supported": server.grant_types(),
        "token_endpoint_auth_methods_supported": list(AuthorizationCodeGrant.TOKEN_ENDPOINT_AUTH_METHODS),
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "ui_locales_supported": ["vi", "en"],
        "revocation_endpoint": issuer + paths.REVOKE,
        "revocation_endpoint_auth_methods_supported": list(rfc7009_revocation.METHODS),
        "revocation_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "introspection_endpoint": issuer + paths.INTROSPECT,
        "introspection_endpoint_auth_methods_supported": list(rfc7662_introspection.METHODS),
        "introspection_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "code_challenge_methods_supported": list(rfc7636_pkce.S256Challenge.SUPPORTED_CODE_CHALLENGE_METHOD),
        **rfc9207_issuer.METADATA,
    }
