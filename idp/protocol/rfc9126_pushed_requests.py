"""OAuth 2.0 Pushed Authorization Requests.

https://www.rfc-editor.org/rfc/rfc9126
Implemented: 2.1 (request), 2.2 (answer), 2.3 (errors), 4 (use at the authorization endpoint, once), 5 (metadata),
6 (per-client requirement), 7.3 (single use).
Left out: 2.4 (redirect URIs that are not registered stay refused, also when a confidential client brings them).
Builds on Authlib's client authentication and its authorization grant; Authlib has no endpoint of this kind.

A pushed request is judged whole when it is pushed, by the rules of :mod:`idp.protocol.authorization_requests`. It is
spent when its code or error is delivered, not when a browser first visits: a person may reload the page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from authlib.oauth2 import OAuth2Error

from idp.domain import paths
from idp.domain.authorization import AuthorizationRequest, PushedRequest
from idp.domain.client import Client
from idp.domain.decision import Decision
from idp.domain.errors import PageProblem, ProtocolError
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.outcomes import Pushed, PushOutcome
from idp.domain.policy import Policy
from idp.domain.values import frozen
from idp.domain.writes import SavePushed, SpendPushed, Write
from idp.protocol import (
    authorization_requests,
    client_requests,
    front_channel,
    oidc_response_modes,
    rfc9449_dpop,
    sender_constraint,
    server,
)
from idp.protocol.client_requests import ClientRequest
from idp.protocol.errors import refusal, translated
from idp.protocol.offer import Offer
from idp.protocol.parameters import Parameters
from idp.protocol.rfc6749_framework.authorization_code import AuthorizationCodeGrant
from idp.protocol.rfc6749_framework.request import PreloadedRequest
from idp.protocol.rfc9101_request_objects import opening, reading
from idp.protocol.rfc9101_request_objects.reading import Brought

URN: Final = "urn:ietf:params:oauth:request_uri:"
PUSHED_ID: Final = re.compile(rf"\A{URN}([A-Za-z0-9_-]{{43}})\Z")
METHODS: Final = AuthorizationCodeGrant.TOKEN_ENDPOINT_AUTH_METHODS


def metadata(offer: Offer) -> dict[str, object]:
    """Section 5; a client's own ``require_pushed_authorization_requests`` is enforced all the same."""
    return {
        "pushed_authorization_request_endpoint": offer.at(paths.PAR),
        "require_pushed_authorization_requests": False,
    }


# ---------------------------------------------------------------- pushing


@frozen
class PushRequest(ClientRequest):
    """A request to the endpoint as it was read; ``hint`` as in :func:`authorization_requests.judged`.

    ``brought`` is the request object of a ``request`` parameter (RFC 9126 section 3).
    """

    hint: Mapping[str, object] | None = None
    brought: Brought | None = None

    @property
    def needs(self) -> Needs:
        """The client and its keys, the assertion's jti, the throttle."""
        needed, brought = client_requests.needs(self, None, account=False), self.brought
        if brought is None or not brought.text:
            return needed
        return replace(needed, client_keys_for=(*(needed.client_keys_for or ()), brought.text))


def decide(request: PushRequest, facts: Facts, policy: Policy) -> Decision[PushOutcome]:
    """A name for the request, or what is wrong with it."""
    preloaded = PreloadedRequest(request.parameters, facts, policy, request.presented)
    writes = preloaded.effects.writes
    try:
        server.check(server.PUSHED, request, facts, policy)
        # 2.1 (1): "Authenticate the client in the same way as at the token endpoint".
        client = server.PROVIDER.bound(preloaded).authenticate_client(preloaded, METHODS, "par").client
        proof = sender_constraint.proven(request.presented.shown, facts, policy, writes).dpop
        asked = judged(request, client, facts, policy)
        # RFC 9449 10.1: a DPoP header here binds the code as dpop_jkt does.
        asked = replace(asked, dpop_jkt=rfc9449_dpop.key_of_code(asked.dpop_jkt, proof))
    except OAuth2Error as refused:
        error = translated(refused)
    except ProtocolError as refused:
        error = refused
    except PageProblem as problem:
        # Nobody looks at a page here: what ends in one at the front channel is a 400 in JSON (2.3).
        error = refusal("invalid_request", problem.code)
    else:
        pushed_id, lifetime = facts.fresh.pushed_id, policy.pushed_request_lifetime
        kept = PushedRequest(replace(asked, pushed_id=pushed_id), facts.now)
        save = SavePushed(pushed_id, kept, facts.now + lifetime)
        return Decision(Pushed(URN + pushed_id, lifetime), (*writes, save))
    error = client_requests.challenged(error)
    return Decision(error, (*writes, *client_requests.failed_guess(request, error)))


