"""OAuth 2.0 Protected Resource Metadata, of the provider's own resource: UserInfo.

https://www.rfc-editor.org/rfc/rfc9728
Implemented: 2 (members), 3.1 (the well-known path between host and path), 3.2 (answer), 4 (protected_resources of the
server's metadata), 5.1 (resource_metadata in WWW-Authenticate).
Left out: 2.2 signed_metadata (nobody asks for it). The registry publishes a document of its own.
Builds on no Authlib class: Authlib has none. Members that both documents have are taken from the server's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from idp.domain import paths
from idp.domain.errors import ProtocolError
from idp.domain.policy import Policy
from idp.domain.scopes import CLAIMS_OF_SCOPE
from idp.protocol.offer import Offer
from keys import KeyPurpose

REALM: Final = 'realm="dinhdanh"'
SHARED: Final = ("dpop_signing_alg_values_supported", "tls_client_certificate_bound_access_tokens")
"""Members that mean for the resource what they mean for the server, where the server has them."""


def well_known(resource: str) -> str:
    """The address of a resource's document (section 3.1)."""
    parts = urlsplit(resource)
    # 3.1: "any terminating slash (/) following the host component MUST be removed before inserting /.well-known/ and
    # the well-known URI path suffix between the host component and the path and/or query components".
    path = "" if parts.path == "/" else parts.path
    return urlunsplit((parts.scheme, parts.netloc, paths.RESOURCE_METADATA + path, parts.query, ""))


def document(offer: Offer, server: Mapping[str, object]) -> dict[str, object]:
    """The document of UserInfo; ``server`` is the authorization server's own."""
    return {
        # 3.3: resource: "MUST be identical to the protected resource's resource identifier value into which the
        # well-known URI path suffix was inserted".
        "resource": offer.at(paths.USERINFO),
        "authorization_servers": [offer.policy.issuer],
        "jwks_uri": offer.at(paths.JWKS),
        "scopes_supported": list(CLAIMS_OF_SCOPE),
        # RFC 6750 2.3 is left out: no token in the query.
        "bearer_methods_supported": ["header", "body"],
        "resource_signing_alg_values_supported": offer.of(KeyPurpose.USERINFO),
        "resource_name": "Account data",
        "resource_name#vi": "Dữ liệu tài khoản",
        **{name: server[name] for name in SHARED if name in server},
    }


def pointed(error: ProtocolError, policy: Policy) -> ProtocolError:
    """The error of the resource, whose challenge says where its document is (section 5.1)."""
    if error.challenge is not None:
        place = well_known(policy.issuer + paths.USERINFO)
        error.challenge = error.challenge.replace(REALM, f'{REALM}, resource_metadata="{place}"')
    return error


def metadata(offer: Offer) -> dict[str, object]:
    """Section 4: the resources that publish a document and trust this server."""
    return {"protected_resources": [offer.at(paths.USERINFO), offer.policy.registry_audience]}
