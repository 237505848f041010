"""OpenID Connect Back-Channel Logout 1.0.

https://openid.net/specs/openid-connect-backchannel-1_0.html
Implemented: 2.1 (sid), 2.4 (logout token; idp.endpoints signs and encrypts it as the
client's ID tokens are); idp.storage posts it (2.5), reads the answer (2.8), tries again.
Left out: 2.6 and 2.7 (the client's side).
Builds on no Authlib class: Authlib has none.
"""

from __future__ import annotations

from typing import Final

from idp.domain.policy import Policy
from idp.domain.writes import NotifyLogout
from idp.protocol.offer import Offer

EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
LIFETIME: Final = 120


def logout_token(notice: NotifyLogout, *, now: int, jti: str, policy: Policy) -> dict[str, object]:
    """The claims of one logout token, to be signed with ``typ`` logout+jwt."""
    # 2.4: iss, aud, iat, exp, jti and events are REQUIRED; "A Logout Token MUST contain either a sub or a sid
    # Claim, and MAY contain both"; nonce is prohibited.
    claims: dict[str, object] = {
        "iss": policy.issuer,
        "aud": notice.client_id,
        "iat": now,
        "exp": now + LIFETIME,
        "jti": jti,
        "sub": notice.subject,
        "events": {EVENT: {}},
    }
    if notice.sid is not None:
        claims["sid"] = notice.sid
    return claims


def metadata(offer: Offer) -> dict[str, object]:
    """Section 2.1."""
    del offer
    return {"backchannel_logout_supported": True, "backchannel_logout_session_supported": True}
