"""Grows the Merkle tree over the access log after the rows are committed, and signs its heads (attacks.md 54).

Rows carry the number of their transaction (`written_in`). What is below the oldest transaction still running is
final: nothing will be committed there any more. So the order by transaction and entry id never changes, and rows are
entered behind their writers, who wait for nothing. One process at a time does it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from keys import KeyPurpose, KeyRing, merkle
from keys.merkle_nodes import WIDTH, completed_nodes
from population_registry.storage.connections import Connection, Pool
from population_registry.storage.history import COLUMNS, entry_of
from population_registry.storage.transactions import transaction
from population_registry.verification.access_leaves import leaf_of

HEAD_TYPE: Final = "audit-head+jwt"
CHUNK: Final = 5_000
MOST_AT_ONCE: Final = 20 * CHUNK
"""Rows of one head at most, so that a long backlog is signed in pieces."""
_ONE_AT_A_TIME: Final = "SELECT pg_try_advisory_xact_lock(7065129)"
_CLUSTER: Final = "SELECT system_identifier FROM pg_control_system()"
_LAST: Final = (
    "SELECT size, frontier, last_xact, last_entry, cluster FROM access_head ORDER BY size DESC LIMIT 1"
)
_NEXT: Final = f"""
SELECT {COLUMNS}, written_in FROM access_log
 WHERE (written_in, entry_id) > ($1, $2) AND written_in >= $1
   AND written_in < (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint
 ORDER BY written_in, entry_id LIMIT {CHUNK}
"""  # noqa: S608 -- constants


class LogMoved(Exception):
    """The database is not the one in which the tree grew (a restored copy): transactions count anew there."""


@dataclass(slots=True)
class _State:
    """Where the tree ends."""

    frontier: merkle.Frontier
    last_xact: int
    last_entry: UUID


class LogTree:
    """The tree of one registry."""

    def __init__(self, ring: KeyRing, issuer: str, clock: Callable[[], datetime]) -> None:
        self._ring, self._issuer, self._clock = ring, issuer, clock

    def pseudonym(self, text: str) -> bytes:
        """The keyed hash that stands for a person in a leaf."""
        return self._ring.lookup_hash("registry.access-leaf", text)

    async def grow(self, pool: Pool) -> int | None:
        """Enter what is final and sign a head; the new size, or None where nothing is new or another process works.

        Raises:
            LogMoved: the log was restored into another database.
            asyncpg.PostgresError, OSError: nothing was entered.
        """
        async with transaction(pool) as connection:
            if not await connection.fetchval(_ONE_AT_A_TIME):
                return None
            cluster = cast("int", await connection.fetchval(_CLUSTER))
            state = await _end_of(connection, cluster)
            before = state.frontier.size
            while state.frontier.size - before < MOST_AT_ONCE:
                rows = await connection.fetch(_NEXT, state.last_xact, state.last_entry)
                if not rows:
                    break
                await self._enter(connection, state, rows)
            if state.frontier.size == before:
                return None
            await self._sign(connection, state, cluster)
        return state.frontier.size

    async def _enter(self, connection: Connection, state: _State, rows: Sequence[Sequence[object]]) -> None:
        # A piece is computed, then written: between two of them the process answers whoever waits.
        for piece in _pieces(rows):
            entries = [entry_of(row[:-1]) for row in piece]
            leaves = [leaf_of(entry, self.pseudonym) for entry in entries]
            first, nodes = state.frontier.size, []
            for leaf in leaves:
                completed = state.frontier.append(leaf)
                nodes += completed_nodes(state.frontier.size, completed)
            state.last_xact, state.last_entry = cast("int", piece[-1][-1]), entries[-1].entry_id
            await connection.execute(
                "INSERT INTO access_segment (first, entries, leaves, first_xact, last_xact) "
                "VALUES ($1, $2, $3, $4, $5)",
                *(first, [e.entry_id for e in entries], b"".join(leaves), piece[0][-1], piece[-1][-1]),
            )
            for level, number, node in nodes:
                await connection.execute(
                    "INSERT INTO access_node (level, number, hash) VALUES ($1, $2, $3)", level, number, node
                )

    async def _sign(self, connection: Connection, state: _State, cluster: int) -> None:
        now, root = self._clock(), state.frontier.root()
        self._ring.reload_if_changed()
        claims = {
            "iss": self._issuer,
            "iat": int(now.timestamp()),
            "tree_size": state.frontier.size,
            "root": root.hex(),
        }
        await connection.execute(
            "INSERT INTO access_head (size, root, frontier, signed, at, last_xact, last_entry, cluster) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            *(state.frontier.size, root, b"".join(state.frontier.hashes)),
            self._ring.signer(KeyPurpose.AUDIT_HEAD).sign(claims, typ=HEAD_TYPE),
            *(now, state.last_xact, state.last_entry, cluster),
        )


async def _end_of(connection: Connection, cluster: int) -> _State:
    rows = await connection.fetch(_LAST)
    if not rows:
        return _State(merkle.Frontier(), 0, UUID(int=0))
    size, joined, last_xact, last_entry, grown_in = cast("tuple[int, bytes, int, UUID, int]", tuple(rows[0]))
    if grown_in != cluster:
        raise LogMoved
    return _State(merkle.Frontier.restore(size, hashes_of(joined)), last_xact, last_entry)


def hashes_of(joined: bytes) -> list[bytes]:
    """Hashes that were stored one behind the other."""
    return [joined[at : at + merkle.HASH_BYTES] for at in range(0, len(joined), merkle.HASH_BYTES)]


def _pieces(rows: Sequence[Sequence[object]]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), WIDTH):
        yield rows[start : start + WIDTH]
