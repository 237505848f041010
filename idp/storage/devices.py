"""Rows of device keys; the name that a person gave a phone is sealed."""

from typing import Any, Final

from sqlalchemy import bindparam, delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from idp.domain.account import Account
from idp.domain.device_key import DeviceKey
from idp.domain.needs import Needs
from idp.domain.writes import AddDevice, CountPin, DeviceWrite, RemoveDevice, UseDevice
from idp.storage.postgres.engine import read_only
from idp.storage.postgres.tables import ACCOUNT, DEVICE_KEY
from idp.storage.registrations import RowGone
from idp.storage.vault import Vault

WRITES: Final = (AddDevice, CountPin, UseDevice, RemoveDevice)
APP_PHONE: Final = exists().where(DEVICE_KEY.c.account_id == bindparam("account")).label("app_phone")
"""Whether ``:account`` has any (see :attr:`idp.domain.account.Account.app_phone`)."""
_FIND: Final = select(DEVICE_KEY).where(DEVICE_KEY.c.device_id == bindparam("device"))
_OF: Final = (
    select(DEVICE_KEY)
    .where(DEVICE_KEY.c.account_id == bindparam("account"))
    .order_by(DEVICE_KEY.c.created_at, DEVICE_KEY.c.device_id)
)


class Devices:
    """Reads device keys."""

    def __init__(self, engine: AsyncEngine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault

    async def find(self, device_id: str | None) -> DeviceKey | None:
        """The device of a thumbprint, whoever's it is. Raises :class:`idp.ports.Unavailable`."""
        if not device_id:
            return None
        async with read_only(self._engine) as connection:
            row = (await connection.execute(_FIND, {"device": device_id})).mappings().one_or_none()
        return None if row is None else self._read(row)

    async def of(self, needs: Needs, account: Account | None) -> tuple[DeviceKey, ...]:
        """Every device of the account, the oldest first, where they are needed. Raises Unavailable."""
        if not needs.devices or account is None:
            return ()
        async with read_only(self._engine) as connection:
            rows = (await connection.execute(_OF, {"account": account.account_id})).mappings().all()
        return tuple(map(self._read, rows))

    def _read(self, row: Any) -> DeviceKey:
        return DeviceKey(
            **{**row, "name": self._vault.device_names.open(row["name"], row["device_id"]).decode()}
        )


async def apply(connection: AsyncConnection, write: DeviceWrite, vault: Vault) -> None:
    """One write in the transaction of ``connection``. Raises RowGone when it lost its race."""
    if isinstance(write, AddDevice):
        # Two additions at once must not each find the last free place.
        owner = select(ACCOUNT.c.account_id).where(ACCOUNT.c.account_id == write.account_id)
        await connection.execute(owner.with_for_update())
        held = select(func.count()).where(DEVICE_KEY.c.account_id == write.account_id)
        if (await connection.execute(held)).scalar_one() >= write.most:
            raise RowGone(write)
    if (await connection.execute(_statement(write, vault))).rowcount != 1:
        raise RowGone(write)


def _statement(write: DeviceWrite, vault: Vault) -> Any:
    match write:
        case AddDevice(device=new):
            values = {column.name: getattr(new, column.name) for column in DEVICE_KEY.c}
            values["name"] = vault.device_names.seal(new.name.encode(), new.device_id)
            statement = insert(DEVICE_KEY).values(**values)
            return statement.on_conflict_do_nothing(index_elements=[DEVICE_KEY.c.device_id])
        case CountPin():
            return _counted(write).values(tries=DEVICE_KEY.c.tries + 1, tried_at=write.at)
        case UseDevice():
            return _counted(write).values(tries=0, last_used_at=write.at)
        case RemoveDevice():
            return delete(DEVICE_KEY).where(
                DEVICE_KEY.c.account_id == write.account_id, DEVICE_KEY.c.device_id == write.device_id
            )


def _counted(write: CountPin | UseDevice) -> Any:
    return update(DEVICE_KEY).where(
        DEVICE_KEY.c.account_id == write.account_id,
        DEVICE_KEY.c.device_id == write.device_id,
        DEVICE_KEY.c.tries == write.tries,
    )
