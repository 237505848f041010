"""Accounts: PostgreSQL is the truth, Redis holds a sealed snapshot guarded by an epoch.

Every change opens with a new epoch and ends with another. A snapshot is kept only if the epoch did not move
while PostgreSQL was read, so a stale one never survives a change (decision 0003).
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import bindparam, func, insert, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncEngine

from idp.domain.account import Account, AccountStatus, AccountType, Credentials
from idp.storage import codecs
from idp.storage.devices import APP_PHONE
from idp.storage.holds import queue_hold
from idp.storage.passkeys import RESISTANCE
from idp.storage.postgres.engine import read_only
from idp.storage.postgres.failures import unavailable
from idp.storage.postgres.tables import ACCOUNT, ACCOUNT_ALIAS, CONSENT, RECOVERY_CODE
from idp.storage.redis import keys as names
from idp.storage.redis import reading
from idp.storage.redis.pipelining import Command, PipeliningConnection, Reply
from idp.storage.redis.scripts import run, script
from keys import KeyRing, SealBroken

NUMBER_FIELD: Final = "account.personal_number"
KEPT: Final = 86_400_000
"""Milliseconds that Redis keeps an epoch after its last use."""
CHANGE_TAKES: Final = 15_000_000
"""Microseconds within which a change has ended, or will never."""
FRESH: Final = 600
"""Seconds after which a snapshot is read again, whatever its epoch."""
_MOST_CACHED: Final = 2_048

_READ: Final = select(ACCOUNT, RESISTANCE, APP_PHONE).where(ACCOUNT.c.account_id == bindparam("account"))
_READ_LOCKS: Final = (
    select(ACCOUNT.c.lock_reasons).where(ACCOUNT.c.account_id == bindparam("account")).with_for_update()
)
_READ_CONSENTS: Final = select(CONSENT.c.client_id, CONSENT.c["items"]).where(
    CONSENT.c.account_id == bindparam("account")
)
_FIND: Final = union_all(
    select(ACCOUNT.c.account_id).where(ACCOUNT.c.number_index.in_(bindparam("found", expanding=True))),
    select(ACCOUNT_ALIAS.c.account_id).where(
        ACCOUNT_ALIAS.c.number_index.in_(bindparam("found", expanding=True))
    ),
)
_LEFT: Final = (
    select(func.array_agg(RECOVERY_CODE.c.code_hash))
    .where(RECOVERY_CODE.c.account_id == bindparam("account"))
    .scalar_subquery()
    .label("recovery")
)
_CREDENTIALS: Final = select(ACCOUNT.c.password_hash, ACCOUNT.c.totp_secret, ACCOUNT.c.email, _LEFT).where(
    ACCOUNT.c.account_id == bindparam("account")
)


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """An account as PostgreSQL has it; ``profile_at`` is when the registry last gave the profile."""

    account: Account
    profile_at: int


class Accounts:
    """Reads and changes accounts."""

    def __init__(
        self, engine: AsyncEngine, redis: PipeliningConnection, ring: KeyRing, now: Callable[[], float]
    ) -> None:
        self._engine = engine
        self._redis = redis
        self._ring = ring
        self._now = now
        self._snapshots = ring.sealer("account.snapshot")
        self._numbers = ring.sealer("account.number")
        self._profiles = ring.sealer("account.profile")
        self._totp = ring.sealer("account.totp")
        self._emails = ring.sealer("account.email")
        self._phones = ring.sealer("account.phone")
        self._opened: dict[str, tuple[bytes, bytes, Account, int]] = {}

    # ------------------------------------------------------------ reading

    @staticmethod
    def ask(account_id: str) -> Command:
        """The command whose reply :meth:`from_snapshot` understands."""
        return reading.account(account_id)

    async def from_reply(self, account_id: str, reply: Reply) -> Account | None:
        """The account behind the reply of :meth:`ask`; reads PostgreSQL when there is no good snapshot."""
        epoch, sealed = reply
        if epoch is not None and sealed is not None:
            account = self._from_snapshot(account_id, epoch, sealed)
            if account is not None:
                return account
        return await self._read_through(account_id, epoch)

    def _from_snapshot(self, account_id: str, epoch: bytes, sealed: bytes) -> Account | None:
        known = self._opened.get(account_id)
        if known is not None and known[0] == sealed and known[1] == epoch:
            account, read_at = known[2], known[3]
        else:
            try:
                found = codecs.read_account(self._snapshots.open(sealed, account_id), int(epoch))
            except SealBroken:
                return None
            if found is None:
                return None
            account, read_at = found
            if len(self._opened) >= _MOST_CACHED:
                self._opened.pop(next(iter(self._opened)))
            self._opened[account_id] = (sealed, epoch, account, read_at)
        return account if self._now() - read_at < FRESH else None

    async def _read_through(self, account_id: str, epoch: bytes | None) -> Account | None:
        if epoch is None:
            (epoch,) = await run(self._redis, script("ensure_epoch", (names.account(account_id),), KEPT))
        stored = await self.read(account_id, epoch=int(epoch))
        if stored is None:
            return None
        snapshot = self._snapshots.seal(codecs.account(stored.account, int(self._now())), account_id)
        await run(self._redis, script("fill_account", (names.account(account_id),), epoch, snapshot, KEPT))
        return stored.account

    async def read(self, account_id: str, *, epoch: int = 0) -> StoredAccount | None:
        """The account as PostgreSQL has it. Raises :class:`Unavailable`."""
        async with read_only(self._engine) as connection:
            row = (await connection.execute(_READ, {"account": account_id})).mappings().one_or_none()
            if row is None:
                return None
            consents = (await connection.execute(_READ_CONSENTS, {"account": account_id})).all()
        return StoredAccount(
            Account(
                account_id=account_id,
                level=row["level"],
                status=AccountStatus(row["status"]),
                account_type=AccountType(row["account_type"]),
                personal_number=self._numbers.open(row["number"], account_id).decode(),
                profile=self._profile(account_id, row),
                consents={client_id: frozenset(items) for client_id, items in consents},
                epoch=epoch,
                locale=row["locale"],
                resistance=row["resistance"],
                role=row["role"] or "",
                agency=row["agency"] or "",
                app_phone=row["app_phone"],
            ),
            row["profile_at"],
        )

    def _profile(self, account_id: str, row: Mapping[Any, Any]) -> dict[str, object]:
        profile: dict[str, object] = {}
        if row["profile"] is not None:
            profile = orjson.loads(self._profiles.open(row["profile"], account_id))
        if row["email"] is not None:
            profile |= {"email": self._emails.open(row["email"], account_id).decode(), "email_verified": True}
        if row["phone"] is not None:
            number = self._phones.open(row["phone"], account_id).decode()
            profile |= {"phone_number": number, "phone_number_verified": True}
        return profile

    async def find_account_by_number(self, personal_number: str) -> str | None:
        """The account of a personal number, or of a former one kept as alias. Raises :class:`Unavailable`."""
        found = list(self._ring.lookup_hashes(NUMBER_FIELD, personal_number))
        async with read_only(self._engine) as connection:
            return (await connection.execute(_FIND, {"found": found})).scalars().first()

    async def holder_of(self, personal_number: str) -> str | None:
        """The account whose present number this is; former numbers do not count. Raises :class:`Unavailable`."""
        found = list(self._ring.lookup_hashes(NUMBER_FIELD, personal_number))
        statement = select(ACCOUNT.c.account_id).where(ACCOUNT.c.number_index.in_(found))
        async with read_only(self._engine) as connection:
            return (await connection.execute(statement)).scalars().first()

    async def credentials(self, account_id: str) -> Credentials | None:
        """What the account proves itself with. Raises :class:`Unavailable`."""
        async with read_only(self._engine) as connection:
            row = (await connection.execute(_CREDENTIALS, {"account": account_id})).one_or_none()
        if row is None:
            return None
        totp, email = row.totp_secret, row.email
        return Credentials(
            row.password_hash,
            None if totp is None else self._totp.open(totp, account_id),
            None if email is None else self._emails.open(email, account_id).decode(),
            frozenset(row.recovery or ()),
        )

    # ------------------------------------------------------------ changing

    @asynccontextmanager
    async def change(self, *account_ids: str) -> AsyncIterator[None]:
        """Move the epochs before and after the block, which changes these accounts in PostgreSQL.

        Raises :class:`Unavailable` before the block when Redis is away; after it, the epochs may not have
        moved, and the snapshot stays refused until the change could no longer be going on.
        """
        if not account_ids:
            yield
            return
        marks = await run(
            self._redis,
            *(script("begin_change", (names.account(each),), KEPT, CHANGE_TAKES) for each in account_ids),
        )
        try:
            yield
        finally:
            await run(
                self._redis,
                *(
                    script("end_change", (names.account(each),), KEPT, mark)
                    for each, mark in zip(account_ids, marks, strict=True)
                ),
            )

    async def move_epoch(self, account_id: str) -> None:
        """Whatever is being decided on this account conflicts. Raises :class:`Unavailable`."""
        async with self.change(account_id):
            pass

    async def save_profile(self, account_id: str, claims: Mapping[str, object]) -> None:
        """Keep what the registry says of the person. Raises :class:`Unavailable`."""
        sealed = self._profiles.seal(orjson.dumps(dict(claims)), account_id)
        statement = (
            update(ACCOUNT)
            .where(ACCOUNT.c.account_id == account_id)
            .values(profile=sealed, profile_at=int(self._now()), epoch=ACCOUNT.c.epoch + 1)
        )
        async with self.change(account_id), unavailable(), self._engine.begin() as connection:
            await connection.execute(statement)

    def numbered(self, account_id: str, personal_number: str) -> dict[str, object]:
        """The columns of a personal number."""
        return {
            "number": self._numbers.seal(personal_number.encode(), account_id),
            "number_index": self._ring.lookup_hash(NUMBER_FIELD, personal_number),
        }

    def sealed(self, account_id: str, secrets: "Secrets") -> dict[str, object]:
        """The columns of what is sealed."""
        given = {
            "totp_secret": (self._totp, secrets.totp_secret),
            "email": (self._emails, secrets.email.encode() if secrets.email else None),
            "phone": (self._phones, secrets.phone.encode() if secrets.phone else None),
        }
        return {
            name: None if value is None else sealer.seal(value, account_id)
            for name, (sealer, value) in given.items()
        }

    def contacts(self, account_id: str, given: Mapping[str, str]) -> dict[str, object]:
        """The columns of a mailbox or phone that changes."""
        sealers = {"email": self._emails, "phone": self._phones}
        return {name: sealers[name].seal(value.encode(), account_id) for name, value in given.items()}

    def opened_number(self, account_id: str, sealed: bytes) -> str:
        """The personal number in a sealed column."""
        return self._numbers.open(sealed, account_id).decode()

    def opened_email(self, account_id: str, sealed: bytes) -> str:
        """The address in a sealed column."""
        return self._emails.open(sealed, account_id).decode()

    async def save(self, account_id: str, personal_number: str, secrets: "Secrets", **columns: Any) -> bool:
        """Create an account, or bring it to these values; True when it is new. Raises :class:`Unavailable`."""
        values = {
            **columns,
            **self.numbered(account_id, personal_number),
            **self.sealed(account_id, secrets),
        }
        async with self.change(account_id), unavailable(), self._engine.begin() as connection:
            before = await connection.execute(_READ_LOCKS, {"account": account_id})
            if bool(before.scalar_one_or_none()) is not bool(columns.get("lock_reasons")):
                await queue_hold(connection, account_id, int(self._now()))
            changed = await connection.execute(
                update(ACCOUNT)
                .where(ACCOUNT.c.account_id == account_id)
                .values(**values, epoch=ACCOUNT.c.epoch + 1)
            )
            if changed.rowcount:
                return False
            await connection.execute(insert(ACCOUNT).values(account_id=account_id, **values))
            return True


@dataclass(frozen=True, slots=True)
class Secrets:
    """What is sealed of a new account; the TOTP secret as raw bytes."""

    totp_secret: bytes | None = None
    email: str | None = None
    phone: str | None = None
