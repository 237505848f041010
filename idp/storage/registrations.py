"""Rows of clients that register themselves, and initial access tokens (RFC 7591 section 3)."""

import hashlib
import time
from collections.abc import Callable
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from idp.domain.facts import InitialAccess
from idp.domain.writes import DeleteClient, RegistrationWrite, SaveClient, UseInitialAccess
from idp.storage.clients import columns
from idp.storage.postgres.engine import read_only
from idp.storage.postgres.failures import unavailable
from idp.storage.postgres.tables import CLIENT, CONSENT, INITIAL_ACCESS_TOKEN
from idp.storage.vault import Vault

REGISTERING = (SaveClient, DeleteClient, UseInitialAccess)
CHANGES_CLIENTS = (SaveClient, DeleteClient)


class RowGone(Exception):
    """The row that a write was about is not as it was: somebody else was first."""

    def __init__(self, write: object) -> None:
        super().__init__(type(write).__name__)
        self.what = type(write).__name__


async def apply(connection: AsyncConnection, write: RegistrationWrite, vault: Vault) -> None:
    """One write in the transaction of ``connection``. Raises RowGone when it lost its race."""
    result = await connection.execute(_statement(write, vault))
    if result.rowcount != 1:
        raise RowGone(write)
    if isinstance(write, DeleteClient):
        await connection.execute(delete(CONSENT).where(CONSENT.c.client_id == write.client_id))


def _statement(write: RegistrationWrite, vault: Vault) -> Any:
    match write:
        case SaveClient(client=client, replaces=None):
            return (
                insert(CLIENT)
                .values(client_id=client.client_id, **columns(client, vault))
                .on_conflict_do_nothing(index_elements=[CLIENT.c.client_id])
            )
        case SaveClient(client=client, replaces=replaces):
            # Whether it is disabled is not among what a client says of itself (Keycloak CVE-2026-9705).
            values = {name: value for name, value in columns(client, vault).items() if name != "disabled"}
            return update(CLIENT).where(*_same(client.client_id, replaces or b"")).values(**values)
        case DeleteClient():
            return delete(CLIENT).where(*_same(write.client_id, write.token_hash))
        case UseInitialAccess():
            return (
                update(INITIAL_ACCESS_TOKEN)
                .where(
                    INITIAL_ACCESS_TOKEN.c.token_hash == write.token_hash,
                    INITIAL_ACCESS_TOKEN.c.uses_left > 0,
                    INITIAL_ACCESS_TOKEN.c.expires_at > write.now,
                )
                .values(uses_left=INITIAL_ACCESS_TOKEN.c.uses_left - 1)
            )


def _same(client_id: str, token_hash: bytes) -> tuple[Any, ...]:
    kept = CLIENT.c.metadata["registration_token_hash"].astext
    return CLIENT.c.client_id == client_id, CLIENT.c.disabled.is_(False), kept == token_hash.hex()


class InitialAccessTokens:
    """Who may register where registration is not open; only hashes are kept."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._now = now

    async def make(self, note: str, *, uses: int, seconds: int) -> str:
        """A new token; it is shown once. Raises :class:`idp.ports.Unavailable`."""
        token = token_urlsafe(32)
        row = {
            "token_hash": hashlib.sha256(token.encode("ascii")).digest(),
            "note": note,
            "expires_at": int(self._now()) + seconds,
            "uses_left": uses,
        }
        async with unavailable(), self._engine.begin() as connection:
            await connection.execute(
                delete(INITIAL_ACCESS_TOKEN).where(INITIAL_ACCESS_TOKEN.c.expires_at <= int(self._now()))
            )
            await connection.execute(insert(INITIAL_ACCESS_TOKEN).values(**row))
        return token

    async def find(self, token_hash: bytes) -> InitialAccess | None:
        """What is left of a token, living or not. Raises :class:`idp.ports.Unavailable`."""
        asked = select(INITIAL_ACCESS_TOKEN.c.expires_at, INITIAL_ACCESS_TOKEN.c.uses_left).where(
            INITIAL_ACCESS_TOKEN.c.token_hash == token_hash
        )
        async with read_only(self._engine) as connection:
            row = (await connection.execute(asked)).one_or_none()
        return None if row is None else InitialAccess(row.expires_at, row.uses_left)
