"""OAuth 2.0 Device Authorization Grant.

https://www.rfc-editor.org/rfc/rfc8628
Implemented: 3.1 and 3.2 (device authorization), 3.3 and 3.3.1 (the person: user_codes.py, decoupled_answers.py),
3.4 and 3.5 (polling: decoupled_grant.py), 4 (metadata), 5.1 and 5.4 (guessing and phishing), 6.1 (user codes).
Left out: 3.3.1's silent use of verification_uri_complete: the person always compares the code.
Builds on Authlib's client authentication; its DeviceAuthorizationEndpoint draws random values and knows no client in
the answer's place, so only its shape is followed.
"""

from __future__ import annotations

from dataclasses import field, replace
from typing import Final

from authlib.oauth2 import OAuth2Error

from idp.domain import paths
from idp.domain.authorization import AuthorizationRequest
from idp.domain.client import Client
from idp.domain.decision import Decision
from idp.domain.decoupled import DecoupledRequest, Flow, shown_user_code, user_code
from idp.domain.errors import ProtocolError
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.outcomes import DeviceCodes
from idp.domain.policy import Policy
from idp.domain.scopes import OPENID
from idp.domain.values import frozen
from idp.domain.writes import CountAttempt, OpenDecoupled
from idp.protocol import client_requests, rfc8707_resource_indicators, rfc9396_rich_requests, server
from idp.protocol.client_requests import ClientRequest
from idp.protocol.decoupled_grant import DEVICE_CODE
from idp.protocol.errors import refusal, translated
from idp.protocol.offer import Offer
from idp.protocol.oidc_core.reading import words
from idp.protocol.rfc6749_framework import scopes
from idp.protocol.rfc6749_framework.authentication import EVERY
from idp.protocol.rfc6749_framework.issuing import digest
from idp.protocol.rfc6749_framework.request import PreloadedRequest
from idp.protocol.rfc9101_request_objects import opening

LIFETIME: Final = 600
INTERVAL: Final = 5
MOST_BEGUN: Final = 60
"""Requests that one client may begin from one address within a minute: each fills the store for ten."""
MAX_AGENT: Final = 80
LONGEST_SCOPE: Final = 1_024
SHORTEST_MAX_AGE: Final = 60
"""Seconds within which a person who just signed in can answer, whatever ``default_max_age`` says."""


@frozen
class DeviceRequest(ClientRequest):
    """A device asks to be connected; ``agent`` is what it calls itself (User-Agent), for its person to recognise."""

    agent: str = field(default="", repr=False)

    @property
    def begun(self) -> CountAttempt:
        """One more request of this client from this address."""
        return CountAttempt(f"device:{self.bucket}", 60, MOST_BEGUN)

    @property
    def needs(self) -> Needs:
        """The client and the throttles."""
        needs = client_requests.needs(self, None, account=False)
        return replace(needs, throttles=(*needs.throttles, self.begun.bucket))


def decide(request: DeviceRequest, facts: Facts, policy: Policy) -> Decision[DeviceCodes | ProtocolError]:
    """Codes for a device and its person, or a refusal."""
    preloaded = PreloadedRequest(request.parameters, facts, policy, request.presented)
    writes = preloaded.effects.writes
    try:
        server.check(server.DEVICE_AUTHORIZATION, request, facts, policy)
        if facts.throttles.get(request.begun.bucket, 0) >= MOST_BEGUN:
            raise client_requests.too_many()
        # 3.1: "The client authentication requirements of Section 3.2.1 of [RFC6749] apply to requests on this
        # endpoint, which means that confidential clients ... MUST authenticate in the same manner as when making
        # requests to the token endpoint, and public clients MUST provide the "client_id" parameter".
        view = server.PROVIDER.bound(preloaded).authenticate_client(preloaded, EVERY, "device_authorization")
        asked = read(request, view.client, policy)
    except OAuth2Error as refused:
        error = client_requests.challenged(translated(refused))
        return Decision(error, (*writes, *client_requests.failed_guess(request, error)))
    except ProtocolError as refused:
        return Decision(client_requests.challenged(refused), tuple(writes))
    secret = f"{facts.fresh.grant_id}.{facts.fresh.code}"
    code = user_code(facts.fresh.user_code)
    opened = DecoupledRequest(
        request_id=facts.fresh.grant_id,
        secret_hash=digest(secret),
        flow=Flow.DEVICE,
        request=asked,
        created_at=facts.now,
        expires_at=facts.now + LIFETIME,
        user_code=code,
        address=request.address,
        agent=printable(request.agent),
    )
    shown, address = shown_user_code(code), policy.issuer + paths.DEVICE
    # 3.2: device_code, user_code, verification_uri and expires_in are REQUIRED.
    codes = DeviceCodes(secret, shown, address, f"{address}?user_code={shown}", LIFETIME, INTERVAL)
    return Decision(codes, (*writes, request.begun, OpenDecoupled(opened, INTERVAL)))


def read(request: DeviceRequest, client: Client, policy: Policy) -> AuthorizationRequest:
    """What is asked for. Raises ProtocolError."""
    if DEVICE_CODE not in client.grant_types:
        raise refusal("unauthorized_client")
    # RFC 9101 10.5 and FAPI 2.0 Message Signing 5.3: whoever must sign has no way in unsigned.
    if opening.must_sign(client):
        raise refusal("unauthorized_client", "requests must be signed")
    parameters = request.parameters
    text = parameters.get("scope") or OPENID
    granted = scopes.allowed(client, scopes.tokens(text)) if len(text) <= LONGEST_SCOPE else ()
    if not granted:
        raise refusal("invalid_scope")
    max_age = client.default_max_age
    return AuthorizationRequest(
        client_id=client.client_id,
        redirect_uri="",
        scopes=granted,
        resources=rfc8707_resource_indicators.asked(parameters, client, policy),
        authorization_details=rfc9396_rich_requests.asked(parameters, client, policy),
        max_age=None if max_age is None else max(max_age, SHORTEST_MAX_AGE),
        acr_values=words(parameters.get("acr_values")) or client.default_acr_values,
    )


def printable(agent: str) -> str:
    """What may be shown of a name that a stranger chose: plain ASCII, short."""
    return "".join(
        letter for letter in agent[:MAX_AGENT] if letter.isascii() and letter.isprintable()
    ).strip()


def metadata(offer: Offer) -> dict[str, object]:
    """Section 4."""
    return {"device_authorization_endpoint": offer.at(paths.DEVICE_AUTHORIZATION)}
