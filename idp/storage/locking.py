"""Locking and unlocking an account (Law on Identity 26/2023, Art. 34): at once, everywhere."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sqlalchemy import ARRAY, Text, case, cast, func, insert, literal, update
from sqlalchemy.ext.asyncio import AsyncEngine

from idp.domain.account import AccountStatus
from idp.domain.audit import AuditEvent, AuditKind
from idp.storage.accounts import Accounts
from idp.storage.lasting import append
from idp.storage.postgres.audit_log import row
from idp.storage.postgres.failures import unavailable
from idp.storage.postgres.tables import ACCOUNT, LOGOUT_DELIVERY
from idp.storage.records import StoredRecords
from idp.storage.redis.pipelining import PipeliningConnection
from idp.storage.redis.sweeping import end_sessions_of, kill_grants_of

_REASONS: Final = ACCOUNT.c.lock_reasons


class Locks:
    """Locks stack: an account is active again when its last lock reason is gone."""

    def __init__(
        self,
        engine: AsyncEngine,
        redis: PipeliningConnection,
        accounts: Accounts,
        records: StoredRecords,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._engine = engine
        self._redis = redis
        self._accounts = accounts
        self._records = records
        self._now = now

    async def lock(self, account_id: str, reason: str) -> bool:
        """Lock the account, end its sessions and grants, have its services told; False for none or a closed one.

        Order: new epoch, PostgreSQL, new epoch, sweep. Whoever decided on the active account either finds the
        epoch moved or is swept. Raises :class:`idp.ports.Unavailable`; repeat it then, it is repeatable.
        """
        values = {
            "status": AccountStatus.LOCKED.value,
            "lock_reasons": func.array_append(func.array_remove(_REASONS, reason), reason, type_=ARRAY(Text)),
        }
        async with self._accounts.change(account_id):
            notices = await self._notices(account_id)
            found = await self._flip(account_id, values, AuditKind.ACCOUNT_LOCKED, reason, notices)
        await end_sessions_of(self._redis, account_id)
        await kill_grants_of(self._redis, account_id)
        return found

    async def unlock(self, account_id: str, reason: str) -> bool:
        """Take one lock reason away; False when there is no such account. Sessions and grants stay ended."""
        left = func.array_remove(_REASONS, reason, type_=ARRAY(Text))
        active = cast(literal(AccountStatus.ACTIVE.value), Text)
        values = {
            "status": case((func.cardinality(left) == 0, active), else_=ACCOUNT.c.status),
            "lock_reasons": left,
        }
        async with self._accounts.change(account_id):
            return await self._flip(account_id, values, AuditKind.ACCOUNT_UNLOCKED, reason)

    async def _notices(self, account_id: str) -> list[Mapping[str, object]]:
        """One logout notice per service and subject of a living session.

        A ``sub`` without ``sid`` ends all sessions there (OIDC Back-Channel Logout 1.0, section 2.4).
        """
        sessions = await self._records.sessions(account_id)
        taking_part = await self._records.participants([each.session_id for each in sessions])
        clients = await self._records.clients()
        subjects = {(each.client_id, each.subject) for some in taking_part.values() for each in some}
        return [
            {"client_id": client_id, "uri": uri, "subject": subject, "sid": None, "next_at": int(self._now())}
            for client_id, subject in sorted(subjects)
            if (client := clients.get(client_id))
            and not client.disabled
            and (uri := client.backchannel_logout_uri)
        ]

    async def _flip(
        self,
        account_id: str,
        values: Mapping[str, object],
        kind: AuditKind,
        reason: str,
        notices: Sequence[Mapping[str, object]] = (),
    ) -> bool:
        statement = (
            update(ACCOUNT)
            .where(ACCOUNT.c.account_id == account_id, ACCOUNT.c.status != AccountStatus.CLOSED.value)
            .values(**values, epoch=ACCOUNT.c.epoch + 1)
        )
        event = AuditEvent(kind, account_id=account_id, reason=reason)
        async with unavailable(), self._engine.begin() as connection:
            found = (await connection.execute(statement)).rowcount == 1
            if found:
                if notices:
                    await connection.execute(insert(LOGOUT_DELIVERY), notices)
                await append(connection, [row(event, int(self._now() * 1000))])
        return found
