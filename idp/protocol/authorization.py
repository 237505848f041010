"""What ``/authorize`` and ``/continue`` decide: one rule, run again after every step of the person."""

from __future__ import annotations

import hmac
from dataclasses import replace

from authlib.oauth2 import OAuth2Error

from idp.domain import paths
from idp.domain.authorization import AuthorizationRequest
from idp.domain.client import Client
from idp.domain.decision import Decision
from idp.domain.errors import PageProblem, ProtocolError
from idp.domain.facts import Facts
from idp.domain.outcomes import AuthorizationOutcome, Interact, RedirectBack
from idp.domain.policy import Policy
from idp.domain.session import Interaction, Step
from idp.domain.writes import FinishInteraction, SaveInteraction, Write
from idp.protocol import (
    authorization_requests,
    front_channel,
    oidc_jarm,
    oidc_response_modes,
    oidc_session_management,
    rfc9126_pushed_requests,
    server,
)
from idp.protocol.authorization_answers import answered, failed
from idp.protocol.authorization_query import AuthorizationQuery, digest
from idp.protocol.errors import refusal
from idp.protocol.oidc_core import judging
from idp.protocol.oidc_core.judging import Impossible, Missing, Ready
from idp.protocol.parameters import Parameters
from idp.protocol.rfc6749_framework import redirect_uris
from idp.protocol.rfc6749_framework.authorization_code import AuthorizationCodeGrant, Granted
from idp.protocol.rfc6749_framework.request import PreloadedRequest
from idp.protocol.rfc9101_request_objects import opening

PAGES = {
    Step.PASSWORD: paths.SIGN_IN,
    Step.SECOND_FACTOR: paths.SECOND_FACTOR,
    Step.CONSENT: paths.CONSENT,
}
__all__ = ["AuthorizationQuery", "decide", "digest"]


def decide(query: AuthorizationQuery, facts: Facts, policy: Policy) -> Decision[AuthorizationOutcome]:
    """A redirect back to the client, a step for the person, or a page that explains why neither is possible."""
    try:
        resumes = query.interaction_id is not None
        decision = resumed(query, facts, policy) if resumes else visited(query, facts, policy)
        # JARM 2.3: every answer of a signed mode, whichever rule gave it.
        if type(decision.outcome) is RedirectBack and decision.outcome.mode.endswith(".jwt") and facts.client:
            outcome = oidc_jarm.wrapped(decision.outcome, facts.client, facts.client_keys, facts.now, policy)
            decision = Decision(outcome, decision.writes, decision.audit)
    except PageProblem as problem:
        return Decision(problem)
    return decision


def visited(query: AuthorizationQuery, facts: Facts, policy: Policy) -> Decision[AuthorizationOutcome]:
    """A first visit. Raises PageProblem while the way back is not proven."""
    parameters = query.parameters
    front_channel.readable(parameters)
    client = front_channel.known_client(parameters, facts)
    signed, refused = None, None
    if query.refers:
        if rfc9126_pushed_requests.is_pushed(parameters):
            return redeemed(query, client, facts, policy)
        signed = query.signed
    if signed is not None:
        try:
            parameters = opening.opened(parameters, signed, client, facts, policy, pushed=False)
        except ProtocolError as error:
            opening.show_if_unanswerable(parameters, client, error)
            refused = error
    uri = front_channel.proven_redirect(parameters, client)
    mode, state = oidc_response_modes.default(parameters), parameters.get("state")
    if "state" in parameters.repeated or len(state or "") > policy.max_state_length:
        state = None
    preloaded = PreloadedRequest(parameters, facts, policy)
    try:
        mode = oidc_response_modes.chosen(parameters, uri)
        # RFC 9126 6: what must be pushed does not count when it comes by itself.
        if rfc9126_pushed_requests.required(client):
            raise refusal("invalid_request", "the request was not pushed")
        if refused is not None:
            raise refused
        request, grant = authorization_requests.judged(
            preloaded, client, mode, query.hint, signed=signed is not None
        )
        if signed is not None:
            request = once(query, request, client, facts)
    except (OAuth2Error, ProtocolError) as error:
        return Decision(failed(uri, mode, state, error, policy))
    return judged(query, request, client, facts, policy, None, grant)


