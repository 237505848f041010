"""What Authlib sees of one request: preloaded facts instead of look-ups, an effects list instead of writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin, OAuth2Payload, OAuth2Request

from idp.domain.audit import AuditEvent
from idp.domain.client import Client
from idp.domain.facts import Facts
from idp.domain.outcomes import FrontChannelTokens, IssuedTokens
from idp.domain.policy import Policy
from idp.domain.writes import Write
from idp.protocol.parameters import EMPTY, Parameters
from idp.protocol.rfc6749_framework import redirect_uris, scopes
from idp.protocol.rfc6749_framework.authentication import ASSERTIONS, Presented, check_secret
from idp.protocol.rfc8693_token_exchange import Exchanged
from idp.protocol.sender_constraint import UNPROVEN
from keys.proof import Presented as Proven


@dataclass(slots=True)
class Effects:
    """What Authlib's callbacks decided: collected here instead of being done."""

    writes: list[Write] = field(default_factory=list)
    audit: list[AuditEvent] = field(default_factory=list)
    issued: IssuedTokens | None = None
    front: FrontChannelTokens | None = None


def canonical(response_type: str) -> str:
    """A response type with its values in one order (Multiple Response Types 3: their order does not matter)."""
    return " ".join(sorted(response_type.split(" "))) if " " in response_type else response_type


class ClientView(ClientMixin):
    """A registered client as Authlib asks for it."""

    __slots__ = ("client",)

    def __init__(self, client: Client) -> None:
        self.client = client

    def get_client_id(self) -> str:
        """The client's id."""
        return self.client.client_id

    def get_default_redirect_uri(self) -> None:
        """None: OIDC Core 3.1.2.1 makes ``redirect_uri`` REQUIRED."""

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """What the client may have of it; None (invalid_scope) when nothing remains."""
        return scopes.joined(scopes.allowed(self.client, scopes.tokens(scope))) or None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Exact comparison (section 3.1.2)."""
        return redirect_uris.is_registered(self.client, redirect_uri)

    def check_client_secret(self, client_secret: str) -> bool:
        """Constant-time comparison of hashes."""
        return check_secret(self.client, client_secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Exactly the registered method, at every endpoint (OIDC Core section 9)."""
        del endpoint
        registered = self.client.token_endpoint_auth_method
        # An assertion was verified by the registered method's own means, and by no others.
        return method == registered or (method in ASSERTIONS and registered in ASSERTIONS)

    def check_response_type(self, response_type: str) -> bool:
        """Whether the client registered this response type."""
        if response_type in self.client.response_types:
            return True
        return canonical(response_type) in map(canonical, self.client.response_types)

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether the client registered this grant type."""
        return grant_type in self.client.grant_types


class Payload(OAuth2Payload):
    """Authlib's payload is a dict and loses repeated parameters; ours keeps saying that they were repeated."""

    __slots__ = ("_parameters",)

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters

    @property
    def data(self) -> Mapping[str, str]:
        """Each parameter's value."""
        return self._parameters.first

    @property
    def datalist(self) -> Mapping[str, list[str]]:
        """Repeated parameters with two values, so that Authlib's own check sees them too."""
        return {name: [self._parameters.first[name]] * 2 for name in self._parameters.repeated}


class PreloadedRequest(OAuth2Request):
    """One request with its facts.

    Authlib's own constructor checks the transport of the request URI; ours is always the issuer, whose scheme the
    settings judged once at start, so no header can influence it and no insecure switch is needed.
    """

    def __init__(
        self, parameters: Parameters, facts: Facts, policy: Policy, presented: Presented | None = None
    ) -> None:
        self.method = "POST"
        self.uri = policy.issuer
        self.headers: Mapping[str, str] = EMPTY
        self._body = None
        self.payload = Payload(parameters)
        self.client: ClientView | None = None
        self.auth_method: str | None = None
        self.user: Any = None
        self.authorization_code: Any = None
        self.refresh_token: Any = None
        self.credential: Any = None
        self._scope: str | None = None
        self.parameters = parameters
        self.facts = facts
        self.policy = policy
        self.presented = presented
        self.proven: Proven = UNPROVEN
        self.exchanged: Exchanged | None = None
        self.effects = Effects()

    @property
    def form(self) -> Mapping[str, str]:
        """The body's parameters."""
        return self.parameters.first

    def query_client(self, client_id: str) -> ClientView | None:
        """The preloaded client, if that is the one asked for and it is not disabled."""
        client = self.facts.client
        if client is None or client.client_id != client_id or client.disabled:
            return None
        return ClientView(client)
