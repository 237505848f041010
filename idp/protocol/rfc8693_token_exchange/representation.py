"""RFC 8693 section 4.1 for parents and guardians: tokens for a dependant, the guardian as ``act`` (decision 0020).

Three steps: :mod:`idp.protocol.representing` proves client and guardian; the shell asks the registry; then the
ordinary decision runs with the registry's word (:attr:`Exchanged.authority`) among what was read. No token lives into
a birthday that ends the right, whatever else it was granted.
"""

from __future__ import annotations

from typing import Final

from idp.accounts.representation import USE
from idp.domain.account import Account, AccountStatus
from idp.domain.assurance import BY_ACR
from idp.domain.client import Client
from idp.domain.grant import Grant
from idp.domain.policy import Policy
from idp.domain.representation import Authority
from idp.domain.scopes import REPRESENTATION
from idp.protocol import oidc_pairwise, rfc8707_resource_indicators, rfc9396_rich_requests
from idp.protocol.errors import refusal
from idp.protocol.parameters import Parameters
from idp.protocol.rfc6749_framework import scopes
from idp.protocol.rfc6749_framework.request import PreloadedRequest
from idp.protocol.rfc8693_token_exchange import Exchanged
from idp.protocol.rfc8693_token_exchange.delegation import usual
from idp.protocol.rfc8693_token_exchange.presented import Party, unusable

LEVEL_2: Final = 2
KIND: Final = "representative"


def allowed(party: Party) -> None:
    """The guardian agreed to act here, in their own name, with two factors at level 2. Raises ProtocolError."""
    if REPRESENTATION not in party.scopes or REPRESENTATION not in party.grant.scopes:
        raise unusable("the guardian agreed to no representation")
    if party.grant.actor is not None:
        raise unusable("the actor's token is itself delegated")
    # Domain facts, e-ID accounts 6: "file for another person: l2-a2".
    level = BY_ACR.get(party.grant.acr or "")
    if level is None or level.authentication_level < LEVEL_2 or party.account.level < LEVEL_2:
        raise unusable("two factors at level 2 are needed")


def checked(guardian: Party, exchanged: Exchanged, client: Client, policy: Policy) -> Authority:
    """The registry's word about this very dependant. Raises ProtocolError invalid_request."""
    allowed(guardian)
    authority = exchanged.authority
    if authority is None or exchanged.dependant != subject_of(client, authority.key, policy):
        raise unusable("not parent or guardian of this person")
    if authority.account is not None and authority.account.status in {
        AccountStatus.LOCKED,
        AccountStatus.CLOSED,
    }:
        # Attack 28: what is locked is locked for everybody.
        raise unusable("the dependant's account is locked")
    return authority


def subject_of(client: Client, key: str, policy: Policy) -> str:
    """The dependant as this client knows them."""
    return oidc_pairwise.subject(client, key, policy)


def holder(guardian: Party, authority: Authority) -> Account:
    """Whose account the grant hangs on: the dependant's own while it is in use, otherwise the guardian's.

    Its number is the dependant's in either case, for that is what a token with ``pid`` says.
    """
    account = authority.account
    if account is not None and account.usable:
        return account
    return Account(
        account_id=guardian.account.account_id,
        level=guardian.account.level,
        status=guardian.account.status,
        personal_number=authority.number,
        epoch=guardian.account.epoch,
    )


def grant_of(guardian: Party, authority: Authority, request: PreloadedRequest, client: Client) -> Grant:
    """The grant of one act for a dependant: one resource, minutes, never into the birthday. Raises ProtocolError."""
    facts, policy, parameters = request.facts, request.policy, request.parameters
    ends = [facts.now + policy.jwt_access_lifetime, guardian.expires_at, guardian.grant.expires_at]
    if authority.ends_at is not None:
        ends.append(authority.ends_at)
    if min(ends) <= facts.now:
        raise unusable("the right has ended")
    granted = wanted(parameters, guardian, authority, client)
    act: dict[str, object] = {"sub": guardian.grant.subject, "kind": KIND, "basis": authority.basis}
    if "pid" in granted and guardian.account.personal_number:
        act["pid"] = guardian.account.personal_number
    return Grant(
        grant_id=facts.fresh.grant_id,
        client_id=client.client_id,
        account_id=holder(guardian, authority).account_id,
        subject=subject_of(client, authority.key, policy),
        scopes=granted,
        created_at=facts.now,
        expires_at=min(ends),
        resources=(target(parameters, guardian, client, policy),),
        acr=guardian.grant.acr,
        amr=guardian.grant.amr,
        auth_time=guardian.grant.auth_time,
        authorization_details=rfc9396_rich_requests.asked(parameters, client, policy),
        actor=act,
        parents=(guardian.parent, *guardian.grant.parents),
    )


def wanted(parameters: Parameters, guardian: Party, authority: Authority, client: Client) -> tuple[str, ...]:
    """The scopes: what the guardian's own token has and the law lets them do. Raises ProtocolError invalid_scope."""
    own = [each for each in scopes.allowed(client, guardian.scopes) if each in USE & authority.scopes]
    asked = scopes.tokens(parameters.get("scope")) or tuple(own)
    if not asked or not set(own).issuperset(asked):
        raise refusal("invalid_scope")
    return asked


def target(parameters: Parameters, guardian: Party, client: Client, policy: Policy) -> str:
    """The one resource, never the provider itself. Raises ProtocolError invalid_target."""
    named = dict.fromkeys((*parameters.lists.get("resource", ()), *parameters.lists.get("audience", ())))
    found = tuple(named) or usual(guardian, client, policy)
    return rfc8707_resource_indicators.registered(rfc8707_resource_indicators.only(found), client)
