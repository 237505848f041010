"""Dossiers (hồ sơ): their codes, states and moves. Pure: no clock, no database.

States and moves follow the catalogue of the National Public Service Portal; the code follows Circular
04/2025/TT-VPCP, Art. 23 (domain facts: public services, sections 4 and 5).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum
from typing import Final


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
MOVES: Final[Mapping[DossierState, frozenset[DossierState]]] = {
    S.SUBMITTED: frozenset({S.RECEIVED, S.NOT_RECEIVED, S.WITHDRAWAL_ASKED}),
    S.RECEIVED: frozenset({S.PROCESSING, S.SUPPLEMENT_WANTED, S.FEE_DUE, S.WITHDRAWAL_ASKED, S.STOPPED}),
    S.NOT_RECEIVED: frozenset(),
    S.PROCESSING: frozenset({S.SUPPLEMENT_WANTED, S.FEE_DUE, S.WITHDRAWAL_ASKED, S.STOPPED, S.DONE}),
    S.SUPPLEMENT_WANTED: frozenset({S.PROCESSING, S.STOPPED, S.WITHDRAWAL_ASKED}),
    S.FEE_DUE: frozenset({S.PROCESSING, S.STOPPED, S.WITHDRAWAL_ASKED}),
    S.WITHDRAWAL_ASKED: frozenset({S.STOPPED}),
    S.STOPPED: frozenset(),
    S.DONE: frozenset({S.RETURNED}),
    S.RETURNED: frozenset(),
}
CLOCK_RUNS: Final = frozenset({S.RECEIVED, S.PROCESSING})
CLOCK_PAUSES: Final = frozenset({S.SUPPLEMENT_WANTED, S.FEE_DUE})
ENDED: Final = frozenset({S.NOT_RECEIVED, S.STOPPED, S.RETURNED})

CODE: Final = re.compile(r"\A[A-Z]?\d{2,3}(\.[A-Z]?\d{2,3}){0,4}-\d{6}(\d{2})?-\d{4,8}\Z", re.ASCII)

MAX_CODE: Final = 40


class MoveRefused(Exception):  # noqa: N818 - a rule's answer, not a mistake of the program
    """The catalogue knows no such move."""

    def __init__(self, state: DossierState, wanted: DossierState) -> None:
        super().__init__(f"{state.value} -> {wanted.value}")
        self.state = state
        self.wanted = wanted


@dataclass(frozen=True, slots=True)
class DossierEvent:
    """One line of a dossier's history: when it happened, when it was entered (both matter for lateness)."""

    state: DossierState
    occurred_at: datetime
    entered_at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Dossier:
    """One application for one procedure. ``subject`` is the applicant's ``sub`` at this portal.

    ``details`` are the answers of the form, ``checks`` the registry's flags, ``receipt`` its signed answer.
    """

    code: str
    procedure_code: str
    subject: str
    state: DossierState
    submitted_at: datetime
    details: Mapping[str, object] = field(default_factory=dict, repr=False)
    checks: Mapping[str, object] = field(default_factory=dict)
    receipts: tuple[str, ...] = field(default=(), repr=False)
    due_on: date | None = None
    fee: int = 0
    history: tuple[DossierEvent, ...] = ()


def move(state: DossierState, wanted: DossierState) -> DossierState:
    """The next state, or :class:`MoveRefused`. Withdrawal ends by the counter's notice of stop (7 -> 8)."""
    if wanted not in MOVES[state]:
        raise MoveRefused(state, wanted)
    return wanted


def may_withdraw(state: DossierState) -> bool:
    """A person may withdraw only before a decision exists (Decree 118/2025, Art. 21)."""
    return S.WITHDRAWAL_ASKED in MOVES[state]


def dossier_code(agency_code: str, received_on: date, system_code: str, running_number: int) -> str:
    """``<agency>-<YYMMDD>-<AA><XXXX>``: the day of receipt and at least four digits of the day's counter."""
    return f"{agency_code}-{received_on:%y%m%d}-{system_code}{running_number:04d}"
