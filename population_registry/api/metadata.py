"""OAuth 2.0 Protected Resource Metadata: what a client needs to know before it asks, derived from the settings.

https://www.rfc-editor.org/rfc/rfc9728
Implemented: 2 (metadata), 2.1 (names in two languages), 3 (well-known address, resource equals ours), 5.1
(`resource_metadata` in every challenge, by `challenges.py`). Left out: 2.2 (signed metadata: https says who speaks).
"""

from typing import Final
from urllib.parse import urlsplit

from keys import KeyPurpose, KeyRing
from keys.proof import DPOP_ALGORITHMS
from population_registry.api.dossiers.authority import SCOPE_DECIDE, SCOPE_DOSSIERS
from population_registry.settings import RegistrySettings
from population_registry.verification.authorising import SCOPE_ACCESS_LOG, SCOPE_RELEASE, SCOPE_VERIFY
from population_registry.verification.rich_requests import DETAIL_TYPE

WELL_KNOWN: Final = "/.well-known/oauth-protected-resource"
NAMES: Final = {"vi": "Cơ sở dữ liệu dân cư (mô phỏng)", "en": "Population registry (mock)"}


def metadata_path(resource: str) -> str:
    """Where the metadata of a resource are found at its host."""
    # 3.1: the well-known string is inserted "between the host component and the path ... components".
    return WELL_KNOWN + urlsplit(resource).path.rstrip("/")


def metadata_url(resource: str) -> str:
    """The whole address of the metadata."""
    return origin_of(resource) + metadata_path(resource)


def origin_of(resource: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(resource)
    return f"{parts.scheme}://{parts.netloc}"


def metadata(settings: RegistrySettings, ring: KeyRing) -> dict[str, object]:
    """The document."""
    resource = settings.public_url
    return {
        "resource": resource,
        "resource_name": NAMES["vi"],
        **{f"resource_name#{language}": name for language, name in NAMES.items()},
        "resource_documentation": f"{resource}/docs",
        "authorization_servers": [settings.issuer.rstrip("/")],
        "jwks_uri": f"{resource}/.well-known/jwks.json",
        "scopes_supported": [
            SCOPE_VERIFY,
            SCOPE_RELEASE,
            SCOPE_ACCESS_LOG,
            SCOPE_DOSSIERS,
            SCOPE_DECIDE,
        ],
        "bearer_methods_supported": ["header"],
        "resource_signing_alg_values_supported": [ring.signer(KeyPurpose.RECEIPT).algorithm],
        "tls_client_certificate_bound_access_tokens": settings.client_certificates,
        "authorization_details_types_supported": [DETAIL_TYPE],
        "dpop_signing_alg_values_supported": sorted(DPOP_ALGORITHMS),
        "dpop_bound_access_tokens_required": False,
    }
