"""What the account centre shows a person of themselves: history, living sessions, known clients."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncEngine

from idp.domain.client import Client
from idp.domain.session import Participant, Session
from idp.ports import HistoryEntry
from idp.storage import codecs
from idp.storage.clients import Clients
from idp.storage.postgres.engine import read_only
from idp.storage.postgres.tables import AUDIT_EVENT
from idp.storage.redis import keys
from idp.storage.redis.pipelining import PipeliningConnection
from idp.storage.redis.scripts import run

_END: Final = 2**63 - 1
_HISTORY: Final = (
    select(AUDIT_EVENT)
    .where(AUDIT_EVENT.c.account_id == bindparam("account"), AUDIT_EVENT.c.seq < bindparam("before"))
    .order_by(AUDIT_EVENT.c.seq.desc())
    .limit(bindparam("most"))
)


class StoredRecords:
    """The adapter of :class:`idp.ports.AccountRecords`."""

    def __init__(
        self,
        engine: AsyncEngine,
        redis: PipeliningConnection,
        clients: Clients,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._engine = engine
        self._redis = redis
        self._clients = clients
        self._now = now

    async def history(
        self, account_id: str, *, limit: int = 50, before: int | None = None
    ) -> tuple[HistoryEntry, ...]:
        """The newest lines of the audit log about this account, newest first."""
        end = _END if before is None else before
        asked = {"account": account_id, "most": limit, "before": end}
        async with read_only(self._engine) as connection:
            rows = (await connection.execute(_HISTORY, asked)).all()
        return tuple(
            HistoryEntry(
                row.at // 1000,
                row.kind,
                row.client_id,
                row.acr,
                tuple(row.claims.split()),
                row.reason,
                row.seq,
                row.at,
            )
            for row in rows
        )

    async def line(self, account_id: str, seq: int) -> HistoryEntry | None:
        """One line of this account's history by its place; None for another account's."""
        found = await self.history(account_id, limit=1, before=seq + 1)
        return found[0] if found and found[0].seq == seq else None

    async def sessions(self, account_id: str) -> tuple[Session, ...]:
        """Living browser sessions of this account and of nobody else, newest first."""
        index = keys.account_sessions(account_id)
        (members,) = await run(self._redis, ("ZRANGE", index, 0, -1))
        digests = [bytes.fromhex(member.decode().rpartition(":")[2]) for member in members]
        bodies = await run(self._redis, *(("GET", keys.session(digest)) for digest in digests))
        found = (codecs.read_session(body) for body in bodies if body is not None)
        living = [
            each
            for each in found
            if each is not None and each.account_id == account_id and each.expires_at > self._now()
        ]
        return tuple(sorted(living, key=lambda each: each.created_at, reverse=True))

    async def participants(self, session_ids: Sequence[str]) -> Mapping[str, tuple[Participant, ...]]:
        """The clients that took part in each of these sessions and must hear of its end."""
        if not session_ids:
            return {}
        replies = await run(self._redis, *(("HGETALL", keys.participants(each)) for each in session_ids))
        return {
            session_id: tuple(participant for participant, _ in codecs.read_participants(reply))
            for session_id, reply in zip(session_ids, replies, strict=True)
        }

    async def clients(self) -> Mapping[str, Client]:
        """Every registered client by id, from the in-process snapshot."""
        (version,) = await run(self._redis, ("GET", keys.CLIENTS_VERSION))
        if not self._clients.agrees(version):
            await self._clients.read(version)
        return self._clients.all
