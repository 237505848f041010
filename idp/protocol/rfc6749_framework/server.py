"""The Authlib server: built once per process, bound to one request's facts for each decision.

Overrides, and why: Authlib looks clients up through a method without the request, so a bound copy answers from the
facts; hooks of a grant sit in a set, so each hook type has at most one hook of ours; responses are values.
"""

from __future__ import annotations

import logging
from typing import Any, Final

from authlib.oauth2.rfc6749 import AuthorizationServer, ClientAuthentication, InvalidClientError

from idp.protocol import fapi2_security_profile, rfc8705_mtls
from idp.protocol.rfc6749_framework.authentication import BASIC, NONE, PRIVATE_KEY_JWT, Presented, judge_basic
from idp.protocol.rfc6749_framework.request import ClientView, PreloadedRequest
from idp.protocol.rfc7523_client_assertions.verifying import ClientAssertion

TOKEN_LOGGERS: Final = (
    "authlib.oauth2.rfc6749.grants.authorization_code",
    "authlib.oauth2.rfc6749.grants.refresh_token",
    "authlib.oauth2.rfc6749.grants.client_credentials",
    "authlib.oauth2.rfc6749.authenticate_client",
    "authlib.oauth2.rfc7523.client",
    "authlib.oidc.core.grants.code",
)


def silence_token_loggers() -> None:
    """Authlib logs issued tokens at debug level; these loggers never speak below a warning."""
    for name in TOKEN_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)


class ExactClientAuthentication(ClientAuthentication):
    """Authlib's methods, but only the one that the request shows, and only if it is the registered one."""

    def authenticate(self, request: PreloadedRequest, methods: Any, endpoint: str) -> ClientView:
        """The client. Raises InvalidClientError."""
        presented: Presented | None = request.presented
        if presented is None or presented.ambiguous or presented.method is None:
            raise InvalidClientError("no usable authentication")
        method = with_certificate(request, presented) if presented.method == NONE else presented.method
        if method not in methods:
            raise InvalidClientError("method not allowed here")
        client: ClientView | None = self._methods[method](request.query_client, request)
        if client is None or not client.check_endpoint_auth_method(method, endpoint):
            raise InvalidClientError("refused")
        if not fapi2_security_profile.may_authenticate(client.client, method):
            raise InvalidClientError("fapi2: method")
        request.auth_method = client.client.token_endpoint_auth_method
        request.client = client
        return client


def with_certificate(request: PreloadedRequest, presented: Presented) -> str:
    """RFC 8705 2: whoever only names itself shows its connection's certificate, if that is what it registered."""
    client = request.facts.client
    if client is not None and client.token_endpoint_auth_method in rfc8705_mtls.METHODS:
        return client.token_endpoint_auth_method
    return presented.method or NONE


class Provider(AuthorizationServer):
    """Authlib's authorization server without I/O."""

    request: PreloadedRequest

    def __init__(self) -> None:
        super().__init__()
        self._client_auth = ExactClientAuthentication(None)
        self._client_auth.register(BASIC, judge_basic)
        self._client_auth.register(PRIVATE_KEY_JWT, ClientAssertion())
        for method in rfc8705_mtls.METHODS:
            self._client_auth.register(method, rfc8705_mtls.judge)

    def bound(self, request: PreloadedRequest) -> Provider:
        """This server, answering from the facts of one request."""
        server = Provider.__new__(Provider)
        server.__dict__ = {**self.__dict__, "request": request}
        return server

    def register_front_channel(self, grant: type[Any], extensions: Any = None) -> None:
        """A grant that only the authorization endpoint knows; Authlib would offer its parent's token half twice."""
        self._authorization_grants.append((grant, extensions))

    def query_client(self, client_id: str) -> ClientView | None:
        """The preloaded client."""
        return self.request.query_client(client_id)

    def create_oauth2_request(self, request: PreloadedRequest) -> PreloadedRequest:
        """The request is one already."""
        return request

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens: what follows from a decision is in its writes."""

    def save_token(self, token: Any, request: PreloadedRequest) -> None:
        """Tokens are saved by the writes of the decision."""
