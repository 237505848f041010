"""The order of checks per endpoint, as data; and the one Authlib server that all grants are registered with.

Read it as: at this endpoint, these rules, from top to bottom, before Authlib's grant decides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from idp.domain.facts import Facts
from idp.domain.policy import Policy
from idp.protocol.client_requests import MOST_FAILURES, ClientRequest
from idp.protocol.decoupled_grant import CibaGrant, DeviceCodeGrant
from idp.protocol.errors import refusal
from idp.protocol.oidc_core.flows import IMPLICIT, HybridGrant, ImplicitGrant
from idp.protocol.rfc6749_framework.authorization_code import AuthorizationCodeGrant
from idp.protocol.rfc6749_framework.client_credentials import ClientCredentialsGrant
from idp.protocol.rfc6749_framework.refresh_token import RefreshTokenGrant
from idp.protocol.rfc6749_framework.server import Provider
from idp.protocol.rfc7636_pkce import S256Challenge
from idp.protocol.rfc8693_token_exchange.grant import TokenExchangeGrant

Check = Callable[[ClientRequest, Facts, Policy], None]

PROVIDER: Final = Provider()
PROVIDER.register_grant(AuthorizationCodeGrant, [S256Challenge(required=True)])
PROVIDER.register_front_channel(HybridGrant, [S256Challenge(required=True)])
PROVIDER.register_front_channel(ImplicitGrant)
PROVIDER.register_grant(RefreshTokenGrant)
PROVIDER.register_grant(ClientCredentialsGrant)
PROVIDER.register_grant(DeviceCodeGrant)
PROVIDER.register_grant(CibaGrant)
PROVIDER.register_grant(TokenExchangeGrant)


def not_throttled(request: ClientRequest, facts: Facts, policy: Policy) -> None:
    """RFC 6749 2.3.1: protect against brute force. Raises ProtocolError slow_down (429)."""
    del policy
    if facts.throttles.get(request.bucket, 0) >= MOST_FAILURES:
        error = refusal("slow_down")
        error.status = 429
        raise error


def well_formed(request: ClientRequest, facts: Facts, policy: Policy) -> None:
    """RFC 6749 3.2: a form, no parameter twice. Raises ProtocolError invalid_request."""
    del facts, policy
    # 3.2: "Request and response parameters MUST NOT be included more than once."
    if request.parameters.broken or request.parameters.repeated:
        raise refusal("invalid_request")


def one_authentication(request: ClientRequest, facts: Facts, policy: Policy) -> None:
    """RFC 6749 2.3 and 5.2: one authentication method only. Raises ProtocolError invalid_request."""
    del facts, policy
    # 5.2: invalid_request: "utilizes more than one mechanism for authenticating the client".
    if request.presented.ambiguous:
        raise refusal("invalid_request")


def names_a_grant(request: ClientRequest, facts: Facts, policy: Policy) -> None:
    """RFC 6749 4.1.3: grant_type is REQUIRED. Raises ProtocolError invalid_request."""
    del facts, policy
    if "grant_type" not in request.parameters:
        raise refusal("invalid_request")


def names_a_token(request: ClientRequest, facts: Facts, policy: Policy) -> None:
    """RFC 7009 2.1 and RFC 7662 2.1: token is REQUIRED. Raises ProtocolError invalid_request."""
    del facts, policy
    if "token" not in request.parameters:
        raise refusal("invalid_request")


TOKEN: Final[tuple[Check, ...]] = (not_throttled, well_formed, one_authentication, names_a_grant)
INTROSPECTION: Final[tuple[Check, ...]] = (not_throttled, well_formed, one_authentication, names_a_token)
PUSHED: Final[tuple[Check, ...]] = (not_throttled, well_formed, one_authentication)
REVOCATION: Final[tuple[Check, ...]] = (not_throttled, well_formed, one_authentication, names_a_token)
DEVICE_AUTHORIZATION: Final[tuple[Check, ...]] = (not_throttled, well_formed, one_authentication)
BACKCHANNEL_AUTHENTICATION: Final[tuple[Check, ...]] = (not_throttled, well_formed, one_authentication)


def check(checks: tuple[Check, ...], request: ClientRequest, facts: Facts, policy: Policy) -> None:
    """Run the checks in order. Raises the first ProtocolError."""
    for each in checks:
        each(request, facts, policy)


def response_types() -> list[str]:
    """What is really registered for the authorization endpoint."""
    grants = [grant for grant, _ in PROVIDER._authorization_grants]  # noqa: SLF001 - Authlib offers no accessor
    return sorted(kind for grant in grants for kind in grant.RESPONSE_TYPES)


def grant_types() -> list[str]:
    """What is really registered for the token endpoint, and ``implicit``, which never comes there."""
    grants = [grant.GRANT_TYPE for grant, _ in PROVIDER._token_grants]  # noqa: SLF001 - Authlib offers no accessor
    return [*grants, IMPLICIT]
