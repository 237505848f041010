"""CIBA Core 1.0 on a phone: the e-ID app shows what waits for its person, and signs the answer.

https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html
Implemented: 8 (the person is authenticated on their own device, where the binding message is shown). The rules of the
page decide (:mod:`idp.protocol.decoupled_answers`); what the phone proves is a key and a PIN, just now, so an answer
is worth two factors whatever sessions there are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

import orjson

from idp.accounts.device_acts import DeviceRefused, SignedAct, proven, spend
from idp.accounts.pin_checks import right_pin
from idp.domain.account import Account
from idp.domain.client import Client
from idp.domain.decision import Decision
from idp.domain.decoupled import Flow, LoadedDecoupled
from idp.domain.device_key import METHODS, DeviceKey
from idp.domain.errors import PageProblem
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.policy import Policy
from idp.domain.scopes import consent_items
from idp.domain.session import AuthenticationEvent, Session
from idp.domain.values import frozen
from idp.protocol import decoupled_answers
from idp.protocol.decoupled_answers import Answered, ProveAgain

BY_REQUEST: Final = "request"
WORDS: Final = ("purpose", "procedure", "dossier")
LONGEST_WORDS: Final = 160
MOST_SHOWN: Final = 3


def waiting_needs(act: SignedAct) -> Needs:
    """The device, its account, and what waits for it."""
    return Needs(device_id=act.device_id, replay=(act.replay,), waiting=True)


def waiting(act: SignedAct, facts: Facts, policy: Policy) -> Decision[tuple[LoadedDecoupled, ...]]:
    """What waits for the phone's person. Raises DeviceRefused."""
    proven(act, facts, policy)
    return Decision(facts.waiting, (spend(act, facts),))


def context(loaded: LoadedDecoupled, client: Client, policy: Policy) -> dict[str, object]:
    """What the phone shows, and what it signs: service, message, what is asked for, from when until when."""
    asked = loaded.request
    return {
        "kind": BY_REQUEST,
        "request": asked.request_id,
        "origin": policy.issuer,
        "client": client.client_id,
        "service_vi": client.name_vi,
        "service_en": client.name_en,
        "party": client.party_kind.value,
        "home": client.home_uri or "",
        "message": asked.binding_message or "",
        "items": sorted(consent_items(asked.request)),
        "details": hashlib.sha256(orjson.dumps(asked.request.authorization_details)).hexdigest()
        if asked.request.authorization_details
        else "",
        "asked": in_words(asked.request.authorization_details),
        "helper": f"{asked.assistance.name}, {asked.assistance.organisation}" if asked.assistance else "",
        "since": asked.created_at,
        "until": asked.expires_at,
    }


def in_words(details: Sequence[Mapping[str, object]]) -> list[str]:
    """What the details ask for, in the client's words, bounded; ``details`` binds the whole of them."""
    shown = [
        " · ".join(str(each[name])[:LONGEST_WORDS] for name in WORDS if each.get(name))
        for each in details[:MOST_SHOWN]
    ]
    return [*shown, *([f"+ {len(details) - MOST_SHOWN}"] if len(details) > MOST_SHOWN else [])]


def answer_needs(act: SignedAct) -> Needs:
    """The device, the request and its client; for a report also what else waits."""
    return Needs(
        device_id=act.device_id,
        replay=(act.replay,),
        decoupled_id=act.text_of("request", 32),
        client_of_decoupled=True,
        credentials=True,
        waiting=act.act == "not_me",
    )


@frozen
class Approving:
    """A yes whose PIN was right; ``against`` is the hash that it was checked with."""

    act: SignedAct
    against: str

    @property
    def needs(self) -> Needs:
        """As for every answer."""
        return answer_needs(self.act)


def approve(asked: Approving, facts: Facts, policy: Policy) -> Decision[str | DeviceRefused]:
    """A yes by two factors of this moment; refused, the request waits on, but the right PIN counts as right."""
    device, account, used = right_pin(asked.act, asked.against, facts, policy)
    try:
        decision = _approved(asked.act, device, account, facts, policy)
    except DeviceRefused as refused:
        return Decision(refused, (used,))
    return Decision("approved", (*decision.writes, used), decision.audit)


def _approved(
    act: SignedAct, device: DeviceKey, account: Account, facts: Facts, policy: Policy
) -> Decision[Answered | ProveAgain]:
    loaded, client = _answerable(account, facts)
    if not act.is_about(context(loaded, client, policy)):
        raise DeviceRefused("other_context", 409)
    events = tuple(AuthenticationEvent(method, facts.now) for method in METHODS)
    session = Session(device.device_id, account.account_id, events, facts.now, facts.now)
    try:
        lacking = decoupled_answers.missing(loaded, session, account, facts)
    except PageProblem:
        raise DeviceRefused("stronger_needed", 403) from None
    if lacking is not None:
        raise DeviceRefused("stronger_needed", 403)
    return decoupled_answers.approved(loaded, client, session, account, facts)


def deny(act: SignedAct, facts: Facts, policy: Policy) -> Decision[str]:
    """A no, or the report of a fraud: then this client is silent for a day. Raises DeviceRefused."""
    _, account = proven(act, facts, policy)
    loaded, client = _answerable(account, facts)
    if act.act == "not_me":
        decision = decoupled_answers.reported(loaded.request, client, account, facts)
    else:
        decision = decoupled_answers.denied(loaded.request, client, account)
    return Decision("denied", (spend(act, facts), *decision.writes), decision.audit)


def _answerable(account: Account, facts: Facts) -> tuple[LoadedDecoupled, Client]:
    loaded, client = facts.decoupled, facts.client
    if (
        loaded is None
        or client is None
        or loaded.request.flow is not Flow.CIBA
        or not decoupled_answers.answerable(loaded, client, account, facts)
    ):
        raise DeviceRefused("request_gone", 410)
    return loaded, client
