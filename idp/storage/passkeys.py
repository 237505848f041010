"""Rows of passkeys; the name that a person gave one is sealed."""

from typing import Any, Final

from sqlalchemy import and_, bindparam, case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from idp.domain.account import Account
from idp.domain.needs import Needs
from idp.domain.passkey import Passkey
from idp.domain.writes import AddPasskey, PasskeyWrite, RemovePasskey, RenamePasskey, UsePasskey
from idp.storage.postgres.engine import read_only
from idp.storage.postgres.tables import ACCOUNT, PASSKEY
from idp.storage.registrations import RowGone
from idp.storage.vault import Vault

WRITES: Final = (AddPasskey, UsePasskey, RenamePasskey, RemovePasskey)
_HELD: Final = and_(PASSKEY.c.hardware, PASSKEY.c.backup_eligible.is_(False))
RESISTANCE: Final = (
    select(func.coalesce(func.max(case((_HELD, 2), else_=1)), 0))
    .where(PASSKEY.c.account_id == bindparam("account"))
    .scalar_subquery()
    .label("resistance")
)
"""What the strongest passkey of ``:account`` reaches (see :attr:`idp.domain.account.Account.resistance`)."""
_FIND: Final = select(PASSKEY).where(PASSKEY.c.credential_id == bindparam("credential"))
_OF: Final = (
    select(PASSKEY)
    .where(PASSKEY.c.account_id == bindparam("account"))
    .order_by(PASSKEY.c.created_at, PASSKEY.c.credential_id)
)


class Passkeys:
    """Reads passkeys."""

    def __init__(self, engine: AsyncEngine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault

    async def find(self, credential_id: bytes) -> Passkey | None:
        """The passkey of a credential id, whoever's it is. Raises :class:`idp.ports.Unavailable`."""
        async with read_only(self._engine) as connection:
            row = (await connection.execute(_FIND, {"credential": credential_id})).mappings().one_or_none()
        return None if row is None else self._read(row)

    async def of(self, needs: Needs, account: Account | None) -> tuple[Passkey, ...]:
        """Every passkey of the account, the oldest first, where they are needed. Raises Unavailable."""
        if not needs.passkeys or account is None:
            return ()
        async with read_only(self._engine) as connection:
            rows = (await connection.execute(_OF, {"account": account.account_id})).mappings().all()
        return tuple(map(self._read, rows))

    def _read(self, row: Any) -> Passkey:
        name = self._vault.passkey_names.open(row["name"], row["credential_id"].hex()).decode()
        return Passkey(**{**row, "name": name, "transports": tuple(row["transports"])})


async def apply(connection: AsyncConnection, write: PasskeyWrite, vault: Vault) -> None:
    """One write in the transaction of ``connection``. Raises RowGone when it lost its race."""
    if isinstance(write, RemovePasskey):
        # Two removals at once must not each see the other's passkey as the one that stays.
        owner = select(ACCOUNT.c.account_id).where(ACCOUNT.c.account_id == write.account_id)
        await connection.execute(owner.with_for_update())
    if (await connection.execute(_statement(write, vault))).rowcount != 1:
        raise RowGone(write)


def _statement(write: PasskeyWrite, vault: Vault) -> Any:
    match write:
        case AddPasskey(passkey=new):
            values = {
                **{column.name: getattr(new, column.name) for column in PASSKEY.c},
                "name": vault.passkey_names.seal(new.name.encode(), new.credential_id.hex()),
                "transports": list(new.transports),
            }
            return (
                insert(PASSKEY)
                .values(**values)
                .on_conflict_do_nothing(index_elements=[PASSKEY.c.credential_id])
            )
        case UsePasskey(passkey=used):
            return (
                update(PASSKEY)
                .where(
                    *_of(used.account_id, used.credential_id), PASSKEY.c.sign_count == write.expected_count
                )
                .values(sign_count=used.sign_count, last_used_at=used.last_used_at, backed_up=used.backed_up)
            )
        case RenamePasskey():
            sealed = vault.passkey_names.seal(write.name.encode(), write.credential_id.hex())
            return update(PASSKEY).where(*_of(write.account_id, write.credential_id)).values(name=sealed)
        case RemovePasskey():
            removal = delete(PASSKEY).where(*_of(write.account_id, write.credential_id))
            if write.keep_one:
                other = PASSKEY.alias("other")
                removal = removal.where(
                    select(other.c.credential_id)
                    .where(
                        other.c.account_id == write.account_id, other.c.credential_id != write.credential_id
                    )
                    .exists()
                )
            return removal


def _of(account_id: str, credential_id: bytes) -> tuple[Any, ...]:
    return PASSKEY.c.account_id == account_id, PASSKEY.c.credential_id == credential_id
