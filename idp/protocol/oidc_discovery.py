"""OpenID Connect Discovery 1.0.

https://openid.net/specs/openid-connect-discovery-1_0.html
Implemented: 3 (provider metadata), 4 (well-known address), 4.2 (answer).
Left out: 2 (WebFinger: nobody looks a person's provider up).
Builds on Authlib's OpenIDProviderMetadata, which validates the document in a test. Here stand the members of Core
that no other module owns; each other module brings its own (:mod:`idp.protocol.provider_metadata`).
"""

from __future__ import annotations

from idp.domain.assurance import ATTAINABLE, PHR, PHRH, SUPPORTED
from idp.protocol.offer import Offer
from idp.protocol.oidc_core.reading import PROMPTS


def metadata(offer: Offer) -> dict[str, object]:
    """Section 3. A member whose absence would mean true says false until a module turns it on."""
    national = [level.acr for level in SUPPORTED if level.authentication_level <= ATTAINABLE]
    # phrh needs a maker's word that this deployment trusts.
    resistant = [PHR, PHRH] if offer.policy.attestation_roots else [PHR]
    return {
        "acr_values_supported": [*national, *resistant],
        "prompt_values_supported": sorted(PROMPTS),
        "claim_types_supported": ["normal"],
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "require_request_uri_registration": False,
    }
