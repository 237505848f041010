"""Resource Indicators for OAuth 2.0.

https://www.rfc-editor.org/rfc/rfc8707
Implemented: 2 (absolute URI without fragment, several values, invalid_target), 2.1 (authorization and pushed requests
name every resource that the grant may be used for), 2.2 (a token request names one of them).
Left out: several resources in one token (a token for two audiences can be passed on by either).
Builds on no Authlib class: Authlib has none.

The rule for a token request that names none is decision 0009.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from idp.domain.client import Client
from idp.domain.grant import Grant
from idp.domain.policy import Policy
from idp.domain.scopes import OPENID
from idp.protocol import rfc9396_rich_requests
from idp.protocol.errors import refusal
from idp.protocol.parameters import Parameters

MAX_RESOURCES: Final = 8
MAX_LENGTH: Final = 512


def asked(parameters: Parameters, client: Client, policy: Policy) -> tuple[str, ...]:
    """The resources of a request, each once. Raises ProtocolError invalid_target.

    The provider itself, by its issuer, is a resource of every client: its tokens open UserInfo.
    """
    resources = tuple(dict.fromkeys(parameters.lists.get("resource", ())))
    if not resources:
        return ()
    # 2: invalid_target: "The requested resource is invalid, missing, unknown, or malformed."
    if len(resources) > MAX_RESOURCES or not all(map(well_formed, resources)):
        raise refusal("invalid_target", "malformed")
    if any(resource not in client.resources and resource != policy.issuer for resource in resources):
        raise refusal("invalid_target", "not registered for this client")
    return resources


def well_formed(resource: str) -> bool:
    """2: "Its value MUST be an absolute URI" and "The URI MUST NOT include a fragment component"."""
    if len(resource) > MAX_LENGTH or "#" in resource or not resource.isascii() or not resource.isprintable():
        return False
    try:
        parts = urlsplit(resource)
    except ValueError:
        return False
    return bool(parts.scheme and (parts.netloc or parts.path))


def audience(
    parameters: Parameters,
    client: Client,
    grant: Grant,
    details: tuple[Mapping[str, object], ...],
    policy: Policy,
) -> str | None:
    """Whose this access token is; None for the provider's own. Raises ProtocolError invalid_target."""
    if "resource" in parameters.lists:
        return named(parameters, client, grant, policy)
    # RFC 9396 7: the answer carries the details "assigned to the respective access token": it is for their place.
    if details:
        return registered(only(rfc9396_rich_requests.places(details, policy)), client)
    # 2.2 leaves a request without resource to the server. Who signed a person in expects UserInfo to answer its token
    # (OIDC Core 5.3), so a resource named at the authorization endpoint is used only where a token request names it.
    jwt = client.access_token_format == "jwt"  # noqa: S105 - a format's name
    if OPENID in grant.scopes and not jwt:
        return None
    granted = tuple(resource for resource in grant.resources if resource != policy.issuer)
    if granted:
        return registered(only(granted), client)
    # A client whose own format is JWT and that knows one resource means that one.
    return next(iter(client.resources)) if jwt and len(client.resources) == 1 else None


def named(parameters: Parameters, client: Client, grant: Grant, policy: Policy) -> str | None:
    """The one resource that a token request names. Raises ProtocolError invalid_target."""
    resource = only(asked(parameters, client, policy))
    if resource == policy.issuer:
        return None
    # 2.2: "such policy may limit the acceptable resources to those that were originally granted by the resource
    # owner or a subset thereof"; ours does. Where details say, that is granted too.
    granted = grant.resources
    if granted and resource not in (
        *granted,
        *rfc9396_rich_requests.places(grant.authorization_details, policy),
    ):
        raise refusal("invalid_target", "not granted")
    return resource


def registered(resource: str, client: Client) -> str:
    """The resource, if the client still has it: its registration may have changed since it was granted."""
    if resource not in client.resources:
        raise refusal("invalid_target", "not registered for this client")
    return resource


def only(resources: tuple[str, ...]) -> str:
    """The one of them. Raises ProtocolError invalid_target: a token has one audience, so a request must choose."""
    if len(resources) != 1:
        raise refusal("invalid_target", "several")
    return resources[0]
