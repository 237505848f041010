"""Signed heads of the audit log: what was written before a head cannot be changed, removed or reordered unseen.

A head is the root of the Merkle tree (RFC 9162) over all rows, signed with a key that the database does not
have. One process at a time signs. Rows newer than the last head are protected by the count of the tail only.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import desc, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from idp.ports import Unavailable
from idp.storage.postgres.audit_log import READ, leaf
from idp.storage.postgres.failures import unavailable
from idp.storage.postgres.tables import AUDIT_HEAD, AUDIT_TAIL
from keys import KeyPurpose, KeyRing, VerificationFailed, merkle

EVERY: Final = 2.0
"""Seconds between two looks for new rows."""
TYPE: Final = "audit-head+jwt"
_CHUNK: Final = 5_000
_ONE_SIGNER: Final = text("SELECT pg_try_advisory_xact_lock(4207001)")
_log = logging.getLogger(__name__)


class AuditBroken(Exception):
    """The log is not what was signed: ``what`` is language-free, ``seq`` the first place known to be wrong."""

    def __init__(self, what: str, seq: int) -> None:
        super().__init__(f"{what} at {seq}")
        self.what = what
        self.seq = seq


@dataclass(frozen=True, slots=True)
class Verified:
    """What was checked: rows in the log, heads over them, rows after the last head."""

    rows: int
    heads: int
    unsigned: int


class AuditHeads:
    """Signs heads, and checks the whole log against them."""

    def __init__(
        self, engine: AsyncEngine, ring: KeyRing, *, issuer: str, now: Callable[[], float] = time.time
    ) -> None:
        self._engine = engine
        self._ring = ring
        self._issuer = issuer
        self._now = now

    async def run(self) -> None:
        """Sign whenever there are new rows, until cancelled."""
        while True:
            try:
                await self.sign()
            except Unavailable:
                _log.warning("audit head not signed: PostgreSQL is away")
            except AuditBroken as broken:
                _log.critical("audit head not signed, run audit-verify: %s", broken)
            await asyncio.sleep(EVERY)

    async def sign(self) -> int | None:
        """Sign a head over all rows; its size, or None when there is nothing new or another process is signing.

        Raises :class:`Unavailable`, and :class:`AuditBroken` when rows are missing.
        """
        async with unavailable(), self._engine.begin() as connection:
            if not (await connection.execute(_ONE_SIGNER)).scalar_one():
                return None
            tail: int = (await connection.execute(select(AUDIT_TAIL.c.size))).scalar_one()
            frontier = await _last_frontier(connection)
            if frontier.size >= tail:
                return None
            async with _records(connection, frontier.size, tail) as chunks:
                async for records in chunks:
                    for record in records:
                        if record[0] != frontier.size:
                            raise AuditBroken("row missing", frontier.size)
                        frontier.append(leaf(record))
            if frontier.size != tail:
                raise AuditBroken("row missing", frontier.size)
            await connection.execute(insert(AUDIT_HEAD).values(self._head(frontier)))
        return tail

    def _head(self, frontier: merkle.Frontier) -> dict[str, object]:
        root = frontier.root()
        claims = {
            "iss": self._issuer,
            "iat": int(self._now()),
            "tree_size": frontier.size,
            "root": root.hex(),
        }
        signed = self._ring.signer(KeyPurpose.AUDIT_HEAD).sign(claims)
        return {
            "size": frontier.size,
            "root": root,
            "frontier": b"".join(frontier.hashes),
            "signed": signed,
        }

    async def verify(self) -> Verified:
        """Recompute the tree over every row and compare it with every signed head.

        Raises :class:`AuditBroken` at the first difference, and :class:`Unavailable`.
        """
        snapshot = self._engine.execution_options(isolation_level="REPEATABLE READ")
        async with unavailable(), snapshot.connect() as connection:
            heads = (
                (await connection.execute(select(AUDIT_HEAD).order_by(AUDIT_HEAD.c.size))).mappings().all()
            )
            tail = (await connection.execute(select(AUDIT_TAIL.c.size))).scalar_one()
            signed = {head["size"]: self._signed_root(head["size"], head["signed"]) for head in heads}
            frontier = merkle.Frontier()
            last = max(signed, default=0)
            async with _records(connection, 0, 1 << 62) as chunks:
                async for records in chunks:
                    for record in records:
                        if record[0] != frontier.size:
                            raise AuditBroken("row missing", frontier.size)
                        frontier.append(leaf(record))
                        expected = signed.get(frontier.size)
                        if expected is not None and frontier.root().hex() != expected:
                            raise AuditBroken("row changed before head", frontier.size)
        if frontier.size < max(last, tail):
            raise AuditBroken("newest rows missing", frontier.size)
        if frontier.size > tail:
            raise AuditBroken("rows beyond the tail", tail)
        return Verified(frontier.size, len(heads), frontier.size - last)

    def _signed_root(self, size: int, signed: str) -> str:
        try:
            claims = self._ring.public_keys(KeyPurpose.AUDIT_HEAD).verify(
                signed, algorithms=("ES256", "EdDSA"), typ=TYPE
            )
        except VerificationFailed as failure:
            raise AuditBroken("head not signed by us", size) from failure
        if claims.get("tree_size") != size or claims.get("iss") != self._issuer:
            raise AuditBroken("head moved", size)
        return str(claims["root"])


async def _last_frontier(connection: AsyncConnection) -> merkle.Frontier:
    head = (
        await connection.execute(
            select(AUDIT_HEAD.c.size, AUDIT_HEAD.c.frontier).order_by(desc(AUDIT_HEAD.c.size)).limit(1)
        )
    ).one_or_none()
    if head is None:
        return merkle.Frontier()
    width = merkle.HASH_BYTES
    parts = [head.frontier[start : start + width] for start in range(0, len(head.frontier), width)]
    return merkle.Frontier.restore(head.size, parts)


@asynccontextmanager
async def _records(
    connection: AsyncConnection, start: int, end: int
) -> AsyncIterator[AsyncIterator[Sequence[Any]]]:
    """Rows from ``start`` to before ``end`` in order, some thousand at a time."""
    raw = await connection.get_raw_connection()
    driver: Any = raw.driver_connection

    async def chunks() -> AsyncIterator[Sequence[Any]]:
        place = start
        while records := await driver.fetch(READ + f" LIMIT {_CHUNK}", place, end):
            yield records
            place = records[-1][0] + 1

    yield chunks()
