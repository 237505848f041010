"""Reports of misuse: a citizen says that a look at their data should not have been; not the officer judges it.

Law on Personal Data Protection 91/2025/QH15 Art. 4 (right to complain). A report is taken, then answered once, in
words for the person who reported; whoever is accused never answers (attack 49).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from population_registry.operators.officers import Officer, Power
from population_registry.operators.policy import Denial, Denied, must_hold

LEAST_ANSWER, LONGEST_ANSWER = 10, 1_000
LONGEST_SAID: Final = 1_000


class ReportState(StrEnum):
    """Where a report stands; the values are those that the citizen's page knows."""

    RECEIVED = "received"
    LOOKING = "looking"
    RIGHTFUL = "rightful"
    MISUSE = "misuse"


VERDICTS: Final = frozenset({ReportState.RIGHTFUL, ReportState.MISUSE})


@dataclass(frozen=True, slots=True)
class MisuseReport:
    """``source``: whose log the entry stands in; ``officer``: whom it names, where it names one of ours.

    ``entry`` says what was done, without the person it was done to.
    """

    report_id: UUID
    source: str
    subject_id: int
    entry_id: UUID | None
    officer: str | None
    said: str
    entry: dict[str, Any]
    received_at: datetime
    state: ReportState = ReportState.RECEIVED
    taken_by: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None
    answer: str = ""


def taken(report: MisuseReport, officer: Officer, *, own: bool) -> MisuseReport:
    """Somebody looks into it. Raises Denied: no reviewer, the accused, the reporter, or it is taken."""
    _may(report, officer, own=own)
    if report.state is not ReportState.RECEIVED:
        raise Denied(Denial.DECIDED)
    return replace(report, state=ReportState.LOOKING, taken_by=officer.officer_id)


def answered(
    report: MisuseReport, officer: Officer, verdict: ReportState, answer: str, now: datetime, *, own: bool
) -> MisuseReport:
    """The answer, once. Raises Denied as `taken`, and when it is answered."""
    _may(report, officer, own=own)
    if report.state in VERDICTS:
        raise Denied(Denial.DECIDED)
    if verdict not in VERDICTS:
        raise ValueError("a verdict, please")
    return replace(
        report, state=verdict, answered_by=officer.officer_id, answered_at=now, answer=answer[:LONGEST_ANSWER]
    )


def _may(report: MisuseReport, officer: Officer, *, own: bool) -> None:
    must_hold(officer, Power.REVIEW_LOOKUPS)
    if own or officer.officer_id == report.officer:
        raise Denied(Denial.OWN_REVIEW)
