"""The ledger of changes: what every writer of a change uses, and the line that each leaves in `registry_change`."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import uuid4

import orjson

from population_registry.dossiers.changes import Reference
from population_registry.dossiers.working_days import VIET_NAM
from population_registry.storage.connections import Connection

Rows = Mapping[str, Any] | None


class ChangeConflict(Exception):
    """A change does not fit the registry as it is now; the transaction must be undone."""


@dataclass(slots=True)
class Writing:
    """One application of changes: who records what for which dossier, and what it has brought into being so far."""

    connection: Connection
    dossier_code: str
    by: str
    now: datetime
    made: dict[str, int] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    """What only the writing itself decides, for the result of the dossier: a number drawn, say."""

    @property
    def today(self) -> date:
        """The day of recording in Việt Nam."""
        return self.now.astimezone(VIET_NAM).date()

    def id_of(self, reference: Reference) -> int:
        """The identifier that a change means."""
        return reference if isinstance(reference, int) else self.made[reference]

    async def make(self, reference: str) -> int:
        """A new identifier of a dwelling or household, known under that reference from here on."""
        made = int(str(await self.connection.fetchval("SELECT nextval('new_home')")))
        self.made[reference] = made
        return made

    async def one(self, query: str, *values: object) -> dict[str, Any]:
        """The one row, as JSON, that a statement returns with `to_jsonb`.

        Raises:
            ChangeConflict: no row, or several.
        """
        rows = await self.connection.fetch(query, *values)
        if len(rows) != 1:
            raise ChangeConflict
        found: dict[str, Any] = orjson.loads(str(rows[0][0]))
        return found

    async def record(
        self,
        change: Any,
        occurred_on: date,
        reason: str,
        *,
        before: Rows = None,
        after: Rows = None,
        person_id: int | None = None,
    ) -> None:
        """A line of the ledger, about the person of the change or the one it brought into being."""
        await self.connection.execute(
            "INSERT INTO registry_change (person_id, change_id, kind, occurred_on, recorded_at, reason, "
            "dossier_code, recorded_by, before, after) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            change.person_id if person_id is None else person_id,
            uuid4(),
            type(change).__name__,
            occurred_on,
            self.now,
            reason,
            self.dossier_code,
            self.by,
            None if before is None else orjson.dumps(before).decode(),
            None if after is None else orjson.dumps(after).decode(),
        )


Writer = Callable[[Writing, Any], Awaitable[None]]
"""Writes one kind of change."""
