"""Registered clients: PostgreSQL is the truth; each process holds all of them, guarded by a version in Redis.

The version is read with every load, in the same round trip. It is random, so an emptied Redis never shows an
old one again. A snapshot is read again after a minute in any case.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import fields
from secrets import token_hex
from typing import Any, Final, get_origin, get_type_hints

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from idp.domain.client import Client, PartyKind
from idp.storage.postgres.engine import read_only
from idp.storage.postgres.failures import unavailable
from idp.storage.postgres.tables import CLIENT
from idp.storage.redis.keys import CLIENTS_VERSION
from idp.storage.redis.pipelining import PipeliningConnection
from idp.storage.redis.scripts import run
from idp.storage.vault import Vault
from keys import SealBroken

FRESH: Final = 60
_OWN_COLUMNS: Final = frozenset({"client_id", "party_kind", "secret_hash", "shared_secret", "disabled"})
_TYPES: Final = get_type_hints(Client)
_SETS: Final = frozenset(name for name, kind in _TYPES.items() if get_origin(kind) is frozenset)
_TUPLES: Final = frozenset(name for name, kind in _TYPES.items() if get_origin(kind) is tuple)
_BYTES: Final = frozenset({"registration_token_hash"})
METADATA_FIELDS: Final = tuple(field.name for field in fields(Client) if field.name not in _OWN_COLUMNS)


class Clients:
    """The snapshot of this process."""

    def __init__(
        self, engine: AsyncEngine, redis: PipeliningConnection, vault: Vault, now: Callable[[], float]
    ) -> None:
        self._engine = engine
        self._redis = redis
        self._vault = vault
        self._now = now
        self._version = b""
        self._read_at = 0.0
        self._all: Mapping[str, Client] = {}

    def agrees(self, version: bytes | None) -> bool:
        """Whether the snapshot was read under this version, and not long ago."""
        return version is not None and version == self._version and self._now() - self._read_at < FRESH

    def __getitem__(self, client_id: str) -> Client | None:
        return self._all.get(client_id)

    @property
    def all(self) -> Mapping[str, Client]:
        """Every client by id."""
        return self._all

    async def read(self, version: bytes | None) -> None:
        """Read all clients; ``version`` was read before, None when Redis has none. Raises :class:`Unavailable`."""
        if version is None:
            _, version = await run(
                self._redis, ("SET", CLIENTS_VERSION, token_hex(8), "NX"), ("GET", CLIENTS_VERSION)
            )
        read_at = self._now()
        async with read_only(self._engine) as connection:
            rows = (await connection.execute(select(CLIENT))).mappings().all()
        self._all = {row["client_id"]: _client(row, self._vault) for row in rows}
        self._version, self._read_at = version or b"", read_at

    async def save(self, client: Client) -> None:
        """Create or replace one client; every process sees it with its next load. Raises :class:`Unavailable`."""
        values = columns(client, self._vault)
        statement = insert(CLIENT).values(client_id=client.client_id, **values)
        async with self.changing(), unavailable(), self._engine.begin() as connection:
            await connection.execute(
                statement.on_conflict_do_update(index_elements=[CLIENT.c.client_id], set_=values)
            )

    @asynccontextmanager
    async def changing(self) -> AsyncIterator[None]:
        """Around a change of the rows: every process reads them again with its next load."""
        await self._move()
        yield
        await self._move()

    def registered(self) -> int:
        """How many clients registered themselves."""
        return sum(each.registration_token_hash is not None for each in self._all.values())

    async def _move(self) -> None:
        await run(self._redis, ("SET", CLIENTS_VERSION, token_hex(8)))


def columns(client: Client, vault: Vault) -> dict[str, Any]:
    """The row of a client, without its id."""
    shared = client.shared_secret
    return {
        "party_kind": client.party_kind.value,
        "secret_hash": client.secret_hash,
        "sealed_secret": None if shared is None else vault.client_secrets.seal(shared, client.client_id),
        "disabled": client.disabled,
        "metadata": {name: _plain(getattr(client, name)) for name in METADATA_FIELDS},
    }


def _client(row: Mapping[Any, Any], vault: Vault) -> Client:
    metadata = {name: value for name, value in row["metadata"].items() if name in METADATA_FIELDS}
    return client_from(
        {
            **metadata,
            "client_id": row["client_id"],
            "party_kind": row["party_kind"],
            "secret_hash": row["secret_hash"],
            "shared_secret": _opened(row["sealed_secret"], row["client_id"], vault),
            "disabled": row["disabled"],
        }
    )


def _opened(sealed: bytes | None, client_id: str, vault: Vault) -> bytes | None:
    """A sealed secret; one that does not open (moved, altered, its key gone) authenticates nobody."""
    try:
        return None if sealed is None else vault.client_secrets.open(sealed, client_id)
    except SealBroken:
        return None


def client_from(values: Mapping[str, Any]) -> Client:
    """A client from plain values (lists for sets and tuples); raises TypeError for an unknown field."""
    typed: dict[str, Any] = {name: _typed(name, value) for name, value in values.items()}
    return Client(**{**typed, "party_kind": PartyKind(values["party_kind"])})


def _typed(name: str, value: Any) -> Any:
    if name in _SETS:
        return frozenset(value)
    if name in _TUPLES:
        return tuple(value)
    return bytes.fromhex(value) if name in _BYTES and isinstance(value, str) else value


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, bytes):
        return value.hex()
    return list(value) if isinstance(value, tuple) else value