def once(
    query: AuthorizationQuery, request: AuthorizationRequest, client: Client, facts: Facts
) -> AuthorizationRequest:
    """The request with what its completion spends. Raises ProtocolError for one that was completed before."""
    # RFC 7519 4.1.7: "The "jti" claim can be used to prevent the JWT from being replayed." It can be remembered that
    # long only where the life of an object is bounded.
    if not opening.is_strict(client):
        return request
    if facts.pushed_spent:
        raise refusal("invalid_request_object", "completed before")
    return replace(request, pushed_id=query.single_use)


def redeemed(
    query: AuthorizationQuery, client: Client, facts: Facts, policy: Policy
) -> Decision[AuthorizationOutcome]:
    """A first visit with a pushed request, which was judged when it came. Raises PageProblem."""
    request = rfc9126_pushed_requests.redeemed(query.parameters, client, facts, policy)
    if not redirect_uris.is_registered(client, request.redirect_uri):
        raise PageProblem("redirect_uri_unregistered")
    return judged(query, request, client, facts, policy, None)


def resumed(query: AuthorizationQuery, facts: Facts, policy: Policy) -> Decision[AuthorizationOutcome]:
    """A return from the pages. Raises PageProblem when the interaction or its client is gone."""
    interaction, browser = facts.interaction, digest(query.interaction_cookie)
    # Hydra #753 and Keycloak CVE-2025-12390: an interaction belongs to the browser that began it.
    if interaction is None or browser is None or not hmac.compare_digest(interaction.browser_hash, browser):
        raise PageProblem("interaction_gone", status=410)
    request, client = interaction.request, facts.client
    if request is None or interaction.expires_at <= facts.now:
        raise PageProblem("interaction_gone", status=410)
    # The client's registration may have changed while the person was typing.
    if client is None or client.disabled or client.client_id != request.client_id:
        raise PageProblem("client_unknown")
    if not redirect_uris.is_registered(client, request.redirect_uri):
        raise PageProblem("redirect_uri_unregistered")
    # RFC 9126 7.3: another tab came first with the same pushed request.
    if facts.pushed_spent:
        over = FinishInteraction(interaction.interaction_id)
        return Decision(answered(request, "invalid_request_uri", policy), (over,))
    if interaction.refusal is not None and interaction.step == Step.CONTINUE:
        finish = finishing(request, interaction, facts, policy)
        return Decision(answered(request, interaction.refusal, policy), finish)
    return judged(query, request, client, facts, policy, interaction)


def finishing(
    request: AuthorizationRequest, interaction: Interaction | None, facts: Facts, policy: Policy
) -> tuple[Write, ...]:
    """What an answer to the client ends: the interaction, and the pushed request."""
    pushed_at = facts.pushed.created_at if facts.pushed is not None else facts.now
    if interaction is None:
        return rfc9126_pushed_requests.spending(request, pushed_at, facts, policy)
    spent = rfc9126_pushed_requests.spending(request, interaction.created_at, facts, policy)
    return (FinishInteraction(interaction.interaction_id), *spent)


def judged(
    query: AuthorizationQuery,
    request: AuthorizationRequest,
    client: Client,
    facts: Facts,
    policy: Policy,
    interaction: Interaction | None,
    validated: AuthorizationCodeGrant | None = None,
) -> Decision[AuthorizationOutcome]:
    """What follows from the verdict on the person; ``validated`` is Authlib's grant of a first visit."""
    finish = finishing(request, interaction, facts, policy)
    verdict = judging.judge(request, client, facts, policy, interaction)
    if isinstance(verdict, Impossible):
        return Decision(answered(request, verdict.error, policy), finish)
    if isinstance(verdict, Missing):
        # OIDC Core 3.1.2.1: none: "MUST NOT display any authentication or consent user interface pages".
        if "none" in request.prompt:
            return Decision(answered(request, verdict.error, policy), finish)
        return asked_of_person(query, request, verdict, facts, policy, interaction)
    return granted(request, client, verdict, facts, policy, finish, validated)


