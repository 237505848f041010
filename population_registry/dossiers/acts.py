"""The acts on a dossier: pure functions from a dossier to the dossier after it, or `DossierRefused`.

Every act adds at least one line of history. After each, `_proceed` takes the steps that nobody decides: into
processing once all mandatory consents are given and the fee is settled (residence.md section 11), into state 6 while
it is due. No path leads into state 4 but this one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from population_registry.dossiers.consents import Channel, ConsentNeed, ConsentState, ask, complete
from population_registry.dossiers.dossier import Dossier, Event, Form
from population_registry.dossiers.fees import Fee, FeeState
from population_registry.dossiers.refusing import DossierRefusal, DossierRefused
from population_registry.dossiers.states import ENDED, MOVES, DossierState, may_move
from population_registry.dossiers.terms import Term

S = DossierState
SYSTEM = "system"
CITIZEN = "citizen"
CONSENTS_OPEN = frozenset({S.SUBMITTED, S.RECEIVED, S.SUPPLEMENT_WANTED, S.FEE_DUE})


@dataclass(frozen=True, slots=True)
class Moment:
    """When an act happened, when it is entered, and by whom (an officer, `citizen`, `portal`, `system`)."""

    occurred_at: datetime
    entered_at: datetime
    by: str


def add(
    dossier: Dossier,
    act: str,
    moment: Moment,
    state: DossierState | None = None,
    *,
    form: Form | None = None,
    detail: Mapping[str, Any] | None = None,
    **changed: Any,
) -> Dossier:
    """The dossier with one more line of history, in `state` or where it was.

    Raises:
        DossierRefused: `dossier-state`, the catalogue knows no such move; `dossier-moment`, the act lies before the
            last one or in the future.
    """
    wanted = dossier.state if state is None else state
    if wanted is not dossier.state and not may_move(dossier.state, wanted):
        raise DossierRefused(DossierRefusal.STATE, state=dossier.state.value)
    earliest = dossier.history[-1].occurred_at if dossier.history else dossier.filed_at
    if not earliest <= moment.occurred_at <= moment.entered_at:
        raise DossierRefused(DossierRefusal.MOMENT, earliest=earliest.isoformat())
    event = Event(
        number=len(dossier.history) + 1,
        act=act,
        state=wanted,
        occurred_at=moment.occurred_at,
        entered_at=moment.entered_at,
        by=moment.by,
        form=form,
        detail=detail or {},
    )
    return replace(dossier, state=wanted, history=(*dossier.history, event), **changed)


def _require(dossier: Dossier, *states: DossierState) -> None:
    if dossier.state not in states:
        raise DossierRefused(DossierRefusal.STATE, state=dossier.state.value)


def _answered(dossier: Dossier) -> bool:
    """Whether the last request to supplement was answered."""
    last = [e.act for e in dossier.history if e.act in {"ask_supplement", "answer_supplement"}]
    return bool(last) and last[-1] == "answer_supplement"


def _proceed(dossier: Dossier, moment: Moment) -> Dossier:
    """Take every step that is due by itself."""
    system = replace(moment, by=SYSTEM)
    consented = complete([consent.at(moment.entered_at) for consent in dossier.consents])
    if dossier.state is S.RECEIVED and consented:
        if dossier.fee.settled:
            return add(dossier, "process", system, S.PROCESSING)
        return add(dossier, "ask_fee", system, S.FEE_DUE)
    if dossier.state is S.FEE_DUE and dossier.fee.settled and consented:
        return add(dossier, "process", system, S.PROCESSING)
    if dossier.state is S.SUPPLEMENT_WANTED and _answered(dossier) and consented:
        dossier = add(dossier, "process", system, S.PROCESSING)
        if not dossier.fee.settled:
            return add(dossier, "ask_fee", system, S.FEE_DUE)
    return dossier


def file(dossier: Dossier, needs: list[ConsentNeed], moment: Moment, detail: Mapping[str, Any]) -> Dossier:
    """State 1: the clock does not run yet; the consents are asked at once (seven days)."""
    started = replace(
        dossier, fee=dossier.fee.opened(), consents=ask(needs, (), moment.entered_at), history=()
    )
    return add(started, "file", moment, S.SUBMITTED, detail=detail)


def receive(dossier: Dossier, moment: Moment) -> Dossier:
    """1 → 2 with the receipt CT04; the term runs from the act of receipt, not from submission."""
    _require(dossier, S.SUBMITTED)
    return _proceed(add(dossier, "receive", moment, S.RECEIVED, form=Form.RECEIPT), moment)


def refuse_intake(dossier: Dossier, moment: Moment, reason: str) -> Dossier:
    """1 → 3 with CT06 and the reason; what was paid is to be given back."""
    _require(dossier, S.SUBMITTED)
    return add(
        dossier,
        "refuse_intake",
        moment,
        S.NOT_RECEIVED,
        form=Form.REFUSAL,
        detail={"reason": reason},
        fee=given_back(dossier.fee),
    )


def ask_supplement(dossier: Dossier, moment: Moment, reason: str) -> Dossier:
    """2, 4 → 5 with CT05; the clock pauses. Two requests make a dossier late, so ask for everything at once."""
    _require(dossier, S.RECEIVED, S.PROCESSING)
    return add(
        dossier,
        "ask_supplement",
        moment,
        S.SUPPLEMENT_WANTED,
        form=Form.SUPPLEMENT,
        detail={"reason": reason},
    )


def answer_supplement(
    dossier: Dossier,
    moment: Moment,
    *,
    inputs: Mapping[str, Any],
    needs: list[ConsentNeed],
    fee: Fee,
    term: Term,
    subject_ids: tuple[int, ...],
    commune_code: str | None,
    note: str | None,
) -> Dossier:
    """5 → 4 with new inputs, once everybody whom these concern has agreed; a fee once paid stays paid."""
    _require(dossier, S.SUPPLEMENT_WANTED)
    kept = dossier.fee if dossier.fee.state is FeeState.PAID else fee.opened()
    detail = {"inputs_before": dict(dossier.inputs)} | ({} if note is None else {"note": note})
    answered = add(
        dossier,
        "answer_supplement",
        moment,
        detail=detail,
        inputs=inputs,
        consents=ask(needs, dossier.consents, moment.entered_at),
        fee=kept,
        term=term,
        subject_ids=subject_ids,
        commune_code=commune_code,
    )
    return _proceed(answered, moment)


def answer_consent(
    dossier: Dossier,
    moment: Moment,
    needs: frozenset[ConsentNeed],
    *,
    given: bool,
    channel: Channel,
    evidence: str | None = None,
) -> Dossier:
    """One person agrees or refuses in the capacities named; an officer's record names the officer.

    Raises:
        DossierRefused: `dossier-state`; `dossier-consent-closed`, nothing of it is open (answered or expired).
    """
    _require(dossier, *CONSENTS_OPEN)
    now = moment.entered_at
    standing = tuple(consent.at(now) for consent in dossier.consents)
    wanted = {c.need for c in standing if c.state is ConsentState.ASKED} & needs
    if not wanted:
        raise DossierRefused(DossierRefusal.CONSENT_CLOSED)
    state = ConsentState.GIVEN if given else ConsentState.REFUSED
    by = None if moment.by == CITIZEN else moment.by
    answered = tuple(
        replace(
            c,
            state=state,
            answered_at=moment.occurred_at,
            channel=channel,
            recorded_by=by,
            evidence=evidence,
        )
        if c.need in wanted
        else c
        for c in standing
    )
    detail = {
        "roles": sorted(need.role.value for need in wanted),
        "consent": state.value,
        "channel": channel.value,
    }
    return _proceed(add(dossier, "answer_consent", moment, detail=detail, consents=answered), moment)


def renew_consents(dossier: Dossier, moment: Moment) -> Dossier:
    """Ask those again whose question expired without an answer; who refused is not asked again."""
    _require(dossier, *CONSENTS_OPEN)
    now = moment.entered_at
    if not any(c.at(now).state is ConsentState.EXPIRED for c in dossier.consents):
        raise DossierRefused(DossierRefusal.CONSENT_CLOSED)
    renewed = ask([c.need for c in dossier.consents], dossier.consents, now)
    return add(dossier, "renew_consents", moment, consents=renewed)


def pay(dossier: Dossier, moment: Moment, *, amount: int, reference: str) -> Dossier:
    """The fee is paid in whole, under the payment system's reference; the same reference again changes nothing.

    A withdrawal ends in the notice of stop alone, so nothing is due from the moment it is asked for.

    Raises:
        DossierRefused: `dossier-payment`: another amount, another reference, or nothing is due.
    """
    fee, over = dossier.fee, dossier.state in ENDED or dossier.state is S.WITHDRAWAL_ASKED
    if fee.state is FeeState.PAID and (fee.reference, fee.amount) == (reference, amount):
        return dossier
    if fee.state is not FeeState.DUE or amount != fee.amount or over:
        raise DossierRefused(DossierRefusal.PAYMENT, fee=fee.state.value, due=fee.amount)
    paid = replace(fee, state=FeeState.PAID, reference=reference)
    return _proceed(add(dossier, "pay", moment, detail={"amount": amount}, fee=paid), moment)


def refund(dossier: Dossier, moment: Moment, reference: str) -> Dossier:
    """What was paid went back; the same reference again changes nothing.

    Raises:
        DossierRefused: `dossier-payment`, nothing is to be given back.
    """
    fee = dossier.fee
    if fee.state is FeeState.REFUNDED and fee.refund_reference == reference:
        return dossier
    if fee.state is not FeeState.REFUND_DUE:
        raise DossierRefused(DossierRefusal.PAYMENT, fee=fee.state.value, due=0)
    done = replace(fee, state=FeeState.REFUNDED, refund_reference=reference)
    return add(dossier, "refund", moment, detail={"amount": fee.amount}, fee=done)


def withdraw(dossier: Dossier, moment: Moment) -> Dossier:
    """→ 7, only before a decision exists (Decree 118/2025 Art. 21); the counter answers with the notice of stop."""
    _require(dossier, *(state for state, onward in MOVES.items() if S.WITHDRAWAL_ASKED in onward))
    return add(dossier, "withdraw", moment, S.WITHDRAWAL_ASKED)


def stop(dossier: Dossier, moment: Moment, reason: str) -> Dossier:
    """→ 8 with the notice of stop: confirms a withdrawal, or ends what cannot go on (a consent refused, …)."""
    detail = {"reason": reason}
    fee = given_back(dossier.fee)
    return add(dossier, "stop", moment, S.STOPPED, form=Form.STOP, detail=detail, fee=fee)


def hand_over(dossier: Dossier, moment: Moment) -> Dossier:
    """9 → 10: the result is handed over."""
    return add(dossier, "return_result", moment, S.RETURNED)


def given_back(fee: Fee) -> Fee:
    """The fee when no service follows: what was paid is to be refunded, what was due is no longer."""
    if fee.state is FeeState.PAID:
        return replace(fee, state=FeeState.REFUND_DUE)
    return replace(fee, state=FeeState.NONE) if fee.state is FeeState.DUE else fee
