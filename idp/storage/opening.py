"""Opens the stores: the one place where their parts meet."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.writes import NotifyLogout, PingClient, ReportMisuse, SendMail
from idp.ports import Registry, Unavailable
from idp.storage.accounts import Accounts
from idp.storage.clients import Clients
from idp.storage.committing import RedisPostgresCommitting
from idp.storage.devices import Devices
from idp.storage.group_commit import GroupCommit
from idp.storage.hearing import Hearing
from idp.storage.issuing import Issuing
from idp.storage.lasting import Lasting
from idp.storage.links import Links
from idp.storage.lives import Lives
from idp.storage.loading import RedisLoading
from idp.storage.outbox import Bell
from idp.storage.own_records import StoredOwnRecords
from idp.storage.owners import Owners
from idp.storage.passkeys import Passkeys
from idp.storage.postgres.audit_log import row
from idp.storage.postgres.engine import open_engine, plain_dsn, read_only
from idp.storage.postgres.tables import AUDIT_TAIL
from idp.storage.profiles import Profiles
from idp.storage.records import StoredRecords
from idp.storage.redis.birth import Birth
from idp.storage.redis.pipelining import PipeliningConnection
from idp.storage.redis.scripts import LOAD, run
from idp.storage.registrations import InitialAccessTokens
from idp.storage.vault import Vault
from keys import KeyRing


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """Everything that stores. ``loading`` and ``committing`` are what the loop needs.

    ``accounts`` is for sign-in and provisioning, ``records`` for the account centre, ``lives`` changes where
    an account stands, ``profiles`` keeps registry profiles fresh (None without a registry); ``logout_bell`` and
    ``mail_bell`` ring when an outbox got work (see :mod:`idp.storage.delivery` and :mod:`idp.storage.mail`).
    """

    loading: RedisLoading
    committing: RedisPostgresCommitting
    accounts: Accounts
    clients: Clients
    initial_access: InitialAccessTokens
    records: StoredRecords
    lives: Lives
    hearing: Hearing
    own: StoredOwnRecords
    issuing: Issuing
    profiles: Profiles | None
    vault: Vault
    engine: AsyncEngine
    redis: PipeliningConnection
    birth: Birth
    audit: GroupCommit
    logout_bell: Bell = field(default_factory=Bell)
    mail_bell: Bell = field(default_factory=Bell)
    ping_bell: Bell = field(default_factory=Bell)
    hold_bell: Bell = field(default_factory=Bell)
    report_bell: Bell = field(default_factory=Bell)

    async def ready(self) -> dict[str, bool]:
        """Whether each store answers, by name."""
        return {"postgresql": await self.postgres_ready(), "redis": await self.redis_ready()}

    async def postgres_ready(self) -> bool:
        """Whether PostgreSQL answers and was migrated."""
        try:
            async with read_only(self.engine) as connection:
                await connection.execute(select(AUDIT_TAIL.c.size))
        except Unavailable:
            return False
        return True

    async def redis_ready(self) -> bool:
        """Whether Redis answers."""
        try:
            await run(self.redis, ("PING",))
        except Unavailable:
            return False
        return True

    async def close(self) -> None:
        """Finish what is under way and close every connection."""
        if self.profiles is not None:
            await self.profiles.close()
        await self.audit.close()
        with suppress(Unavailable):
            await self.birth.farewell()
        await self.redis.close()
        await self.engine.dispose()


@dataclass(frozen=True, slots=True)
class BirthLog:
    """The audit log as the birth of Redis sees it."""

    engine: AsyncEngine
    audit: GroupCommit
    now: Callable[[], float]

    async def size(self) -> int:
        """How many rows were ever committed."""
        async with read_only(self.engine) as connection:
            return int((await connection.execute(select(AUDIT_TAIL.c.size))).scalar_one())

    async def resume(self) -> None:
        """Note that the memory of spent items goes on after a planned restart."""
        await self.audit.append([row(AuditEvent(AuditKind.MEMORY_RESUMED), int(self.now() * 1000))])


async def open_storage(
    *,
    database_url: str,
    redis_url: str,
    ring: KeyRing,
    registry: Registry | None = None,
    now: Callable[[], float] = time.time,
) -> Storage:
    """The stores behind these addresses, connected when first needed (so starting never waits for them).

    ``ring`` seals and hashes; ``registry`` gives profiles; ``now`` is the clock in epoch seconds.
    """
    engine = open_engine(database_url)
    redis = PipeliningConnection(redis_url, greeting=LOAD)
    vault, owners = Vault(ring), Owners()
    accounts = Accounts(engine, redis, ring, now)
    clients = Clients(engine, redis, vault, now)

    initial_access = InitialAccessTokens(engine, now)
    audit = GroupCommit(plain_dsn(database_url))
    birth = Birth(redis, now, BirthLog(engine, audit, now))
    profiles = Profiles(accounts, registry, now=now) if registry is not None else None
    logout_bell, mail_bell, ping_bell, hold_bell, report_bell = Bell(), Bell(), Bell(), Bell(), Bell()
    bells = {
        NotifyLogout: logout_bell,
        SendMail: mail_bell,
        PingClient: ping_bell,
        ReportMisuse: report_bell,
    }
    records = StoredRecords(engine, redis, clients, now=now)
    lasting = Lasting(engine, vault, queued=lambda kind: bells[kind].ring(), now=now)
    lives = Lives(engine, redis, accounts, records, vault, bells, hold_bell, now=now)
    return Storage(
        loading=RedisLoading(
            *(redis, accounts, clients, birth, vault, owners, initial_access, Passkeys(engine, vault)),
            Devices(engine, vault),
            Links(engine, vault),
            now=now,
            signing_in=profiles.nudge if profiles is not None else None,
        ),
        committing=RedisPostgresCommitting(
            *(redis, accounts, birth, vault, audit, lasting, owners, clients), now=now
        ),
        accounts=accounts,
        clients=clients,
        initial_access=initial_access,
        records=records,
        lives=lives,
        hearing=Hearing(lives, accounts, vault),
        issuing=Issuing(lives, accounts, vault, now=now),
        own=StoredOwnRecords(engine, vault, ring),
        profiles=profiles,
        vault=vault,
        engine=engine,
        redis=redis,
        birth=birth,
        audit=audit,
        logout_bell=logout_bell,
        mail_bell=mail_bell,
        ping_bell=ping_bell,
        hold_bell=hold_bell,
        report_bell=report_bell,
    )
