"""Papers of acts that a later act of their dossier overtook: their places in the status lists.

The rule is `dossiers.superseding`. A row is written with the act that overtakes, or with a paper that is made after
it was overtaken; both hold the dossier's row meanwhile, so none of two that race is forgotten.
"""

from collections.abc import Sequence
from typing import Final, cast

from population_registry.dossiers.superseding import SUPERSEDED_FORMS, SUPERSEDING_FORMS
from population_registry.storage.connections import Connection

_MARK: Final = """
INSERT INTO paper_superseded (position, confirmation_id, event_no, at)
SELECT r.status_position, c.confirmation_id, e.event_no, e.entered_at
  FROM confirmation c
  JOIN receipt r ON r.receipt_id = c.confirmation_id AND r.issued_at = c.issued_at
  CROSS JOIN LATERAL (
    SELECT event_no, entered_at FROM dossier_event
     WHERE dossier_code = c.dossier_code AND event_no > c.event_number AND form = ANY($3::text[])
     ORDER BY event_no LIMIT 1) e
 WHERE c.dossier_code = $1 AND c.form = ANY($2::text[]) AND r.status_position IS NOT NULL
ON CONFLICT DO NOTHING
"""
NEWEST: Final = """
SELECT e.form, e.occurred_at FROM dossier_event e
 WHERE e.dossier_code = c.dossier_code AND e.event_no > c.event_number
   AND c.form = ANY($1::text[]) AND e.form = ANY($2::text[])
 ORDER BY e.event_no DESC LIMIT 1
"""
"""Of a paper `c`: form and moment of the newest act that overtook it; parameters are `FORMS`."""
FORMS: Final = (sorted(SUPERSEDED_FORMS), sorted(SUPERSEDING_FORMS))


async def mark_superseded(connection: Connection, dossier_code: str) -> None:
    """Write down what the acts of that dossier have overtaken so far; repeating it changes nothing."""
    await connection.execute(_MARK, dossier_code, *FORMS)


async def superseded_between(connection: Connection, first: int, end: int) -> Sequence[int]:
    """Positions of overtaken papers from `first` to before `end`."""
    rows = await connection.fetch(
        "SELECT position FROM paper_superseded WHERE position >= $1 AND position < $2", first, end
    )
    return [cast("int", row[0]) for row in rows]
