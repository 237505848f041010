"""Writes that last beyond Redis: consents, password hashes, and the outboxes of logout notices and mail."""

import time
from collections.abc import Callable, Sequence
from secrets import token_hex
from typing import Any, Final

from sqlalchemy import delete, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from idp.domain.writes import (
    AddDevice,
    AddPasskey,
    ConsentWrite,
    CredentialWrite,
    DeviceWrite,
    LinkWrite,
    MessageWrite,
    NotifyLogout,
    OwnRecordWrite,
    PasskeyWrite,
    PingClient,
    RegistrationWrite,
    RememberConsent,
    RemoveDevice,
    RemovePasskey,
    ReportMisuse,
    SendMail,
    UpgradePassword,
    WithdrawConsent,
)
from idp.storage import credentials, devices, links, own_records, passkeys
from idp.storage.postgres.audit_log import APPEND, Row, arguments
from idp.storage.postgres.failures import unavailable
from idp.storage.postgres.tables import ACCOUNT, CONSENT, LOGOUT_DELIVERY, MAIL_OUTBOX, PING_OUTBOX
from idp.storage.registrations import REGISTERING, apply
from idp.storage.vault import Vault

LASTING: Final = (
    *(RememberConsent, WithdrawConsent, UpgradePassword, NotifyLogout, SendMail, PingClient),
    *REGISTERING,
    *passkeys.WRITES,
    *credentials.WRITES,
    *devices.WRITES,
    *own_records.WRITES,
    *links.WRITES,
)
CHANGES_ACCOUNT: Final = (
    *(RememberConsent, WithdrawConsent, AddPasskey, RemovePasskey, AddDevice, RemoveDevice),
    *credentials.CHANGES,
)
LastingWrite = (
    ConsentWrite
    | UpgradePassword
    | MessageWrite
    | PingClient
    | RegistrationWrite
    | PasskeyWrite
    | CredentialWrite
    | DeviceWrite
    | OwnRecordWrite
    | LinkWrite
)


class Lasting:
    """Applies lasting writes and their audit rows in one transaction.

    ``queued`` is called with the kind of outbox that got work, once it is committed.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        vault: Vault,
        *,
        queued: Callable[[type], None],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._engine = engine
        self._vault = vault
        self._queued = queued
        self._now = now

    async def write(self, writes: Sequence[LastingWrite], rows: Sequence[Row]) -> None:
        """All of it or nothing. Raises :class:`idp.ports.Unavailable`, and RowGone when a race was lost."""
        async with unavailable(), self._engine.begin() as connection:
            for write in writes:
                await self._apply(connection, write)
            if rows:
                await append(connection, rows)
        for kind in (NotifyLogout, SendMail, PingClient, ReportMisuse):
            if any(isinstance(write, kind) for write in writes):
                self._queued(kind)

    async def _apply(self, connection: AsyncConnection, write: LastingWrite) -> None:
        if isinstance(write, REGISTERING):
            await apply(connection, write, self._vault)
        elif isinstance(write, links.WRITES):
            await links.apply(connection, write, self._vault)
        elif isinstance(write, own_records.WRITES):
            await own_records.apply(connection, write, self._vault, int(self._now()))
        elif isinstance(write, credentials.WRITES):
            await credentials.apply(connection, write, self._vault)
        elif isinstance(write, devices.WRITES):
            await devices.apply(connection, write, self._vault)
        elif isinstance(write, passkeys.WRITES):
            await passkeys.apply(connection, write, self._vault)
        else:
            await connection.execute(self._statement(write))

    def _statement(self, write: LastingWrite) -> Any:
        now = int(self._now())
        match write:
            case RememberConsent():
                items = sorted(write.items)
                statement = insert(CONSENT).values(
                    account_id=write.account_id, client_id=write.client_id, items=items, given_at=now
                )
                return statement.on_conflict_do_update(
                    index_elements=[CONSENT.c.account_id, CONSENT.c.client_id],
                    set_={"items": items, "given_at": now},
                )
            case WithdrawConsent():
                return delete(CONSENT).where(
                    CONSENT.c.account_id == write.account_id, CONSENT.c.client_id == write.client_id
                )
            case UpgradePassword():
                return (
                    update(ACCOUNT)
                    .where(ACCOUNT.c.account_id == write.account_id)
                    .values(password_hash=write.password_hash)
                )
            case NotifyLogout():
                return plain_insert(LOGOUT_DELIVERY).values(
                    client_id=write.client_id,
                    uri=write.uri,
                    subject=write.subject,
                    sid=write.sid,
                    next_at=now,
                )
            case PingClient():
                record_id = token_hex(16)
                sealed = self._vault.ping(write, record_id)
                return plain_insert(PING_OUTBOX).values(
                    client_id=write.client_id, record_id=record_id, message=sealed, next_at=now
                )
            case SendMail():
                record_id = token_hex(16)
                return plain_insert(MAIL_OUTBOX).values(
                    record_id=record_id, message=self._vault.message(write, record_id), next_at=now
                )


async def append(connection: AsyncConnection, rows: Sequence[Row]) -> None:
    """Append audit rows in the transaction of ``connection``, which must have begun (executed something)."""
    raw = await connection.get_raw_connection()
    driver: Any = raw.driver_connection
    await driver.fetch(APPEND, *arguments(rows))
