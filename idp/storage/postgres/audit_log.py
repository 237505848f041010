"""The audit log: one statement for a whole batch of rows, each a leaf of the Merkle tree in the order of ``seq``."""

from collections.abc import Sequence
from typing import Any, Final

import orjson

from idp.domain.audit import AuditEvent
from keys import merkle

Row = tuple[int, str, str | None, str | None, str | None, str | None, str, str | None]
"""at (epoch milliseconds), kind, account, client, grant, acr, claims, reason."""

_COLUMNS: Final = "at, kind, account_id, client_id, grant_id, acr, claims, reason"
APPEND: Final = f"""
WITH tail AS (UPDATE audit_tail SET size = size + $1 RETURNING size - $1 AS base)
INSERT INTO audit_event (seq, {_COLUMNS})
SELECT tail.base + entry.place - 1, {_COLUMNS}
FROM tail, unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
    WITH ORDINALITY AS entry ({_COLUMNS}, place)
"""  # noqa: S608 - constants only
READ: Final = f"SELECT seq, {_COLUMNS} FROM audit_event WHERE seq >= $1 AND seq < $2 ORDER BY seq"  # noqa: S608 - constants


def row(event: AuditEvent, at: int) -> Row:
    """The row of an event that happened at ``at`` (epoch milliseconds)."""
    return (
        *(at, event.kind.value, event.account_id, event.client_id, event.grant_id, event.acr),
        *(" ".join(event.claims), event.reason),
    )


def arguments(rows: Sequence[Row]) -> tuple[Any, ...]:
    """What :data:`APPEND` takes: the number of rows, then one array per column."""
    return (len(rows), *zip(*rows, strict=True))


def leaf(record: Sequence[Any]) -> bytes:
    """The leaf hash of one record (``seq`` first): RFC 9162 section 2.1 over compact JSON."""
    return merkle.leaf_hash(orjson.dumps(tuple(record)))
