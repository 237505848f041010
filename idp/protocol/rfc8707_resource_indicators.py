"""Resource Indicators for OAuth 2.0.

https://www.rfc-editor.org/rfc/rfc8707
Implemented: 2 (one resource a request, invalid_target), 2.1 (authorization), 2.2 (token request narrows).
Left out: several resources in one token (a token for two audiences can be passed on by either).
Builds on no Authlib class: Authlib has none.
"""

from __future__ import annotations

from collections.abc import Collection

from idp.domain.client import Client
from idp.protocol.errors import refusal
from idp.protocol.parameters import Parameters


def asked(parameters: Parameters, client: Client) -> tuple[str, ...]:
    """The resource of a request, if any. Raises ProtocolError invalid_target."""
    resources = tuple(dict.fromkeys(parameters.lists.get("resource", ())))
    # 2: invalid_target: "The requested resource is invalid, missing, unknown, or malformed."
    if len(resources) > 1 or any(resource not in client.resources for resource in resources):
        raise refusal("invalid_target")
    return resources


def audience(parameters: Parameters, client: Client, granted: Collection[str]) -> str | None:
    """Whose token this is: the asked resource, the only granted one, or None for the provider's own.

    Raises ProtocolError invalid_target.
    """
    resources = asked(parameters, client)
    # 2.2: "such policy may limit the acceptable resources to those that were originally granted by the resource
    # owner or a subset thereof"; ours does.
    if resources and granted and resources[0] not in granted:
        raise refusal("invalid_target")
    if resources:
        return resources[0]
    if len(granted) == 1:
        return next(iter(granted))
    # A client whose own format is JWT and that knows one resource means that one.
    if client.access_token_format == "jwt" and len(client.resources) == 1:  # noqa: S105 - a format's name
        return next(iter(client.resources))
    return None
