"""DPoP proofs that were used, shared by all processes: a proof serves once (RFC 9449 section 11.1)."""

from datetime import datetime

from population_registry.storage.connections import Connection


async def spend_proof(connection: Connection, digest: bytes, ends: datetime) -> bool:
    """Take a proof for this request; False when another request has it. One statement, hence no race.

    Raises:
        asyncpg.PostgresError, OSError: unknown whether it was taken; the request must not go on.
    """
    taken = await connection.fetchval(
        "INSERT INTO dpop_proof (digest, ends) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING RETURNING 1",
        digest,
        ends,
    )
    return taken is not None


async def forget_proofs(connection: Connection, now: datetime) -> None:
    """Delete proofs that are too old to be accepted; safe to call from several processes."""
    await connection.execute("DELETE FROM dpop_proof WHERE ends < $1", now)