def granted(
    request: AuthorizationRequest,
    client: Client,
    ready: Ready,
    facts: Facts,
    policy: Policy,
    finish: tuple[Write, ...],
    grant: AuthorizationCodeGrant | None,
) -> Decision[AuthorizationOutcome]:
    """A code for the client, through Authlib's grant on the request as it was validated."""
    try:
        if grant is None:
            preloaded = PreloadedRequest(again(request), facts, policy)
            grant = server.PROVIDER.bound(preloaded).get_authorization_grant(preloaded)
            grant.validate_consent_request()
        made = Granted(request, ready.account, ready.session, ready.acr)
        code = grant.create_authorization_response(request.redirect_uri, made)
    except (OAuth2Error, ProtocolError) as error:
        # The client lost a right between the visit and the return.
        return Decision(
            failed(request.redirect_uri, request.response_mode, request.state, error, policy), finish
        )
    effects = grant.request.effects
    params: tuple[tuple[str, str], ...] = (("code", code),) if code else ()
    state: str | None = None
    if oidc_session_management.takes_part(request, client):
        state = oidc_session_management.browser_state(ready.session.session_id, policy)
        # The salt is public, and so is this one random value that a token may show as its jti.
        said = oidc_session_management.session_state(
            request.client_id, request.redirect_uri, state, facts.fresh.jti
        )
        params = (*params, ("session_state", said))
    back = oidc_response_modes.redirect(
        request.redirect_uri, request.response_mode, params, request.state, policy
    )
    outcome = RedirectBack(back.uri, back.mode, back.params, effects.front, browser_state=state)
    return Decision(outcome, (*finish, *effects.writes), tuple(effects.audit))


def asked_of_person(
    query: AuthorizationQuery,
    request: AuthorizationRequest,
    missing: Missing,
    facts: Facts,
    policy: Policy,
    interaction: Interaction | None,
) -> Decision[AuthorizationOutcome]:
    """An interaction that waits for the missing step."""
    known = facts.session is not None and missing.step is not Step.PASSWORD
    account_id = facts.session.account_id if known and facts.session else None
    if interaction is not None:
        # What was noted for the step that is left dies with it (Keycloak CVE-2026-18963): another person may follow.
        moved = replace(
            interaction,
            step=missing.step,
            account_id=account_id,
            events=(),
            required_level=missing.required_level,
            failures=0,
            otp_hash=None,
            otp_expires_at=0,
            challenge=None,
            withheld=False,
        )
        here = SaveInteraction(moved, expected_step=interaction.step)
        return Decision(Interact(interaction.interaction_id, PAGES[missing.step]), (here,))
    # Several tabs share the browser's secret, so that one does not end the other.
    held = digest(query.interaction_cookie)
    cookie = query.interaction_cookie if held is not None else facts.fresh.cookie
    begun = Interaction(
        interaction_id=facts.fresh.interaction_id,
        browser_hash=held or digest(facts.fresh.cookie) or b"",
        request=request,
        created_at=facts.now,
        expires_at=facts.now + policy.interaction_lifetime,
        step=missing.step,
        account_id=account_id,
        required_level=missing.required_level,
        locale=locale_of(request, query.locale),
    )
    return Decision(Interact(begun.interaction_id, PAGES[missing.step], cookie), (SaveInteraction(begun),))


def again(request: AuthorizationRequest) -> Parameters:
    """The OAuth parameters of a validated request, for Authlib to judge once more at the end."""
    pairs = [
        ("response_type", request.response_type),
        ("client_id", request.client_id),
        ("redirect_uri", request.redirect_uri),
        ("scope", " ".join(request.scopes)),
    ]
    if request.nonce is not None:
        pairs.append(("nonce", request.nonce))
    if request.code_challenge is not None:
        pairs += [("code_challenge", request.code_challenge), ("code_challenge_method", "S256")]
    # RFC 8707 2.1: with an access token in the answer, the resource is that token's, also after the pages.
    return Parameters(dict(pairs), lists={"resource": request.resources} if request.resources else {})


def locale_of(request: AuthorizationRequest, fallback: str) -> str:
    """The language of the pages: the first that the client asks for and we speak, or the browser's."""
    for tag in request.ui_locales:
        if tag.split("-")[0].lower() in {"vi", "en"}:
            return tag.split("-")[0].lower()
    return fallback
