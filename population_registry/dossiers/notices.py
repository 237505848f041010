"""What the world is told about a dossier: lines of the outbox, written in the transaction of the act.

The body names the dossier, never its content: who is told has the dossier already. Changes of the registry go to the
bodies that must act on them by law (public-services.md section 9), with the personal number they know the person by.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from population_registry.dossiers.changes import Change, EndResidence, RegisterResidence, SetPersonStatus
from population_registry.dossiers.civil_changes import CorrectBirth, RecordDeath
from population_registry.dossiers.dossier import Dossier, Event
from population_registry.dossiers.identity_changes import ReturnCard, WithdrawCard
from population_registry.dossiers.insurance_changes import CorrectCard, EndCover, IssueCard, RefundPremium

FRONT_DOOR: Final = "national-portal"
"""Every dossier is synchronised with the national portal (index 1.4 of Decision 766)."""
CONSENT_APP: Final = "eid-app"
CHANGE_RECIPIENTS: Final[Mapping[type, tuple[str, ...]]] = {
    RegisterResidence: ("idp", "insurance-portal"),
    EndResidence: ("idp", "insurance-portal"),
    SetPersonStatus: ("idp", "insurance-portal"),
    RecordDeath: ("idp", "insurance-portal", "residence-portal"),
    CorrectBirth: ("idp", "insurance-portal", "residence-portal"),
    WithdrawCard: ("idp",),
    ReturnCard: ("idp",),
    IssueCard: ("insurance-portal",),
    EndCover: ("insurance-portal",),
    CorrectCard: ("insurance-portal",),
    RefundPremium: ("insurance-portal",),
}
"""Who is told of which change; a change that is not here is told to nobody."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One line of the outbox: its kind, the client ids that receive it, its JSON."""

    kind: str
    recipients: tuple[str, ...]
    body: Mapping[str, Any]


def of_acts(before: Dossier | None, after: Dossier) -> tuple[Notice, ...]:
    """One notice for each new line of history, and one to the app when somebody is asked for consent."""
    known = 0 if before is None else before.version
    recipients = tuple(dict.fromkeys((after.client_id, FRONT_DOOR)))
    found = [
        Notice("dossier.event", recipients, _event(after, event))
        for event in after.history
        if event.number > known
    ]
    had = set() if before is None else {(c.need, c.asked_at) for c in before.consents}
    if any((c.need, c.asked_at) not in had for c in after.consents):
        found.append(Notice("dossier.consent_asked", (CONSENT_APP,), {"dossier_code": after.code}))
    return tuple(found)


def of_changes(dossier: Dossier, changes: Iterable[Change], numbers: Mapping[int, str]) -> tuple[Notice, ...]:
    """One notice for each change that somebody must know; `numbers` are the personal numbers by person id."""
    return tuple(
        Notice(
            f"registry.{type(change).__name__}",
            CHANGE_RECIPIENTS[type(change)],
            {"person": numbers.get(change.person_id), "dossier_code": dossier.code, **_said(change)},
        )
        for change in changes
        if type(change) in CHANGE_RECIPIENTS
    )


def _said(change: Change) -> Mapping[str, Any]:
    """What decides who must act: the status itself; nothing else of a change is told."""
    return {"status": change.status.value} if isinstance(change, SetPersonStatus) else {}


def _event(dossier: Dossier, event: Event) -> Mapping[str, Any]:
    due = dossier.due_on
    return {
        "dossier_code": dossier.code,
        "procedure_code": dossier.procedure_code,
        "number": event.number,
        "act": event.act,
        "state": event.state.value,
        "occurred_at": event.occurred_at.isoformat(),
        "entered_at": event.entered_at.isoformat(),
        "by": event.by,
        "form": None if event.form is None else event.form.value,
        "due_on": None if due is None else due.isoformat(),
        "fee": dossier.fee.document(),
    }
