"""RFC 8693 sections 1.1, 4.1 and 4.4: who acts for whom, and how far what they get may reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from idp.domain.client import Client
from idp.domain.policy import Policy
from idp.domain.scopes import DELEGATION, OFFLINE_ACCESS, OPENID
from idp.protocol import rfc8707_resource_indicators, rfc9396_rich_requests
from idp.protocol.errors import refusal
from idp.protocol.parameters import Parameters
from idp.protocol.rfc6749_framework import scopes
from idp.protocol.rfc8693_token_exchange.presented import Party, unusable

LONGEST_CHAIN: Final = 3
"""Actors in one token, the present one included."""
NEVER: Final = frozenset({OPENID, OFFLINE_ACCESS})
"""A delegated token signs nobody in and lives no longer than its parents."""


def chain(subject: Party, actor: Party, policy: Policy) -> Mapping[str, object]:
    """The ``act`` claim of the delegated token. Raises ProtocolError invalid_request."""
    # Decree 69/2024, Art. 19: consent of the person; the scope is asked for by name on the consent page.
    if DELEGATION not in subject.scopes:
        raise unusable("the person agreed to no delegation")
    # An actor acts in their own name: a token that somebody else acts with names two people already.
    if actor.grant.actor is not None:
        raise unusable("the actor's token is itself delegated")
    if actor.account.account_id == subject.account.account_id:
        raise unusable("nobody acts for themselves")
    acting = actor.grant.subject
    if subject.may_act is not None and not permitted(subject.may_act, acting, policy):
        raise unusable("may_act names somebody else")
    before = subject.grant.actor
    earlier = list(actors(before))
    if acting in earlier or len(earlier) >= LONGEST_CHAIN:
        raise unusable("chain too long or a circle")
    # 4.1: "A chain of delegation can be expressed by nesting one act claim within another. The outermost act claim
    # represents the current actor while nested act claims represent prior actors."
    return {"sub": acting} if before is None else {"sub": acting, "act": before}


def actors(act: object) -> Iterator[str]:
    """The subjects of a chain, the present actor first."""
    while isinstance(act, Mapping):
        yield str(act.get("sub"))
        act = act.get("act")


def permitted(may_act: object, acting: str, policy: Policy) -> bool:
    """4.4: may_act "identifies the party (or parties) that is asserted as being eligible to act for the subject"."""
    if not isinstance(may_act, Mapping):
        return False
    return may_act.get("sub") == acting and may_act.get("iss", policy.issuer) == policy.issuer


def scope(parameters: Parameters, subject: Party, client: Client) -> tuple[str, ...]:
    """The scopes of the delegated token: never beyond the subject token's. Raises ProtocolError invalid_scope."""
    limit = [each for each in scopes.allowed(client, subject.scopes) if each not in NEVER]
    limit = [each for each in limit if each in subject.grant.scopes]
    wanted = scopes.tokens(parameters.get("scope"))
    if not wanted:
        # Passing on is asked for by name, so that a chain is somebody's decision.
        wanted = tuple(each for each in limit if each != DELEGATION)
    if not wanted or not set(limit).issuperset(wanted):
        raise refusal("invalid_scope")
    return wanted


def target(parameters: Parameters, subject: Party, client: Client, policy: Policy) -> str:
    """The one resource of the delegated token. Raises ProtocolError invalid_target."""
    # 2.1: audience and resource "indicate that the issued token is intended to be used at the multiple targets": here
    # both name resources of the client, and a token has one of them (decision 0009).
    named = dict.fromkeys((*parameters.lists.get("resource", ()), *parameters.lists.get("audience", ())))
    found = tuple(named) or usual(subject, client, policy)
    chosen = rfc8707_resource_indicators.registered(rfc8707_resource_indicators.only(found), client)
    # A token for one resource is not turned into one for another.
    if subject.audience not in {None, chosen}:
        raise refusal("invalid_target", "another audience than the subject token's")
    if subject.audience is None and subject.grant.resources:
        granted = (*subject.grant.resources, *rfc9396_rich_requests.places(subject.details, policy))
        if chosen not in granted:
            raise refusal("invalid_target", "not granted")
    return chosen


def usual(subject: Party, client: Client, policy: Policy) -> tuple[str, ...]:
    """What a request that names no target means, if there is only one."""
    if subject.audience is not None:
        return (subject.audience,)
    granted = tuple(each for each in subject.grant.resources if each != policy.issuer)
    return rfc9396_rich_requests.places(subject.details, policy) or granted or tuple(client.resources)


def details(
    parameters: Parameters, subject: Party, client: Client, policy: Policy, audience: str
) -> rfc9396_rich_requests.Details:
    """The authorization details for this audience: never beyond the subject token's, and never dropped."""
    wanted = rfc9396_rich_requests.asked(parameters, client, policy) or subject.details
    if not rfc9396_rich_requests.within(wanted, subject.details, policy):
        raise refusal(rfc9396_rich_requests.INVALID, "beyond the subject token")
    kept = rfc9396_rich_requests.meant_for(wanted, audience, policy)
    if subject.details and not kept:
        raise refusal("invalid_target", "no detail is for this resource")
    return kept
