"""Every rule about an authorization request itself, however it comes: by query, by form, pushed or signed.

What is judged of the *person* is :mod:`idp.protocol.oidc_core.judging`. A rule that is enforced on one way in and
forgotten on another is the commonest flaw of this field, so both ways call :func:`judged`.
"""

from __future__ import annotations

from collections.abc import Mapping

from idp.domain.authorization import AuthorizationRequest
from idp.domain.client import Client
from idp.protocol import fapi2_message_signing, fapi2_security_profile, front_channel, server
from idp.protocol.errors import refusal
from idp.protocol.oidc_core import reading
from idp.protocol.parameters import Parameters
from idp.protocol.rfc6749_framework.authorization_code import AuthorizationCodeGrant
from idp.protocol.rfc6749_framework.request import PreloadedRequest
from idp.protocol.rfc9101_request_objects import opening


def judged(
    preloaded: PreloadedRequest,
    client: Client,
    mode: str,
    hint: Mapping[str, object] | None,
    *,
    signed: bool,
) -> tuple[AuthorizationRequest, AuthorizationCodeGrant]:
    """The request as a value and Authlib's grant that judged it; client and redirect URI are proven before.

    ``hint`` holds the claims of an ``id_token_hint`` whose signature is ours; ``signed``: the parameters are those of
    a request object that was proven. Raises ProtocolError or Authlib's OAuth2Error.
    """
    parameters, policy = preloaded.parameters, preloaded.policy
    front_channel.well_formed(parameters, policy)
    # RFC 9101 10.5: the server "MUST reject the authorization request from the client that does not conform".
    if not signed and opening.must_sign(client):
        raise refusal("invalid_request", "not signed")
    fapi2_security_profile.judge(parameters, client)
    fapi2_message_signing.judge_mode(client, mode)
    grant = server.PROVIDER.bound(preloaded).get_authorization_grant(preloaded)
    grant.validate_consent_request()
    return reading.read(parameters, client, mode, policy, hinted(parameters, hint, client)), grant


def hinted(parameters: Parameters, hint: Mapping[str, object] | None, client: Client) -> str | None:
    """Whom an ``id_token_hint`` means. Raises ProtocolError when it is not ours or not this client's."""
    if "id_token_hint" not in parameters:
        return None
    # OIDC Core 3.1.2.1: an ID token "previously issued by the Authorization Server"; its age does not matter.
    if hint is None or hint.get("aud") != client.client_id:
        raise refusal("invalid_request", "id_token_hint")
    subject = hint.get("sub")
    return subject if isinstance(subject, str) else None
