"""Proofs that were used, shared by all processes: a proof serves once (of DPoP: RFC 9449 section 11.1)."""

from collections.abc import Sequence
from datetime import datetime

from population_registry.storage.connections import Connection


async def spend_proofs(connection: Connection, proofs: Sequence[tuple[bytes, datetime]]) -> list[bool]:
    """Take each proof (digest, end of its time) for its request; False when another request has it.

    One statement, hence no race; of requests that bring the same proof together the first one has it.

    Raises:
        asyncpg.PostgresError, OSError: unknown whether they were taken; the requests must not go on.
    """
    rows = await connection.fetch(
        "INSERT INTO dpop_proof (digest, ends) SELECT * FROM unnest($1::bytea[], $2::timestamptz[]) AS row(d, e) "
        "ORDER BY d ON CONFLICT (digest) DO NOTHING RETURNING digest",
        [digest for digest, _ in proofs],
        [ends for _, ends in proofs],
    )
    taken = {row[0] for row in rows}
    found = []
    for digest, _ in proofs:
        found.append(digest in taken)
        taken.discard(digest)
    return found


async def forget_proofs(connection: Connection, now: datetime) -> None:
    """Delete proofs that are too old to be accepted; safe to call from several processes."""
    await connection.execute("DELETE FROM dpop_proof WHERE ends < $1", now)
