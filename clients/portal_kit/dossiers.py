"""A dossier (hồ sơ) as the registry tells its applicant: states, term, fee, sub-tasks, history, result.

The registry keeps dossiers and their moves; a portal reads them. States follow the catalogue of the National Public
Service Portal, codes Circular 04/2025/TT-VPCP, Art. 23 (domain facts: public services, sections 4 and 5).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum
from typing import Any, Final


class DossierState(IntEnum):
    """States of the national catalogue; the number is the code on the wire."""

    SUBMITTED = 1
    RECEIVED = 2
    NOT_RECEIVED = 3
    PROCESSING = 4
    SUPPLEMENT_WANTED = 5
    FEE_DUE = 6
    WITHDRAWAL_ASKED = 7
    STOPPED = 8
    DONE = 9
    RETURNED = 10


S = DossierState
UNDECIDED: Final = frozenset({S.SUBMITTED, S.RECEIVED, S.PROCESSING, S.SUPPLEMENT_WANTED, S.FEE_DUE})
"""No decision yet: the person may still withdraw (Decree 118/2025, Art. 21)."""
PAYS: Final = UNDECIDED
"""A fee that is due may be paid from the first day on."""

CODE: Final = re.compile(r"\A[A-Z]?\d{2,3}(\.[A-Z]?\d{2,3}){0,4}-\d{6}(\d{2})?-\d{4,8}\Z", re.ASCII)

MAX_CODE: Final = 40


@dataclass(frozen=True, slots=True)
class Fee:
    """Đồng and how they stand: none, due, paid, refund_due, refunded."""

    amount: int
    state: str
    exempt: str | None = None
    legal_basis: str = ""
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """Somebody who must agree, known by the role alone: asked, given, refused or expired."""

    role: str
    why: str
    state: str
    one_is_enough: bool
    expires_at: datetime
    answered_at: datetime | None = None


PAPERS: Final = frozenset({"CT04", "CT05", "CT06", "CT07", "CT08", "stop", "04"})
"""Forms that the registry signs; one that it invents later is not offered before it has a name here."""


@dataclass(frozen=True, slots=True)
class DossierEvent:
    """One line of the history: when it happened, when it was entered (both matter for lateness), by whom."""

    number: int
    act: str
    state: DossierState
    occurred_at: datetime
    entered_at: datetime
    by: str
    form: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, when, and the officer's words."""

    approved: bool
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """One application for one procedure, as its applicant sees it; ``names`` are the procedure's by language."""

    code: str
    procedure_code: str
    names: Mapping[str, str]
    state: DossierState
    version: int
    filing: str
    assisted: bool
    submitted_at: datetime
    received_on: date | None
    due_on: date | None
    half_days: int
    punctuality: str
    fee: Fee
    consents: tuple[Consent, ...]
    inputs: Mapping[str, Any] = field(repr=False)
    history: tuple[DossierEvent, ...]
    decision: Decision | None
    result: Mapping[str, Any] = field(default_factory=dict, repr=False)
    linked_to: str | None = None
    filed_by: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Who filed for the applicant (``kind``, ``name``, ``organisation``); empty when the applicant did."""

    @property
    def may_withdraw(self) -> bool:
        """Whether no decision exists yet (Decree 118/2025, Art. 21)."""
        return self.state in UNDECIDED

    @property
    def must_pay(self) -> bool:
        """Whether a fee is due and can be paid now."""
        return self.fee.state == "due" and self.fee.amount > 0 and self.state in PAYS

    @property
    def supplement_asked(self) -> DossierEvent | None:
        """The request to supplement (CT05) that is not answered yet."""
        if self.state is not S.SUPPLEMENT_WANTED:
            return None
        turns = [each for each in self.history if each.act in {"ask_supplement", "answer_supplement"}]
        return turns[-1] if turns and turns[-1].act == "ask_supplement" else None

    @property
    def refusal(self) -> DossierEvent | None:
        """The act that ended it without what was asked for: refused, not received, stopped."""
        ends = {"refuse", "refuse_intake", "stop"}
        return next((each for each in reversed(self.history) if each.act in ends), None)

    @property
    def papers(self) -> tuple[DossierEvent, ...]:
        """The lines of history that have a paper to take away, the newest first."""
        return tuple(each for each in reversed(self.history) if each.form in PAPERS)

    @property
    def waits_for_consent(self) -> bool:
        """Whether somebody's answer is still to come, so that nothing can be decided."""
        return self.state in UNDECIDED and any(each.state == "asked" for each in self.consents)


def dossier_of(document: Mapping[str, Any]) -> Dossier:
    """Read the registry's JSON. Raises KeyError, TypeError or ValueError for anything else."""
    fee, decision = document["fee"], document["decision"]
    return Dossier(
        code=str(document["dossier_code"]),
        procedure_code=str(document["procedure_code"]),
        names=dict(document["procedure_name"] or {}),
        state=DossierState(document["state"]),
        version=int(document["version"]),
        filing=str(document["filing"]),
        assisted=bool(document["assisted"]),
        submitted_at=datetime.fromisoformat(document["filed_at"]),
        received_on=_day(document["received_on"]),
        due_on=_day(document["due_on"]),
        half_days=int(document["half_days"]),
        punctuality=str(document["punctuality"]),
        fee=Fee(
            int(fee["amount"]),
            str(fee["state"]),
            fee["exempt"],
            str(fee["legal_basis"]),
            fee.get("reference"),
        ),
        consents=tuple(consent_of(each) for each in document["consents"]),
        inputs=dict(document["inputs"]),
        history=tuple(_event(each) for each in document["history"]),
        decision=None
        if decision is None
        else Decision(
            bool(decision["approved"]), datetime.fromisoformat(decision["at"]), str(decision["reason"])
        ),
        result=dict(document["result"]),
        linked_to=document["linked_to"],
        filed_by=dict(document.get("filed_by") or {}),
    )


def consent_of(document: Mapping[str, Any]) -> Consent:
    """Read one sub-task. Raises as `dossier_of`."""
    answered = document["answered_at"]
    return Consent(
        role=str(document["role"]),
        why=str(document["why"]),
        state=str(document["state"]),
        one_is_enough=bool(document["one_is_enough"]),
        expires_at=datetime.fromisoformat(document["expires_at"]),
        answered_at=None if answered is None else datetime.fromisoformat(answered),
    )


def _event(document: Mapping[str, Any]) -> DossierEvent:
    return DossierEvent(
        number=int(document["number"]),
        act=str(document["act"]),
        state=DossierState(document["state"]),
        occurred_at=datetime.fromisoformat(document["occurred_at"]),
        entered_at=datetime.fromisoformat(document["entered_at"]),
        by=str(document["by"]),
        form=document["form"],
        detail=dict(document["detail"]),
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def dossier_code(agency_code: str, received_on: date, system_code: str, running_number: int) -> str:
    """``<agency>-<YYMMDD>-<AA><XXXX>``: the day of receipt and at least four digits of the day's counter."""
    return f"{agency_code}-{received_on:%y%m%d}-{system_code}{running_number:04d}"
