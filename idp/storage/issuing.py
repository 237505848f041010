"""Issuing an account: the request's link is spent, the account begins, the result notice goes out, all or nothing."""

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from idp.accounts.acts import Act
from idp.accounts.life import Life
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.link import Link
from idp.domain.writes import SendMail
from idp.ports import NewAccount
from idp.storage.accounts import Accounts, Secrets
from idp.storage.lasting import append
from idp.storage.links import row_of, used
from idp.storage.lives import Lives, columns_of
from idp.storage.postgres.audit_log import row
from idp.storage.postgres.tables import ACCOUNT, ACCOUNT_LINK
from idp.storage.vault import Vault


class Issuing:
    """The adapter of :class:`idp.ports.AccountIssuing`."""

    def __init__(
        self, lives: Lives, accounts: Accounts, vault: Vault, *, now: Callable[[], float] = time.time
    ) -> None:
        self._lives = lives
        self._accounts = accounts
        self._vault = vault
        self._now = now

    async def issue(self, new: NewAccount, life: Life, activation: Link, mail: SendMail | None) -> bool:
        """Begin the account; False when its request was used already, or the number has an account.

        Raises :class:`idp.ports.Unavailable`.
        """

        async def work(connection: AsyncConnection) -> bool:
            if new.request is not None and (await connection.execute(used(new.request))).rowcount != 1:
                return False
            if not await self._insert(connection, new, life):
                return False
            await connection.execute(plain_insert(ACCOUNT_LINK).values(row_of(activation, self._vault)))
            if mail is not None:
                await self._lives.mail(connection, mail)
            event = AuditEvent(AuditKind.ACCOUNT_ISSUED, new.account_id, claims=new.items)
            await append(connection, [row(event, int(self._now() * 1000))])
            return True

        return await self._lives.remember(work)

    async def link(self, account_id: str, act: Act, link: Link, mail: SendMail | None) -> None:
        """Apply an act that gives an account a link. Raises NotAllowed and Unavailable."""

        async def also(connection: AsyncConnection) -> None:
            await connection.execute(plain_insert(ACCOUNT_LINK).values(row_of(link, self._vault)))
            if mail is not None:
                await self._lives.mail(connection, mail)

        await self._lives.apply(account_id, act, also=also)

    async def activate(self, account_id: str, link: bytes, act: Act, password_hash: str) -> bool:
        """Spend the link and take the account into use; False when the link was used.

        Raises :class:`idp.accounts.life.NotAllowed`, and :class:`idp.ports.Unavailable`.
        """
        spent = True

        async def first(connection: AsyncConnection) -> bool:
            nonlocal spent
            spent = (await connection.execute(used(link))).rowcount == 1
            return spent

        changes = {"password_hash": password_hash}
        await self._lives.apply(account_id, act, changes=changes, first=first)
        return spent

    async def _insert(self, connection: AsyncConnection, new: NewAccount, life: Life) -> bool:
        values: dict[str, Any] = {
            **columns_of(life),
            **self._accounts.numbered(new.account_id, new.number),
            **self._accounts.sealed(new.account_id, Secrets(None, new.email, new.phone)),
            "account_id": new.account_id,
            "account_type": life.kind.value,
            "password_hash": new.password_hash,
            "locale": new.locale,
        }
        statement = insert(ACCOUNT).values(values).on_conflict_do_nothing(index_elements=["number_index"])
        return (await connection.execute(statement)).rowcount == 1
