"""Dossiers as JSON: for the applicant and the portal, for the officer, for somebody who is asked for consent."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from population_registry.dossiers import Check, Consent, ConsentState, Dossier, Event
from population_registry.dossiers.apologising import APPOINTED
from population_registry.dossiers.consents import LASTS
from population_registry.dossiers.statements import statement_of
from population_registry.dossiers.terms import punctuality
from population_registry.procedures.catalogue import PROCEDURES

_CITIZEN_DETAIL: Final = frozenset(
    {
        "reason",
        "note",
        "amount",
        "roles",
        "consent",
        "channel",
        "part",
        "dossier_code",
        "state",
        "alarm",
        APPOINTED,
    }
)
"""Of a linked dossier also which body's part stands where, and what was late."""
_SHOWN_TO_CONSENTING: Final = ("dwelling", "from", "until", "tenure")


def dossier_document(dossier: Dossier, now: datetime) -> dict[str, Any]:
    """What the applicant and the portal see: state, term, fee, sub-tasks, history, result; never a check."""
    stands = dossier.clock
    decision = dossier.decision
    return {
        "dossier_code": dossier.code,
        "procedure_code": dossier.procedure_code,
        "procedure_name": _name(dossier.procedure_code),
        "state": dossier.state.value,
        "version": dossier.version,
        "filing": dossier.filing.value,
        "assisted": dossier.assisted_by is not None,
        "filed_by": dossier.filed_by,
        "filed_at": instant(dossier.filed_at),
        "received_on": None if stands.received_on is None else stands.received_on.isoformat(),
        "due_on": None if stands.due_on is None else stands.due_on.isoformat(),
        "half_days": dossier.term.half_days,
        "punctuality": punctuality(dossier.history, dossier.term, now).value,
        "fee": dossier.fee.document(),
        "consents": [consent_document(consent.at(now)) for consent in dossier.consents],
        "inputs": dossier.inputs,
        "history": [_event(event, _CITIZEN_DETAIL) for event in dossier.history],
        "decision": None
        if decision is None
        else {
            "approved": decision.approved,
            "by": decision.by,
            "at": instant(decision.at),
            "reason": decision.reason,
        },
        "result": dossier.result,
        "linked_to": dossier.linked_to,
    }


def officer_document(dossier: Dossier, checks: Sequence[Check], now: datetime) -> dict[str, Any]:
    """The same with the checks of this moment, the whole history, and what an officer answered for."""
    confirmed = () if dossier.decision is None else dossier.decision.confirmed
    return dossier_document(dossier, now) | {
        "purpose": dossier.purpose,
        "client_id": dossier.client_id,
        "commune_code": dossier.commune_code,
        "checks": [check.document() for check in checks],
        "confirmed": list(confirmed),
        "history": [_event(event, None) for event in dossier.history],
    }


def consent_document(consent: Consent) -> dict[str, Any]:
    """One sub-task; who is asked is known by the role, never by number or name."""
    return {
        "role": consent.need.role.value,
        "why": consent.need.why,
        "state": consent.state.value,
        "one_is_enough": consent.need.any_of is not None,
        "asked_at": instant(consent.asked_at),
        "expires_at": instant(consent.asked_at + LASTS),
        "answered_at": None if consent.answered_at is None else instant(consent.answered_at),
        "channel": None if consent.channel is None else consent.channel.value,
    }


def asked_document(dossier: Dossier, person_id: int, applicant: str, now: datetime) -> dict[str, Any]:
    """What somebody who is asked needs to know to answer: who asks, for what, and where."""
    mine = [c.at(now) for c in dossier.consents if c.need.person_id == person_id]
    return {
        "dossier_code": dossier.code,
        "procedure_code": dossier.procedure_code,
        "procedure_name": _name(dossier.procedure_code),
        "applicant": applicant,
        "people": len(dossier.subject_ids),
        "about": {name: dossier.inputs[name] for name in _SHOWN_TO_CONSENTING if name in dossier.inputs},
        "open": any(c.state is ConsentState.ASKED for c in mine),
        "consents": [consent_document(each) for each in mine],
        "statement": statement_of(dossier, person_id, None, now),
    }


def instant(moment: datetime) -> str:
    """A moment as RFC 3339 in UTC."""
    return moment.astimezone(UTC).isoformat()


def _name(code: str) -> dict[str, str] | None:
    procedure = PROCEDURES.get(code)
    return None if procedure is None else {"vi": procedure.name_vi, "en": procedure.name_en}


def _event(event: Event, shown: frozenset[str] | None) -> Mapping[str, Any]:
    detail = {name: value for name, value in event.detail.items() if shown is None or name in shown}
    return {
        "number": event.number,
        "act": event.act,
        "state": event.state.value,
        "occurred_at": instant(event.occurred_at),
        "entered_at": instant(event.entered_at),
        "by": event.by,
        "form": None if event.form is None else event.form.value,
        "detail": detail,
    }
