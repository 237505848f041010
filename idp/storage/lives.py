"""Where an account stands, changed in one place: the rule decides on the locked row; what must end ends at once."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from secrets import token_hex
from typing import Any, Final

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from idp.accounts import acts
from idp.accounts.acts import Act
from idp.accounts.life import Actor, Life, LockReason, NotAllowed
from idp.domain.account import AccountStatus, AccountType
from idp.domain.audit import AuditEvent
from idp.domain.writes import KeepCase, NotifyLogout, SendMail
from idp.storage import own_records
from idp.storage.accounts import Accounts
from idp.storage.holds import queue_hold
from idp.storage.lasting import append
from idp.storage.outbox import Bell
from idp.storage.postgres.audit_log import row
from idp.storage.postgres.engine import read_only
from idp.storage.postgres.failures import unavailable
from idp.storage.postgres.tables import (
    ACCOUNT,
    ACCOUNT_LINK,
    DEVICE_KEY,
    LOGOUT_DELIVERY,
    MAIL_OUTBOX,
    PASSKEY,
    RECOVERY_CODE,
)
from idp.storage.records import StoredRecords
from idp.storage.redis.pipelining import PipeliningConnection
from idp.storage.redis.sweeping import end_sessions_of, kill_grants_of
from idp.storage.registrations import RowGone
from idp.storage.vault import Vault

First = Callable[[AsyncConnection], Awaitable[bool]]
"""Asked once the row is locked, before the rule; no: nothing is to be done, and that is kept."""
Also = Callable[[AsyncConnection], Awaitable[None]]
"""What belongs into the same transaction, after the rule allowed the change."""
_SEE: Final = select(
    *(ACCOUNT.c.account_type, ACCOUNT.c.level, ACCOUNT.c.status, ACCOUNT.c.lock_reasons),
    *(ACCOUNT.c.noticed_at, ACCOUNT.c.activated_at, ACCOUNT.c.email, ACCOUNT.c.locale),
).where(ACCOUNT.c.account_id == bindparam("account"))
_READ: Final = _SEE.with_for_update()


class Lives:
    """Applies acts of :mod:`idp.accounts.acts`, one at a time per account."""

    def __init__(
        self,
        engine: AsyncEngine,
        redis: PipeliningConnection,
        accounts: Accounts,
        records: StoredRecords,
        vault: Vault,
        bells: Mapping[type, Bell],
        hold_bell: Bell,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._engine = engine
        self._redis = redis
        self._accounts = accounts
        self._records = records
        self._vault = vault
        self._bells = bells
        self._hold_bell = hold_bell
        self._now = now

    async def lock(self, account_id: str, reason: str) -> bool:
        """Lock in the centre's name (the command line); False for none or a closed one."""
        return await self._flip(account_id, acts.lock(LockReason(reason), Actor.CENTRE))

    async def unlock(self, account_id: str, reason: str) -> bool:
        """Lift one reason in the centre's name; False for none, a closed one, or a reason that is never lifted."""
        return await self._flip(account_id, acts.unlock(LockReason(reason), Actor.CENTRE))

    async def _flip(self, account_id: str, act: Act) -> bool:
        try:
            return await self.apply(account_id, act) is not None
        except NotAllowed:
            return False

    async def apply(
        self,
        account_id: str,
        act: Act,
        *,
        changes: Mapping[str, object] | None = None,
        first: First | None = None,
        also: Also | None = None,
        beside: KeepCase | None = None,
        contacts: Mapping[str, str] | None = None,
        anew: str | None = None,
    ) -> Life | None:
        """Where the account stands afterwards; None when there is none. Raises NotAllowed, and Unavailable.

        Order: new epoch, PostgreSQL, new epoch, sweep. Whoever decided on the account as it was either finds the
        epoch moved or is swept (decision 0003). Repeating it does no harm. ``changes`` are further columns, sealed.
        """
        if contacts:
            changes = {**(changes or {}), **self._accounts.contacts(account_id, contacts)}
        if anew is not None:
            changes = {**(changes or {}), "password_hash": anew, "totp_secret": None}
            also = partial(forget, account_id)
        if beside is not None:
            also = partial(self._keep_case, beside)
        async with self._accounts.change(account_id):
            notices = await self._notices(account_id)
            after = await self._write(account_id, act, changes or {}, notices, first, also)
        if after is not None and ends(act, after):
            await end_sessions_of(self._redis, account_id)
            await kill_grants_of(self._redis, account_id)
            self._bells[NotifyLogout].ring()
        if act.mail is not None:
            self._bells[SendMail].ring()
        self._hold_bell.ring()
        return after

    async def standing(self, account_id: str) -> Life | None:
        """Where the account stands now; None when there is none. Raises Unavailable."""
        async with read_only(self._engine) as connection:
            found = (await connection.execute(_SEE, {"account": account_id})).mappings().one_or_none()
        return None if found is None else life_of(found)

    async def remember(self, work: First) -> bool:
        """What is kept although no account changes; in a transaction of its own. Raises Unavailable."""
        async with unavailable(), self._engine.begin() as connection:
            kept = await work(connection)
        self._bells[SendMail].ring()
        return kept

    async def _write(
        self,
        account_id: str,
        act: Act,
        changes: Mapping[str, object],
        notices: Sequence[Mapping[str, object]],
        first: First | None,
        also: Also | None,
    ) -> Life | None:
        async with unavailable(), self._engine.begin() as connection:
            found = (await connection.execute(_READ, {"account": account_id})).mappings().one_or_none()
            if found is None:
                return None
            before = life_of(found)
            if first is not None and not await first(connection):
                return before
            after = act.transition(before)
            if after == before and not changes and also is None:
                return after
            await connection.execute(
                update(ACCOUNT)
                .where(ACCOUNT.c.account_id == account_id)
                .values(**columns_of(after), **changes, epoch=ACCOUNT.c.epoch + 1)
            )
            if before.held is not after.held:
                await queue_hold(connection, account_id, int(self._now()))
            if also is not None:
                await also(connection)
            if notices and ends(act, after):
                await connection.execute(insert(LOGOUT_DELIVERY), notices)
            if act.mail is not None and found["email"] is not None:
                to = self._accounts.opened_email(account_id, found["email"])
                await self.mail(connection, SendMail(to, act.mail, found["locale"], act.mail_values))
            event = AuditEvent(act.kind, account_id, claims=act.items, reason=act.because)
            await append(connection, [row(event, int(self._now() * 1000))])
        return after

    async def _keep_case(self, case: KeepCase, connection: AsyncConnection) -> None:
        try:
            await own_records.apply(connection, case, self._vault, int(self._now()))
        except RowGone:
            raise NotAllowed("case_changed") from None

    async def mail(self, connection: AsyncConnection, message: SendMail) -> None:
        """Queue a message in the transaction of ``connection``."""
        record_id = token_hex(16)
        sealed = self._vault.message(message, record_id)
        await connection.execute(
            insert(MAIL_OUTBOX).values(record_id=record_id, message=sealed, next_at=int(self._now()))
        )

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


