"""OAuth 2.0 Authorization Server Issuer Identification.

https://www.rfc-editor.org/rfc/rfc9207
Implemented: 2 (iss in every authorization response, errors included), 3 (metadata).
Left out: 2.4 (the client's side).
Builds on no Authlib class: IssuerParameter rewrites a Location that is not made here, and forgets form_post.
"""

from __future__ import annotations

from idp.domain.policy import Policy
from idp.protocol.offer import Offer


def parameter(policy: Policy) -> tuple[str, str]:
    """The parameter that stops mix-up attacks."""
    # 2: "In authorization responses to the client, including error responses, an authorization server supporting
    # this specification MUST indicate its identity by including the iss parameter in the response."
    return ("iss", policy.issuer)


def metadata(offer: Offer) -> dict[str, object]:
    """Section 3."""
    del offer
    return {"authorization_response_iss_parameter_supported": True}
