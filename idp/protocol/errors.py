"""RFC 6749 sections 4.1.2.1 and 5.2: errors for clients, every text a constant.

Authlib builds descriptions from the request's own values and raises ValueError when these leave the ASCII set of
the RFC; so only its error *code* is taken over, its text becomes the private cause.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from authlib.oauth2 import OAuth2Error

from idp.domain.errors import ProtocolError

BASIC_CHALLENGE: Final = 'Basic realm="dinhdanh", charset="UTF-8"'

DESCRIPTIONS: Final[Mapping[str, str]] = {
    "invalid_request": "A parameter is missing, repeated or malformed",
    "invalid_client": "Client authentication failed",
    "invalid_grant": "The code or refresh token is invalid, expired, revoked or belongs to another client",
    "unauthorized_client": "The client is not registered for this",
    "unsupported_grant_type": "The grant type is not supported",
    "unsupported_response_type": "The response type is not supported",
    "invalid_scope": "No requested scope may be granted to this client",
    "access_denied": "The person refused",
    "invalid_target": "The resource is unknown or not registered for this client",
    "invalid_authorization_details": "An authorization detail is malformed, unknown or not granted",
    "login_required": "The person must sign in",
    "consent_required": "The person must consent",
    "interaction_required": "The person must act",
    "account_selection_required": "The person must choose an account",
    "unmet_authentication_requirements": "The required authentication level cannot be reached",
    "invalid_request_object": "The request object is invalid",
    "invalid_request_uri": "The request_uri is invalid, expired or used before",
    "request_not_supported": "The request parameter is not supported",
    "request_uri_not_supported": "The request_uri parameter is not supported",
    "registration_not_supported": "The registration parameter is not supported",
    "invalid_token": "The access token is invalid, expired or revoked",
    "insufficient_scope": "The access token does not cover this",
    "unsupported_token_type": "The token type is not supported",
    "temporarily_unavailable": "Try again later",
    "invalid_dpop_proof": "The DPoP proof is missing, malformed, replayed or made for another request",
    "use_dpop_nonce": "The DPoP proof must carry the nonce that the DPoP-Nonce header gives",
    "slow_down": "Too many failed attempts, try again later",
    "authorization_pending": "The person has not answered yet",
    "expired_token": "The request has expired, start again",
    "unknown_user_id": "The hint names nobody who can be asked",
    "expired_login_hint_token": "The login hint token has expired",
    "missing_user_code": "A user code is required",
    "invalid_user_code": "The user code is wrong",
    "invalid_binding_message": "The binding message is missing, too long or not plain text",
    "invalid_redirect_uri": "A redirect URI cannot be registered",
    "invalid_client_metadata": "The client metadata cannot be registered",
    "invalid_software_statement": "The software statement is malformed",
    "unapproved_software_statement": "No issuer of software statements is approved here",
    "server_error": "Something unexpected happened",
}


def refusal(code: str, cause: str | None = None, *, description: str | None = None) -> ProtocolError:
    """An error with its fixed description; ``cause`` is for logs only."""
    # RFC 6749 5.2: "401 (Unauthorized)" only for invalid_client, 400 otherwise.
    status = 401 if code == "invalid_client" else 400
    return ProtocolError(code, description or DESCRIPTIONS[code], status=status, cause=cause)


def translated(error: OAuth2Error) -> ProtocolError:
    """Authlib's error in our words."""
    code = error.error if error.error in DESCRIPTIONS else "invalid_request"
    return refusal(code, cause=error.description or None)
