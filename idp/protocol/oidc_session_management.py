"""OpenID Connect Session Management 1.0.

https://openid.net/specs/openid-connect-session-1_0.html
Implemented: 2 (session_state), 3.2 and 4.2 (the provider's page in a frame: :mod:`idp.endpoints.check_session`),
3.3 (metadata).
Left out: 3.1 (the client's side). Error responses carry no session_state; FAPI clients get none at all.
Builds on no Authlib class: Authlib has none.

The browser state is derived from the session's id, which stays the same when the same person proves a further factor
and changes when somebody else signs in. Scripts of the provider's own page may read it; it opens nothing.
"""

from __future__ import annotations

import functools
import hashlib
from typing import Final
from urllib.parse import urlsplit

from idp.domain import paths
from idp.domain.authorization import AuthorizationRequest
from idp.domain.client import Client
from idp.domain.policy import Policy
from idp.domain.scopes import OPENID
from idp.protocol.offer import Offer

DEFAULT_PORTS: Final = {"https": 443, "http": 80}


def metadata(offer: Offer) -> dict[str, object]:
    """Section 3.3."""
    return {"check_session_iframe": offer.at(paths.CHECK_SESSION)}


def takes_part(request: AuthorizationRequest, client: Client) -> bool:
    """Whether an answer to this request says how the session stands."""
    # 2: session_state is "REQUIRED if session management is supported", in an "Authentication Response": openid.
    return OPENID in request.scopes and client.fapi2_profile is None and bool(origin(request.redirect_uri))


def browser_state(session_id: str, policy: Policy) -> str:
    """What the browser keeps for the provider's page: 64 characters that lead to no session."""
    # 3.2: it must not be possible to guess it: the id is 128 random bits that never leave us, the salt a secret.
    # One plain hash, since every answer makes one.
    return hashlib.sha256(b"browser state %b %b" % (session_id.encode(), policy.pairwise_salt)).hexdigest()


def session_state(client_id: str, redirect_uri: str, state: str, salt: str) -> str:
    """What the client keeps and asks its frame about."""
    # 3.2: "SHA256(client_id + ' ' + e.origin + ' ' + opuas + ' ' + salt) + "." + salt"; 2: it "MUST NOT contain the
    # space character".
    text = f"{client_id} {origin(redirect_uri)} {state} {salt}"
    return f"{hashlib.sha256(text.encode()).hexdigest()}.{salt}"


@functools.lru_cache(maxsize=1024)
def origin(uri: str) -> str:
    """The origin of a web address as browsers write it (RFC 6454 section 6.2); empty for a private scheme."""
    parts = urlsplit(uri)
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = parts.port
    if port is None or port == DEFAULT_PORTS[parts.scheme]:
        return f"{parts.scheme}://{host}"
    return f"{parts.scheme}://{host}:{port}"
