"""OAuth 2.0 Authorization Server Metadata.

https://www.rfc-editor.org/rfc/rfc8414
Implemented: 2 (members), 3 (well-known address; the issuer has no path), 3.2 (answer).
Left out: 2.1 signed_metadata (nobody asks for it).
Builds on Authlib's AuthorizationServerMetadata, which validates the document in a test; the values come from what is
registered with the Authlib server, so that they cannot differ from what is served. Here stand the members of the
framework itself; each other module brings its own (:mod:`idp.protocol.provider_metadata`).
"""

from __future__ import annotations

from idp.domain import paths
from idp.domain.scopes import SCOPES_FOR_PEOPLE
from idp.protocol import rfc8705_mtls, server
from idp.protocol.offer import Offer
from idp.protocol.rfc6749_framework.authentication import EVERY
from idp.protocol.rfc7523_client_assertions.verifying import ALGORITHMS


def metadata(offer: Offer) -> dict[str, object]:
    """Section 2."""
    return {
        # 2: issuer: "REQUIRED ... a URL that uses the "https" scheme and has no query or fragment components".
        "issuer": offer.policy.issuer,
        "authorization_endpoint": offer.at(paths.AUTHORIZE),
        "token_endpoint": offer.at(paths.TOKEN),
        "jwks_uri": offer.at(paths.JWKS),
        "scopes_supported": list(SCOPES_FOR_PEOPLE),
        "response_types_supported": server.response_types(),
        "grant_types_supported": server.grant_types(),
        "token_endpoint_auth_methods_supported": rfc8705_mtls.offered(offer.policy, EVERY),
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "ui_locales_supported": ["vi", "en"],
    }
