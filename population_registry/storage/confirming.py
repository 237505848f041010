"""Keeps papers that were issued, finds them by code, by id or by the digest of a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import orjson

from population_registry.domain.confirmations import ConfirmationRow
from population_registry.dossiers.superseding import Superseding
from population_registry.storage.connections import Connection
from population_registry.storage.superseding import FORMS, NEWEST

_COLUMNS = (
    "confirmation_id, code_hash, ending_hash, subject_id, client_id, procedure_code, dossier_code, issued_at, "
    "valid_until, digests, sealed, form, event_number"
)
_WITHDRAWN = (
    "EXISTS (SELECT 1 FROM receipt r JOIN receipt_withdrawal w ON w.position = r.status_position "
    "WHERE r.receipt_id = c.confirmation_id)"
)


@dataclass(frozen=True, slots=True)
class FoundPaper:
    """A paper, whether it was withdrawn, and what its own dossier said after it."""

    row: ConfirmationRow
    withdrawn: bool
    superseding: Superseding | None


async def keep_confirmation(connection: Connection, row: ConfirmationRow) -> None:
    """Write the row; the caller's transaction also holds its access-log rows and its receipt."""
    await connection.execute(
        f"INSERT INTO confirmation ({_COLUMNS}) "  # noqa: S608 -- constant names
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11, $12, $13)",
        row.confirmation_id,
        row.code_hash,
        row.ending_hash,
        row.subject_id,
        row.client_id,
        row.procedure_code,
        row.dossier_code,
        row.issued_at,
        row.valid_until,
        orjson.dumps(dict(row.digests)).decode(),
        row.sealed,
        row.form,
        row.event,
    )


async def read_confirmation(connection: Connection, confirmation_id: UUID) -> ConfirmationRow | None:
    """The paper of that id."""
    found = await _one(connection, "c.confirmation_id = $3", confirmation_id)
    return None if found is None else found.row


async def paper_of_event(connection: Connection, dossier_code: str, event: int) -> ConfirmationRow | None:
    """The paper of one line of a dossier's history."""
    found = await _one(connection, "c.dossier_code = $3 AND c.event_number = $4", dossier_code, event)
    return None if found is None else found.row


async def find_by_code(connection: Connection, code_hashes: Sequence[bytes]) -> FoundPaper | None:
    """The paper with that printed code (its hashes under every kept key)."""
    return await _one(connection, "c.code_hash = ANY($3::bytea[])", list(code_hashes))


async def find_by_file(connection: Connection, digest: bytes) -> FoundPaper | None:
    """The paper that a signed file was made of."""
    return await _one(
        connection,
        "c.confirmation_id = (SELECT f.confirmation_id FROM confirmation_file f WHERE f.digest = $3)",
        digest,
    )


async def remember_file(connection: Connection, digest: bytes, confirmation_id: UUID) -> None:
    """Note that this file leaves; repeating it changes nothing."""
    await connection.execute(
        "INSERT INTO confirmation_file (digest, confirmation_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        digest,
        confirmation_id,
    )


async def spend(
    connection: Connection, key: bytes, scope: str, window_start: datetime, amount: int = 1
) -> int:
    """Count against a budget of its own; answers what is spent now. An amount of 0 only looks."""
    if not amount:
        found = await connection.fetchval(
            "SELECT spent FROM guessing_budget "
            "WHERE key = $1 AND scope = $2 AND window_start IS NOT DISTINCT FROM $3",
            key,
            scope,
            window_start,
        )
        return cast("int", found or 0)
    found = await connection.fetchval(
        "INSERT INTO guessing_budget AS budget (key, scope, window_start, spent) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (key, scope, window_start) DO UPDATE SET spent = budget.spent + excluded.spent RETURNING spent",
        key,
        scope,
        window_start,
        amount,
    )
    return cast("int", found)


async def _one(connection: Connection, condition: str, *values: object) -> FoundPaper | None:
    columns = ", ".join(f"c.{name}" for name in _COLUMNS.split(", "))
    rows = cast(
        "Sequence[Sequence[Any]]",
        await connection.fetch(
            f"SELECT {columns}, {_WITHDRAWN}, later.* FROM confirmation c "  # noqa: S608 -- as above
            f"LEFT JOIN LATERAL ({NEWEST}) later ON true WHERE {condition}",
            *FORMS,
            *values,
        ),
    )
    if not rows:
        return None
    *cells, withdrawn, form, at = rows[0]
    cells[9] = orjson.loads(cells[9])
    return FoundPaper(ConfirmationRow(*cells), withdrawn, None if form is None else Superseding(form, at))
