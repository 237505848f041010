"""Reports of misuse: kept once however often they come, taken, answered once; the answer leaves with its row."""

from collections.abc import Sequence
from typing import Any, Final, cast
from uuid import UUID

import orjson

from population_registry.operators.misuse import MisuseReport, ReportState
from population_registry.storage.connections import Connection
from population_registry.storage.outbox import announce

MOST_SHOWN: Final = 100
ANSWERED: Final = "misuse.answered"
"""The kind of event that tells the provider what became of a report; nobody else may subscribe to it."""
_REPORTS: Final = (
    "SELECT report_id, source, subject_id, entry_id, officer, said, entry::text, received_at, state, taken_by, "
    "answered_by, answered_at, answer FROM misuse_report"
)
_ENTRY: Final = """
SELECT l.officer, l.at, l.agency, l.client_id, l.purpose, l.procedure_code, l.dossier_code, l.outcome, p.person_id
  FROM person p LEFT JOIN access_log l ON l.subject_id = p.person_id AND l.entry_id = $2
 WHERE p.personal_number = $1
"""


async def entry_of(
    connection: Connection, number: str, entry_id: UUID | None
) -> tuple[int, dict[str, Any] | None] | None:
    """Who has this number, and their entry of the access log; None for nobody, no entry when it is not about them."""
    rows = cast("Sequence[Sequence[Any]]", await connection.fetch(_ENTRY, number, entry_id))
    if not rows:
        return None
    officer, at, agency, client, purpose, procedure, case, outcome, person_id = rows[0]
    if at is None:
        return int(person_id), None
    entry = {"officer": officer, "at": at.isoformat(), "agency": agency, "client": client, "purpose": purpose}
    return int(person_id), entry | {"procedure": procedure, "case": case, "outcome": outcome}


async def keep(connection: Connection, report: MisuseReport) -> ReportState | None:
    """Keep a report; where it stands now, also when it came before; None when its id is another person's."""
    await connection.execute(
        "INSERT INTO misuse_report (report_id, source, subject_id, entry_id, officer, said, entry, received_at, "
        "state) VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9) ON CONFLICT (report_id) DO NOTHING",
        *(report.report_id, report.source, report.subject_id, report.entry_id, report.officer, report.said),
        *(orjson.dumps(report.entry).decode(), report.received_at, report.state.value),
    )
    found = await find(connection, report.report_id)
    return found.state if found is not None and found.subject_id == report.subject_id else None


async def find(connection: Connection, report_id: UUID) -> MisuseReport | None:
    """One report."""
    rows = await connection.fetch(f"{_REPORTS} WHERE report_id = $1", report_id)
    return _report(rows[0]) if rows else None


async def waiting(connection: Connection) -> Sequence[MisuseReport]:
    """Those that nobody has answered, the oldest first."""
    rows = await connection.fetch(
        f"{_REPORTS} WHERE answered_at IS NULL ORDER BY received_at LIMIT $1",
        MOST_SHOWN,
    )
    return [_report(row) for row in rows]


async def move(connection: Connection, before: MisuseReport, after: MisuseReport) -> bool:
    """Write a step and, in the same transaction, tell the provider; False when somebody else was faster."""
    tag = await connection.execute(
        "UPDATE misuse_report SET state = $2, taken_by = $3, answered_by = $4, answered_at = $5, answer = $6 "
        "WHERE report_id = $1 AND state = $7",
        *(after.report_id, after.state.value, after.taken_by, after.answered_by, after.answered_at),
        *(after.answer or None, before.state.value),
    )
    return tag.endswith(" 1")


async def tell(connection: Connection, report: MisuseReport, number: str, now: Any) -> None:
    """The provider hears how the report stands, so that the person reads it where they reported."""
    body = {
        "person": number,
        "report": str(report.report_id),
        "state": report.state.value,
        "answer": report.answer,
    }
    await announce(connection, f"misuse:{report.report_id}", ANSWERED, body, now)


def _report(row: Sequence[Any]) -> MisuseReport:
    (
        report_id, source, subject_id, entry_id, officer, said, entry, received_at, state, taken_by, answered_by,
        answered_at, answer,
    ) = row  # in the order of the columns  # fmt: skip
    return MisuseReport(
        report_id=report_id,
        source=source,
        subject_id=subject_id,
        entry_id=entry_id,
        officer=officer,
        said=said,
        entry=orjson.loads(entry),
        received_at=received_at,
        state=ReportState(state),
        taken_by=taken_by,
        answered_by=answered_by,
        answered_at=answered_at,
        answer=answer or "",
    )
