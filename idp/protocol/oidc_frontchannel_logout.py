"""OpenID Connect Front-Channel Logout 1.0.

https://openid.net/specs/openid-connect-frontchannel-1_0.html
Implemented: 2 (frames with iss and sid on the page that says it is over), 3 (metadata).
Left out: 4 (the client's side).
Builds on no Authlib class: Authlib has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlencode

from idp.domain.policy import Policy
from idp.domain.session import Participant
from idp.protocol import oidc_pairwise
from idp.protocol.offer import Offer

MOST_FRAMES: Final = 32
"""Frames of one page; a session that reached more portals ends at them through the back channel."""


def metadata(offer: Offer) -> dict[str, object]:
    """Section 3."""
    del offer
    return {"frontchannel_logout_supported": True, "frontchannel_logout_session_supported": True}


def frames(
    participants: Iterable[Participant], registered: Mapping[str, str], session_id: str, policy: Policy
) -> tuple[str, ...]:
    """The addresses to load: one for each client that took part and registered for it.

    ``registered`` maps client ids to their ``frontchannel_logout_uri``.
    """
    made: dict[str, str] = {}
    for each in participants:
        uri = registered.get(each.client_id)
        # Keycloak CVE-2026-9086: a script is no address, whoever registered it.
        if uri is not None and uri.startswith(("https://", "http://")) and len(made) < MOST_FRAMES:
            made.setdefault(each.client_id, with_session(uri, each.client_id, session_id, policy))
    return tuple(made.values())


def with_session(uri: str, client_id: str, session_id: str, policy: Policy) -> str:
    """The client's address with who speaks and which session ended."""
    # 2: "The OP MAY add these query parameters when rendering the logout URI, and if either is included, both MUST
    # be"; with them a client ends this session and no other.
    sid = oidc_pairwise.session_identifier(client_id, session_id, policy)
    joint = "&" if "?" in uri else "?"
    return f"{uri}{joint}{urlencode({'iss': policy.issuer, 'sid': sid})}"