def judged(request: PushRequest, client: Client, facts: Facts, policy: Policy) -> AuthorizationRequest:
    """The request as a value. Raises ProtocolError, PageProblem or Authlib's OAuth2Error."""
    parameters = request.parameters
    # 2.1: client_id names the client here as there; who authenticated without it means itself.
    if "client_id" not in parameters:
        parameters = replace(parameters, first={**parameters.first, "client_id": client.client_id})
    # 2.1 (2): "Reject the request if the request_uri authorization request parameter is provided."
    if "request_uri" in parameters:
        raise refusal("invalid_request", "request_uri pushed")
    # 3: "the authorization request parameters are all found within the request object"; what stands beside is for
    # authentication only.
    brought = request.brought or reading.brought_by(parameters)
    if brought is not None:
        parameters = opening.opened(parameters, brought, client, facts, policy, pushed=True)
    # 2.1 (3): "Validate the pushed request as it would an authorization request sent to the authorization endpoint".
    uri = front_channel.proven_redirect(parameters, client)
    mode = oidc_response_modes.chosen(parameters, uri)
    asked, _ = authorization_requests.judged(
        PreloadedRequest(parameters, facts, policy), client, mode, request.hint, signed=brought is not None
    )
    return asked


# ---------------------------------------------------------------- at the authorization endpoint


def is_pushed(parameters: Parameters) -> bool:
    """Whether the request names a pushed one, good or bad."""
    return (parameters.get("request_uri") or "").startswith(URN)


def pushed_id(parameters: Parameters) -> str | None:
    """The pushed request that is named, if we can have issued the name."""
    uri = parameters.get("request_uri")
    named = PUSHED_ID.match(uri) if uri is not None else None
    return named.group(1) if named is not None else None


def required(client: Client) -> bool:
    """Whether only pushed requests of this client count."""
    # 4: "Authorization server policy MAY dictate, either globally or on a per-client basis, that PAR be the only
    # means for a client to pass authorization request data"; FAPI 2.0 Security Profile 5.3.2.2 makes it so.
    return client.require_pushed_authorization_requests or client.fapi2_profile is not None


def redeemed(parameters: Parameters, client: Client, facts: Facts, policy: Policy) -> AuthorizationRequest:
    """The request as it was pushed; whatever else the browser brings counts for nothing. Raises PageProblem."""
    pushed = facts.pushed
    # RFC 9101 5 and Core 6.1: never request and request_uri together.
    if "request_uri" in parameters.repeated or "request" in parameters:
        raise PageProblem("request_malformed")
    # 4: "Authorization servers SHOULD treat request_uri values as one-time use but MAY allow for duplicate requests
    # due to a user reloading/refreshing their user agent." 2.2: it is bound to the client that posted the request.
    if pushed is None or pushed.request.client_id != client.client_id:
        cause = "spent" if facts.pushed_spent else "unknown, expired or another client's"
        raise PageProblem("request_uri_invalid", cause=cause)
    # 4: "An expired request_uri MUST be rejected as invalid."
    if pushed.created_at + policy.pushed_request_lifetime <= facts.now:
        raise PageProblem("request_uri_invalid", cause="expired")
    return pushed.request


def spending(request: AuthorizationRequest, begun_at: int, facts: Facts, policy: Policy) -> tuple[Write, ...]:
    """What goes with every answer to the client: one pushed request has one answer."""
    if request.pushed_id is None:
        return ()
    # Every interaction that began with it is over by then.
    until = facts.now + policy.interaction_lifetime
    signed_at = reading.begins(request.pushed_id)
    if signed_at is None:
        return (SpendPushed(request.pushed_id, until + policy.pushed_request_lifetime, begun_at),)
    return (SpendPushed(request.pushed_id, until + opening.LONGEST, signed_at),)
