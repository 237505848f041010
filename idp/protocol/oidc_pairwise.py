"""OpenID Connect Core 1.0: subject identifier types.

https://openid.net/specs/openid-connect-core-1_0.html#SubjectIDTypes
Implemented: 8 (public and pairwise subjects), 8.1 (algorithm), and a sid per client (Back-Channel Logout 2.1).
Left out: fetching sector_identifier_uri (registration, not sign-in, has to do it).
Builds on no Authlib class: Authlib has none.
"""

from __future__ import annotations

import binascii
import hmac
from typing import Final
from urllib.parse import urlsplit

from idp.domain.client import Client
from idp.domain.policy import Policy
from idp.protocol.offer import Offer

URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")


def sector(client: Client) -> str:
    """What subjects of a client are computed for."""
    # 8.1: without a sector_identifier_uri "the Sector Identifier used for pairwise identifier calculation is the
    # host component of the registered redirect_uri".
    if client.sector_identifier:
        return client.sector_identifier
    if not client.redirect_uris:
        return client.client_id
    return urlsplit(client.redirect_uris[0]).hostname or client.client_id


def subject(client: Client, account_id: str, policy: Policy) -> str:
    """The ``sub`` that this client sees: 43 characters, the same for ever, useless to any other sector."""
    # 8.1: "The Subject Identifier value MUST NOT be reversible by any party other than the OpenID Provider",
    # "Distinct Sector Identifier values MUST result in distinct Subject Identifier values".
    name = "" if client.subject_type == "public" else sector(client)
    return _keyed(policy.pairwise_salt, "sub", name, account_id)


def session_identifier(client_id: str, session_id: str, policy: Policy) -> str:
    """The ``sid`` of a session for one client; two clients cannot compare theirs."""
    return _keyed(policy.pairwise_salt, "sid", client_id, session_id)


def _keyed(salt: bytes, *parts: str) -> str:
    # Each part carries its length, so that no two lists of parts give the same text.
    message = "|".join([f"{len(part)}:{part}" for part in parts])
    digest = hmac.digest(salt, message.encode(), "sha256")
    return binascii.b2a_base64(digest, newline=False).translate(URL_SAFE, b"=").decode("ascii")


def metadata(offer: Offer) -> dict[str, object]:
    """OpenID Connect Discovery 1.0 section 3."""
    del offer
    return {"subject_types_supported": ["pairwise", "public"]}