async def forget(account_id: str, connection: AsyncConnection) -> None:
    """No passkey, phone, recovery code or link of a former holder opens the account any more."""
    for table in (PASSKEY, DEVICE_KEY, RECOVERY_CODE, ACCOUNT_LINK):
        await connection.execute(delete(table).where(table.c.account_id == account_id))


def ends(act: Act, after: Life) -> bool:
    """Whether sessions and grants end: always when the account is no longer in use."""
    return act.ends_sessions or after.status is not AccountStatus.ACTIVE


def life_of(found: Mapping[Any, Any]) -> Life:
    """Where a row stands; a lock reason that nobody knows any more still locks, as one of an operator."""
    known = {each.value for each in LockReason}
    reasons = (LockReason(each) if each in known else LockReason.OPERATOR for each in found["lock_reasons"])
    return Life(
        AccountType(found["account_type"]),
        found["level"],
        AccountStatus(found["status"]),
        frozenset(reasons),
        found["noticed_at"],
        found["activated_at"],
    )


def columns_of(life: Life) -> dict[str, object]:
    """The columns that say where an account stands."""
    return {
        "level": life.level,
        "status": life.status.value,
        "lock_reasons": sorted(life.reasons),
        "noticed_at": life.noticed_at,
        "activated_at": life.activated_at,
    }
