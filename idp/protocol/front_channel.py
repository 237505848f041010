"""Before anything may be redirected: is there a known client, and did it register this address?

RFC 6749 section 4.1.2.1: with "a missing, invalid, or mismatching redirection URI, or ... client identifier", the
server "MUST NOT automatically redirect the user-agent". Every check here ends in a page of our own.
"""

from __future__ import annotations

from idp.domain.client import Client
from idp.domain.errors import PageProblem
from idp.domain.facts import Facts
from idp.domain.policy import Policy
from idp.protocol import server
from idp.protocol.errors import refusal
from idp.protocol.parameters import Parameters
from idp.protocol.rfc6749_framework import redirect_uris
from idp.protocol.rfc6749_framework.request import canonical

OUR_OWN = frozenset({"client_id", "redirect_uri"})
UNSUPPORTED = {
    "request": "request_not_supported",
    "request_uri": "request_uri_not_supported",
    "registration": "registration_not_supported",
}


def readable(parameters: Parameters) -> None:
    """The parameters are parameters, and those that name the way back come once. Raises PageProblem."""
    if parameters.broken:
        raise PageProblem("request_malformed")
    # RFC 6749 3.1: a repeated client_id or redirect_uri leaves open where an answer may go.
    if parameters.repeated & OUR_OWN:
        raise PageProblem("request_malformed")


def known_client(parameters: Parameters, facts: Facts) -> Client:
    """The client that asks. Raises PageProblem."""
    client = facts.client
    if client is None or client.client_id != parameters.get("client_id") or client.disabled:
        raise PageProblem("client_unknown")
    return client


def proven_redirect(parameters: Parameters, client: Client) -> str:
    """The way back, registered by exactly this client. Raises PageProblem."""
    # OIDC Core 3.1.2.1: redirect_uri is REQUIRED; it "MUST exactly match one of the Redirection URI values".
    uri = parameters.get("redirect_uri")
    if uri is None or not redirect_uris.is_registered(client, uri):
        raise PageProblem("redirect_uri_unregistered")
    return uri


def well_formed(parameters: Parameters, policy: Policy) -> None:
    """What is judged first once the client may hear of it. Raises ProtocolError."""
    # RFC 6749 3.1: "Request and response parameters MUST NOT be included more than once."
    if parameters.repeated:
        raise refusal("invalid_request", "repeated parameter")
    if len(parameters.get("state") or "") > policy.max_state_length:
        raise refusal("invalid_request", "state too long")
    # OIDC Core 6.1, 6.2 and 7.2.1: unsupported parameters have errors of their own.
    for name, code in UNSUPPORTED.items():
        if name in parameters:
            raise refusal(code)
    response_type = parameters.get("response_type")
    if response_type is None:
        raise refusal("invalid_request", "response_type missing")
    # Judged before Authlib, whose error text repeats the value and raises ValueError when it leaves ASCII.
    if response_type != "code" and canonical(response_type) not in server.response_types():
        raise refusal("unsupported_response_type")
