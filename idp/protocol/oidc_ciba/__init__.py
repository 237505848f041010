"""OpenID Connect Client-Initiated Backchannel Authentication Flow - Core 1.0, and the Financial-grade API profile.

https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html
Implemented: 4 (metadata), 5 (poll and ping), 7.1 and 7.1.1 (requests: reading.py, signed.py, hints.py),
7.2, 7.3 and 13 (deciding.py), 10.1 and 11 (../decoupled_grant.py), 10.2 (the outbox of pings).
FAPI-CIBA 5.2.2: a client that registered a signing algorithm must sign every request and say what it is about.
Left out: push mode (tokens are never posted to an address; FAPI-CIBA 5.2.2 forbids it), user_code (people have no
secret that a client may learn; a code of their authenticator would teach them to give it away).
Builds on no Authlib class: Authlib has none.
"""

from __future__ import annotations

from idp.domain import paths
from idp.protocol.decoupled_grant import MODES
from idp.protocol.offer import Offer
from idp.protocol.oidc_ciba.deciding import BackchannelRequest, Search, admit, open_request
from idp.protocol.oidc_ciba.signed import ALGORITHMS

__all__ = ["BackchannelRequest", "Search", "admit", "metadata", "open_request"]


def metadata(offer: Offer) -> dict[str, object]:
    """Section 4."""
    return {
        "backchannel_authentication_endpoint": offer.at(paths.BACKCHANNEL_AUTHENTICATION),
        "backchannel_token_delivery_modes_supported": list(MODES),
        "backchannel_authentication_request_signing_alg_values_supported": list(ALGORITHMS),
        "backchannel_user_code_parameter_supported": False,
    }
