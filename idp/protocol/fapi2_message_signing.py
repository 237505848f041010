"""FAPI 2.0 Message Signing (final): requests, answers and introspections that nobody can deny.

https://openid.net/specs/fapi-message-signing-2_0-final.html
Implemented: here 5.4 (signed answers, by JARM). And where the rule lives for every client, turned on by
``fapi2_profile = message_signing``: 5.3 (signed requests: rfc9101_request_objects), 5.5 (signed introspection:
rfc9701_jwt_introspection), the Security Profile beneath (fapi2_security_profile).
Left out: 5.6 (HTTP message signatures, no part of the final text). Builds on no Authlib class: Authlib has none.
"""

from __future__ import annotations

from idp.domain.client import Client
from idp.protocol.errors import refusal
from idp.protocol.fapi2_security_profile import MESSAGE_SIGNING
from idp.protocol.oidc_response_modes import JWT


def applies(client: Client) -> bool:
    """Whether every message of this client is signed, and every message to it."""
    return client.fapi2_profile == MESSAGE_SIGNING


def judge_mode(client: Client, mode: str) -> None:
    """The response mode of a request. Raises ProtocolError invalid_request."""
    # 5.4.2: authorization responses are signed "via JARM"; so a plain mode is a mistake of the client.
    if applies(client) and not mode.endswith(JWT):
        raise refusal("invalid_request", "message_signing: response_mode")
