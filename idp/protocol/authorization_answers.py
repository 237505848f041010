"""Errors of the authorization endpoint, as they go back to a client whose address is proven."""

from __future__ import annotations

from authlib.oauth2 import OAuth2Error

from idp.domain.authorization import AuthorizationRequest
from idp.domain.errors import ProtocolError
from idp.domain.outcomes import RedirectBack
from idp.domain.policy import Policy
from idp.protocol import oidc_response_modes
from idp.protocol.errors import DESCRIPTIONS, translated


def answered(request: AuthorizationRequest, code: str, policy: Policy) -> RedirectBack:
    """An error for the client at its proven address."""
    params = (("error", code), ("error_description", DESCRIPTIONS.get(code, "")))
    return oidc_response_modes.redirect(
        request.redirect_uri, request.response_mode, params, request.state, policy
    )


def failed(
    uri: str, mode: str, state: str | None, error: OAuth2Error | ProtocolError, policy: Policy
) -> RedirectBack:
    """The same for a request that never became one."""
    said = error if isinstance(error, ProtocolError) else translated(error)
    # RFC 6749 4.1.2.1 knows no invalid_client at this endpoint.
    params = (("error", said.code), ("error_description", said.description))
    return oidc_response_modes.redirect(uri, mode, params, state, policy)
