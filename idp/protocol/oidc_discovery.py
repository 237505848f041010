"""OpenID Connect Discovery 1.0.

https://openid.net/specs/openid-connect-discovery-1_0.html
Implemented: 3 (provider metadata), 4 (well-known address), 4.2 (answer); logout members of RP-Initiated and
Back-Channel Logout. Left out: 2 (WebFinger: nobody looks a person's provider up).
Builds on Authlib's OpenIDProviderMetadata, which validates the document in a test.
"""

from __future__ import annotations

from collections.abc import Iterable

from idp.domain import paths
from idp.domain.assurance import ATTAINABLE, SUPPORTED
from idp.domain.policy import Policy
from idp.domain.scopes import CLAIMS_OF_SCOPE, SCOPES_FOR_PEOPLE
from idp.protocol import rfc8414_metadata
from idp.protocol.oidc_core.reading import PROMPTS


def metadata(policy: Policy, signing_algorithms: Iterable[str]) -> dict[str, object]:
    """The document as a value; ``signing_algorithms`` are those of the keys that sign ID tokens."""
    claims = sorted({claim for claims in CLAIMS_OF_SCOPE.values() for claim in claims})
    return {
        **rfc8414_metadata.metadata(policy, SCOPES_FOR_PEOPLE),
        "userinfo_endpoint": policy.issuer + paths.USERINFO,
        "end_session_endpoint": policy.issuer + paths.END_SESSION,
        "subject_types_supported": ["pairwise", "public"],
        "id_token_signing_alg_values_supported": sorted(signing_algorithms),
        "acr_values_supported": [
            level.acr for level in SUPPORTED if level.authentication_level <= ATTAINABLE
        ],
        "prompt_values_supported": sorted(PROMPTS),
        "claim_types_supported": ["normal"],
        "claims_supported": ["iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", *claims],
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "require_request_uri_registration": False,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
    }
