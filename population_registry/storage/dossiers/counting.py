"""Reads what statistics count of dossiers: their clock and their channel, never a person."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, Final, cast

from population_registry.dossiers.dossier import Filing
from population_registry.dossiers.fees import FeeState
from population_registry.dossiers.states import DossierState
from population_registry.dossiers.statistics import Counted, Step
from population_registry.dossiers.terms import Term
from population_registry.storage.connections import Connection

PAGE: Final = 500
"""Dossiers read and judged at once; between two pages others get their turn."""
_PAGE: Final = """
SELECT dossier_code, procedure_code, commune_code, filed_at, filing, assisted_by IS NOT NULL, half_days,
       (fee->>'amount')::bigint, fee->>'state', happened.states, happened.moments
  FROM dossier CROSS JOIN LATERAL (
       SELECT coalesce(array_agg(state ORDER BY event_no), '{}') AS states,
              coalesce(array_agg(occurred_at ORDER BY event_no), '{}') AS moments
         FROM dossier_event WHERE dossier_event.dossier_code = dossier.dossier_code) AS happened
 WHERE filed_at < $2 AND (filed_at, dossier_code) > ($1, $3) AND linked_to IS NULL AND filing <> 'ex_officio'
 ORDER BY filed_at, dossier_code LIMIT $4
"""
_STANDING: Final = (
    "SELECT count(*), coalesce(sum(version), 0)::bigint FROM dossier WHERE filed_at >= $1 AND filed_at < $2"
)


async def how_it_stands(connection: Connection, first: datetime, end: datetime) -> tuple[int, int]:
    """How many were filed from ``first`` until before ``end`` and how often they changed.

    Any act on a dossier counts its version up and none is ever deleted, so the same pair is the same dossiers.
    """
    ((count, changes),) = cast("Sequence[Sequence[int]]", await connection.fetch(_STANDING, first, end))
    return count, changes


async def pages_of_counted(
    connection: Connection, first: datetime, end: datetime
) -> AsyncIterator[Sequence[Counted]]:
    """What was filed from ``first`` until before ``end``, a page after the other in the order of filing."""
    after, code = first, ""
    while True:
        rows = cast("Sequence[Sequence[Any]]", await connection.fetch(_PAGE, after, end, code, PAGE))
        if rows:
            yield [_counted(row) for row in rows]
        if len(rows) < PAGE:
            return
        code, after = rows[-1][0], rows[-1][3]


def _counted(row: Sequence[Any]) -> Counted:
    _, procedure, commune, filed_at, filing, assisted, half_days, amount, fee, states, moments = row
    return Counted(
        procedure=procedure,
        commune=commune,
        filed_at=filed_at,
        filing=Filing(filing),
        assisted=assisted,
        term=Term(half_days),
        amount=amount,
        fee=FeeState(fee),
        history=tuple(
            Step(DossierState(state), moment) for state, moment in zip(states, moments, strict=True)
        ),
    )
