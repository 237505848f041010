"""Rows of links by mail; the secret itself is only ever in the mail."""

from typing import Any, Final

import orjson
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from idp.domain.link import Link, LinkPurpose
from idp.domain.writes import DropLinks, LinkWrite, SaveLink, UseLink
from idp.storage.postgres.engine import read_only
from idp.storage.postgres.tables import ACCOUNT_LINK
from idp.storage.registrations import RowGone
from idp.storage.vault import Vault

WRITES: Final = (SaveLink, UseLink, DropLinks)


class Links:
    """Reads links."""

    def __init__(self, engine: AsyncEngine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault

    async def find(self, digest: bytes | None) -> Link | None:
        """The link of a hash. Raises :class:`idp.ports.Unavailable`."""
        if digest is None:
            return None
        wanted = select(ACCOUNT_LINK).where(ACCOUNT_LINK.c.digest == digest)
        async with read_only(self._engine) as connection:
            row = (await connection.execute(wanted)).mappings().one_or_none()
        if row is None:
            return None
        sealed = row["record"]
        record = () if sealed is None else orjson.loads(self._vault.links.open(sealed, digest.hex()))
        return Link(
            digest,
            LinkPurpose(row["purpose"]),
            row["expires_at"],
            row["usable_from"],
            row["account_id"],
            tuple(record),
        )


async def apply(connection: AsyncConnection, write: LinkWrite, vault: Vault) -> None:
    """One write in the transaction of ``connection``. Raises RowGone when a link was spent already."""
    match write:
        case SaveLink(link=link):
            await connection.execute(insert(ACCOUNT_LINK).values(row_of(link, vault)))
        case UseLink():
            if (await connection.execute(used(write.digest))).rowcount != 1:
                raise RowGone(write)
        case DropLinks():
            recoveries = (LinkPurpose.RECOVER.value, LinkPurpose.CANCEL.value)
            await connection.execute(
                delete(ACCOUNT_LINK).where(
                    ACCOUNT_LINK.c.account_id == write.account_id, ACCOUNT_LINK.c.purpose.in_(recoveries)
                )
            )


def used(digest: bytes) -> Any:
    """The statement that spends a link; it must hit one row."""
    return delete(ACCOUNT_LINK).where(ACCOUNT_LINK.c.digest == digest)


def row_of(link: Link, vault: Vault) -> dict[str, object]:
    """The columns of a link."""
    record = vault.links.seal(orjson.dumps(link.record), link.digest.hex()) if link.record else None
    return {
        "digest": link.digest,
        "purpose": link.purpose.value,
        "account_id": link.account_id,
        "usable_from": link.usable_from,
        "expires_at": link.expires_at,
        "record": record,
    }
