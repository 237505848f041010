"""Rows of what a person proves themselves with: password hash, sealed secret of an app, recovery codes."""

from typing import Final

from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from idp.domain.writes import (
    ChangePassword,
    CredentialWrite,
    ReplaceRecoveryCodes,
    SetTotp,
    UseRecoveryCode,
)
from idp.storage.postgres.tables import ACCOUNT, RECOVERY_CODE
from idp.storage.registrations import RowGone
from idp.storage.vault import Vault

CHANGES: Final = (ChangePassword, SetTotp, ReplaceRecoveryCodes)
"""Those that move the account's epoch: whatever was judged before conflicts."""
WRITES: Final = (*CHANGES, UseRecoveryCode)


async def apply(connection: AsyncConnection, write: CredentialWrite, vault: Vault) -> None:
    """One write in the transaction of ``connection``. Raises RowGone when it lost its race."""
    mine = ACCOUNT.c.account_id == write.account_id
    match write:
        case ChangePassword():
            statement = update(ACCOUNT).where(mine).values(password_hash=write.password_hash)
            if write.replaces is not None:
                statement = statement.where(ACCOUNT.c.password_hash == write.replaces)
            changed = (await connection.execute(statement)).rowcount
        case SetTotp():
            sealed = None if write.secret is None else vault.totp.seal(write.secret, write.account_id)
            changed = (
                await connection.execute(update(ACCOUNT).where(mine).values(totp_secret=sealed))
            ).rowcount
        case ReplaceRecoveryCodes():
            changed = (
                await connection.execute(update(ACCOUNT).where(mine).values(epoch=ACCOUNT.c.epoch + 1))
            ).rowcount
            await connection.execute(
                delete(RECOVERY_CODE).where(RECOVERY_CODE.c.account_id == write.account_id)
            )
            rows = [{"account_id": write.account_id, "code_hash": each} for each in sorted(write.hashes)]
            await connection.execute(insert(RECOVERY_CODE), rows)
        case UseRecoveryCode():
            gone = delete(RECOVERY_CODE).where(
                RECOVERY_CODE.c.account_id == write.account_id, RECOVERY_CODE.c.code_hash == write.code_hash
            )
            changed = (await connection.execute(gone)).rowcount
    if changed != 1:
        raise RowGone(write)
