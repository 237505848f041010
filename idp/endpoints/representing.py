"""Parents and guardians at the token endpoint, and ``/eid/v1/dependants``: whom somebody may act for here."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial

from idp.accounts import representation
from idp.accounts.holding import dependant_of
from idp.accounts.life import NotAllowed
from idp.domain.errors import ProtocolError
from idp.domain.needs import Needs
from idp.domain.representation import Authority
from idp.endpoints import answers, possession, signing
from idp.endpoints.answers import Answer
from idp.endpoints.exchange import Exchange
from idp.ports import KnownDependant, Person
from idp.protocol import representing
from idp.protocol.representing import Guardian, Representing
from idp.protocol.rfc8693_token_exchange import Exchanged, ShownToken, shown
from idp.protocol.rfc8693_token_exchange.representation import subject_of
from idp.protocol.token import TokenRequest
from idp.shell import Services


async def dependants(exchange: Exchange) -> Answer:
    """200 with ``dependants``: ``sub``, ``name``, ``basis``, ``scope`` and ``until`` of each; by the clock of now.

    The registry is asked when somebody acts, not when a list is shown.
    """
    parameters = await exchange.form()
    presented = possession.presented(exchange, parameters, dpop=True)
    verified = partial(signing.verified_access, ring=exchange.services.ring)
    actor = Exchanged(ShownToken(), shown(parameters.get("actor_token"), verified))
    request = Representing(parameters, presented, exchange.address, actor)
    guardian = await exchange.services.loop.run(request, request.needs, representing.listed)
    if isinstance(guardian, ProtocolError):
        return answers.refused(guardian)
    known = await exchange.services.own.dependants(guardian.account.account_id)
    found = await asyncio.gather(*(described(exchange.services, guardian, each) for each in known))
    return answers.json(200, {"dependants": [each for each in found if each is not None]})


async def described(
    services: Services, guardian: Guardian, known: KnownDependant
) -> dict[str, object] | None:
    """One of them as the client may know them; None from the 18th birthday on."""
    authority = await authority_over(services, known)
    if authority is None:
        return None
    until = datetime.fromtimestamp(authority.ends_at, UTC) if authority.ends_at is not None else None
    # With whom the guardian named them: what a token for them would say anyway, for forms that nothing else fills in.
    named = {"pid": known.person.number, "birthdate": known.person.born} if "pid" in guardian.scopes else {}
    return {
        "sub": subject_of(guardian.client, authority.key, services.policy),
        "name": known.person.name,
        **named,
        "basis": authority.basis,
        "scope": " ".join(sorted(authority.scopes)),
        "until": until.isoformat() if until is not None else None,
    }


async def asked(exchange: Exchange, request: TokenRequest) -> TokenRequest | ProtocolError:
    """The request of the token endpoint with the registry's word about this dependant, asked this very moment."""
    exchanged, services = request.exchanged, exchange.services
    if exchanged is None or exchanged.dependant is None:
        return request
    first = Representing(request.parameters, request.presented, request.address, exchanged)
    guardian = await services.loop.run(first, first.needs, representing.admit)
    if isinstance(guardian, ProtocolError):
        return guardian
    for known in await services.own.dependants(guardian.account.account_id):
        authority = await authority_over(services, known)
        if authority is None or exchanged.dependant != subject_of(
            guardian.client, authority.key, services.policy
        ):
            continue
        basis = await services.registry.represents(person_of(guardian), guardian.acr, known.person.number)
        if basis is None:
            break
        return replace(request, exchanged=replace(exchanged, authority=replace(authority, basis=basis)))
    return request


async def authority_over(services: Services, known: KnownDependant) -> Authority | None:
    """What the clock leaves of a relation that the registry once confirmed; None when it is over."""
    facts = await services.loop.loading.load(Needs(personal_number=known.person.number))
    who, today = known.person, representation.day_of(facts.now)
    born = date.fromisoformat(who.born)
    dependant = dependant_of(who.number, who.name, born, known.relation, today)
    try:
        scopes = representation.rights(dependant, today)
    except NotAllowed:
        return None
    account = facts.account
    key = account.account_id if account is not None else f"dependant:{who.number}"
    ends = representation.ends_at(dependant, today)
    basis = "guardian" if known.relation == "ward" else "parent"
    return Authority(who.number, key, account, basis, scopes, ends)


def person_of(guardian: Guardian) -> Person:
    """The guardian as the registry knows them."""
    account = guardian.account
    name, born = account.profile.get("name"), account.profile.get("birthdate")
    return Person(account.personal_number, str(name or ""), str(born or ""))
