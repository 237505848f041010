"""OAuth 2.0 Dynamic Client Registration and OpenID Connect Dynamic Client Registration 1.0.

https://www.rfc-editor.org/rfc/rfc7591 (with https://openid.net/specs/openid-connect-registration-1_0.html)
Implemented: 2 (members.py: one table of every member we understand, values.py, addresses.py, key_sets.py), 2.1 and
OpenID 2 and 5 (consistency.py), 2.2 (names.py), 3 (deciding.py), 3.2.1 (documents.py), 3.2.2 (refusals.py).
Left out: 2.3 software statements (no issuer of them is approved here: unapproved_software_statement).
Builds on no Authlib class: Authlib's endpoint writes while it reads and lets every member through.
"""

from __future__ import annotations

from idp.domain import paths
from idp.domain.policy import Registration
from idp.protocol.offer import Offer


def metadata(offer: Offer) -> dict[str, object]:
    """OIDC Discovery 3 and RFC 8414 2: the endpoint, where strangers or holders of a token may register."""
    if offer.policy.registration is Registration.CLOSED:
        return {}
    return {"registration_endpoint": offer.at(paths.REGISTER)}
