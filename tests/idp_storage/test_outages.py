"""Outages: fail closed, never a replay, and back to work without a restart."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from demo.embedded import EmbeddedPostgres, EmbeddedRedis, Engine, running
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.decision import Committed, Conflict
from idp.domain.needs import Needs, ReplayKey
from idp.domain.writes import (
    CreateGrant,
    RedeemCode,
    SaveSession,
    SpendOnce,
    UseRefresh,
)
from idp.ports import Unavailable
from idp.storage import Storage
from idp.storage.postgres.migrating import migrate
from tests.idp_storage.conftest import OpenStorage, furnish
from tests.idp_storage.samples import (
    ACCOUNT,
    CLIENT,
    access,
    code,
    commit,
    digest,
    grant,
    name,
    now,
    refresh,
    session,
)

EVENT = AuditEvent(AuditKind.TOKENS_ISSUED, ACCOUNT, CLIENT)


@dataclass
class Switch:
    """An engine of one test alone that can be switched off and on."""

    engine: Engine
    _on: ExitStack = field(default_factory=ExitStack)

    def on(self) -> None:
        """Start it."""
        self._on.enter_context(running(self.engine))

    def off(self) -> None:
        """Stop it."""
        self._on.close()


@pytest.fixture
def redis_switch(engines_folder: Path) -> Iterator[Switch]:
    """A Redis without a file: what it forgets is gone."""
    switch = Switch(EmbeddedRedis(engines_folder / f"r{name()[:6]}", durable=False))
    switch.on()
    yield switch
    switch.off()


@pytest.fixture
def postgres_switch(engines_folder: Path) -> Iterator[Switch]:
    """A PostgreSQL of its own."""
    switch = Switch(EmbeddedPostgres(engines_folder / f"p{name()[:6]}", durable=False))
    switch.on()
    yield switch
    switch.off()


@pytest.fixture
async def forgetful(opening: OpenStorage, redis_switch: Switch, fresh_database: str) -> Storage:
    """A system that just started for the first time, on the Redis that can be switched off."""
    assert isinstance(redis_switch.engine, EmbeddedRedis)
    storage = await opening(redis_url=redis_switch.engine.url(), database_url=fresh_database)
    await storage.loading.load(Needs())
    await furnish(storage)
    await commit(storage, audit=(EVENT,))
    return storage


@pytest.fixture
async def lasting(opening: OpenStorage, postgres_switch: Switch) -> AsyncIterator[Storage]:
    """Storage on the PostgreSQL that can be switched off."""
    assert isinstance(postgres_switch.engine, EmbeddedPostgres)
    url = postgres_switch.engine.url()
    await migrate(url)
    storage = await opening(database_url=url)
    await furnish(storage)
    await storage.loading.load(Needs(client_id=CLIENT, account_id=ACCOUNT))
    return storage


async def test_without_redis_nothing_is_spent_and_nothing_granted(
    forgetful: Storage, redis_switch: Switch
) -> None:
    """Fail closed: an assertion that cannot be remembered is not accepted."""
    redis_switch.off()
    with pytest.raises(Unavailable):
        await forgetful.loading.load(Needs(client_id=CLIENT))
    with pytest.raises(Unavailable):
        await commit(forgetful, SpendOnce(ReplayKey("jti", b"x"), now() + 60))
    with pytest.raises(Unavailable):
        await commit(forgetful, CreateGrant(grant(), code()), audit=(EVENT,))
    assert await forgetful.ready() == {"postgresql": True, "redis": False}


async def test_redis_comes_back_without_a_restart_of_ours(forgetful: Storage, redis_switch: Switch) -> None:
    """The next request after the return connects by itself, scripts included."""
    redis_switch.off()
    with pytest.raises(Unavailable):
        await forgetful.loading.load(Needs(client_id=CLIENT))
    redis_switch.on()
    facts = await forgetful.loading.load(Needs(client_id=CLIENT, account_id=ACCOUNT))
    assert facts.client is not None
    assert facts.account is not None
    assert await commit(forgetful, CreateGrant(grant(), code()), audit=(EVENT,)) == Committed()


async def test_a_restarted_redis_means_sign_in_again(forgetful: Storage, redis_switch: Switch) -> None:
    """Losing Redis costs a new sign-in and nothing else: no session, no grant, the account still there."""
    cookie, browser, fresh, unspent = digest(), session(), grant(), code()
    await commit(forgetful, SaveSession(cookie, browser), CreateGrant(fresh, unspent))
    redis_switch.off()
    redis_switch.on()
    facts = await forgetful.loading.load(
        Needs(session_digest=cookie, grant_id=fresh.grant_id, account_id=ACCOUNT)
    )
    assert (facts.session, facts.grant) == (None, None)
    assert facts.account is not None
    redeem = RedeemCode(fresh.grant_id, unspent.code_hash, access(), None)
    assert await commit(forgetful, redeem) == Conflict("RedeemCode")


@pytest.mark.attack
async def test_what_was_spent_before_a_restart_stays_spent(forgetful: Storage, redis_switch: Switch) -> None:
    """Attack 59: an assertion captured before Redis lost its memory is not accepted afterwards."""
    item = ReplayKey("jti", name().encode())
    spend = SpendOnce(item, now() + 300, issued_at=now())
    assert await commit(forgetful, spend) == Committed()
    redis_switch.off()
    redis_switch.on()
    await forgetful.loading.load(Needs(client_id=CLIENT))
    with pytest.raises(Unavailable):
        await commit(forgetful, spend)
    undated = SpendOnce(item, now() + 300)
    with pytest.raises(Unavailable):
        await commit(forgetful, undated)
    newer = SpendOnce(ReplayKey("jti", b"new"), now() + 300, issued_at=now() + 60)
    assert await commit(forgetful, newer) == Committed()


@pytest.mark.attack
async def test_what_was_spent_before_a_flush_stays_spent(forgetful: Storage) -> None:
    """FLUSHALL without a restart is seen with the next load."""
    spend = SpendOnce(ReplayKey("jti", name().encode()), now() + 300, issued_at=now())
    assert await commit(forgetful, spend) == Committed()
    await forgetful.redis.execute(("FLUSHALL",))
    await forgetful.loading.load(Needs(client_id=CLIENT))
    with pytest.raises(Unavailable):
        await commit(forgetful, spend)


async def test_the_first_start_ever_refuses_nothing(
    opening: OpenStorage, fresh_database: str, redis_url: str
) -> None:
    """Before anything was audited nothing can have been spent: a new system serves at once."""
    storage = await opening(database_url=fresh_database)
    await storage.redis.execute(("FLUSHDB",))
    await storage.loading.load(Needs())
    spend = SpendOnce(ReplayKey("jti", b"first"), now() + 300, issued_at=now())
    assert await commit(storage, spend) == Committed()


@pytest.mark.attack
async def test_a_code_from_before_the_birth_of_redis_is_not_redeemed(
    forgetful: Storage, redis_switch: Switch
) -> None:
    """A Redis that came back with an old file may have forgotten that the code was spent: the grant dies."""
    redis_switch.off()
    redis_switch.on()
    await forgetful.loading.load(Needs())
    fresh, unspent = grant(created_at=now() - 5), code()
    await commit(forgetful, CreateGrant(fresh, unspent))
    redeem = RedeemCode(fresh.grant_id, unspent.code_hash, access(), None)
    assert await commit(forgetful, redeem) == Conflict("RedeemCode")
    assert (await forgetful.loading.load(Needs(grant_id=fresh.grant_id))).grant is None


async def test_without_postgresql_what_redis_granted_is_taken_back(
    lasting: Storage, postgres_switch: Switch
) -> None:
    """Claim before grant, audit before answer: no row, no grant, no session, no tokens."""
    redeemed, unspent = grant(), code()
    refreshed, spent, family = grant(), code(), refresh()
    await commit(lasting, CreateGrant(redeemed, unspent), CreateGrant(refreshed, spent))
    await commit(lasting, RedeemCode(refreshed.grant_id, spent.code_hash, None, family))
    postgres_switch.off()

    created, cookie, token = grant(), digest(), access()
    with pytest.raises(Unavailable):
        await commit(lasting, CreateGrant(created, code()), audit=(EVENT,))
    with pytest.raises(Unavailable):
        await commit(lasting, SaveSession(cookie, session()), audit=(EVENT,))
    with pytest.raises(Unavailable):
        await commit(
            lasting, RedeemCode(redeemed.grant_id, unspent.code_hash, access(), None), audit=(EVENT,)
        )
    rotated = refresh(previous=family.current_hash)
    use = UseRefresh(refreshed.grant_id, family.current_hash, family.current_hash, token, rotated)
    with pytest.raises(Unavailable):
        await commit(lasting, use, audit=(EVENT,))

    facts = await lasting.loading.load(Needs(grant_id=created.grant_id, session_digest=cookie))
    assert (facts.grant, facts.session) == (None, None)
    assert (await lasting.loading.load(Needs(grant_id=redeemed.grant_id))).grant is None
    facts = await lasting.loading.load(Needs(grant_id=refreshed.grant_id, access_digest=token.token_hash))
    assert facts.grant is not None
    assert facts.grant.refresh == family
    assert facts.grant.access is None
    assert await lasting.ready() == {"postgresql": False, "redis": True}

    postgres_switch.on()
    assert await commit(lasting, use, audit=(EVENT,)) == Committed()
    assert (await lasting.records.history(ACCOUNT))[0].kind == AuditKind.TOKENS_ISSUED


async def test_a_lock_without_redis_is_refused_and_can_be_repeated(
    forgetful: Storage, redis_switch: Switch
) -> None:
    """The operator hears that it is not done, instead of believing in half a lock."""
    redis_switch.off()
    with pytest.raises(Unavailable):
        await forgetful.lives.lock(ACCOUNT, "own_request")
    redis_switch.on()
    assert await forgetful.lives.lock(ACCOUNT, "own_request")
    await forgetful.lives.unlock(ACCOUNT, "own_request")


async def test_a_planned_restart_loses_nothing(
    opening: OpenStorage, fresh_database: str, engines_folder: Path
) -> None:
    """Every process left in order and Redis kept its file: nothing is refused, and what was spent stays spent."""
    switch = Switch(EmbeddedRedis(engines_folder / f"r{name()[:6]}"))
    assert isinstance(switch.engine, EmbeddedRedis)
    switch.on()
    try:
        first = await opening(redis_url=switch.engine.url(), database_url=fresh_database)
        await first.loading.load(Needs())
        spend = SpendOnce(ReplayKey("jti", b"before"), now() + 300, issued_at=now())
        assert await commit(first, spend, audit=(EVENT,)) == Committed()
        await first.close()
        switch.off()
        switch.on()
        second = await opening(redis_url=switch.engine.url(), database_url=fresh_database)
        unspent = SpendOnce(ReplayKey("jti", b"unspent"), now() + 300, issued_at=now() - 30)
        assert await commit(second, unspent) == Committed()
        assert await commit(second, spend) == Conflict("SpendOnce")
    finally:
        switch.off()


@pytest.mark.attack
async def test_a_farewell_counts_once_and_only_of_the_last(
    opening: OpenStorage, fresh_database: str, engines_folder: Path
) -> None:
    """Attack 59: neither a process that is still there nor an old copy of the file passes for a planned restart."""
    switch = Switch(EmbeddedRedis(engines_folder / f"r{name()[:6]}"))
    assert isinstance(switch.engine, EmbeddedRedis)
    switch.on()
    try:
        first, beside = [
            await opening(redis_url=switch.engine.url(), database_url=fresh_database) for _ in range(2)
        ]
        await first.loading.load(Needs())
        await beside.loading.load(Needs())
        assert await commit(first, audit=(EVENT,)) == Committed()
        await first.close()
        assert await beside.redis.execute(("GET", "idp:{state}:farewell")) == [None]
        await beside.close()
        switch.off()
        switch.on()
        second = await opening(redis_url=switch.engine.url(), database_url=fresh_database)
        (old_copy,) = await second.redis.execute(("GET", "idp:{state}:farewell"))
        assert old_copy is not None
        await second.loading.load(Needs())
        assert await second.redis.execute(("GET", "idp:{state}:farewell")) == [None]
        await second.redis.execute(("SET", "idp:{state}:farewell", old_copy))
        switch.off()
        switch.on()
        third = await opening(redis_url=switch.engine.url(), database_url=fresh_database)
        with pytest.raises(Unavailable):
            await commit(third, SpendOnce(ReplayKey("jti", b"old"), now() + 300, issued_at=now() - 30))
    finally:
        switch.off()
