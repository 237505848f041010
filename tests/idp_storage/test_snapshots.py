"""Account snapshots: filled on a miss, never stale after a change, sealed, bounded in age (decision 0003)."""

from __future__ import annotations

import asyncio

import pytest

from idp.domain.account import AccountStatus
from idp.domain.needs import Needs
from idp.domain.writes import CreateGrant, KillGrant
from idp.ports import Unavailable
from idp.storage import Storage
from idp.storage.accounts import FRESH
from idp.storage.redis import keys
from tests.clock import MovingClock
from tests.idp_storage.conftest import OpenStorage, furnish
from tests.idp_storage.samples import ACCOUNT, code, commit, grant


async def snapshot(storage: Storage) -> bytes | None:
    """The sealed snapshot in Redis."""
    (reply,) = await storage.redis.execute(("HGET", keys.account(ACCOUNT), "s"))
    return reply


async def test_a_miss_fills_and_a_hit_reads_no_database(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One SQL on a miss, none on a hit."""
    await storage.loading.load(Needs(account_id=ACCOUNT))
    assert await snapshot(storage) is not None

    async def refuse(*_: object, **__: object) -> None:
        raise Unavailable("postgresql")

    monkeypatch.setattr(storage.accounts, "read", refuse)
    facts = await storage.loading.load(Needs(account_id=ACCOUNT))
    assert facts.account is not None


async def test_a_snapshot_read_before_a_change_is_not_kept_after_it(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slow reader: PostgreSQL read before a lock, Redis written after it."""
    await storage.accounts.move_epoch(ACCOUNT)
    read = storage.accounts.read
    have_read, may_go_on = asyncio.Event(), asyncio.Event()

    async def slowly(*arguments: object, **named: object) -> object:
        found = await read(*arguments, **named)
        have_read.set()
        await may_go_on.wait()
        return found

    monkeypatch.setattr(storage.accounts, "read", slowly)
    reader = asyncio.create_task(storage.loading.load(Needs(account_id=ACCOUNT)))
    await have_read.wait()
    await storage.lives.lock(ACCOUNT, "death")
    may_go_on.set()
    stale = await reader
    assert stale.account is not None
    assert stale.account.status is AccountStatus.ACTIVE
    assert await snapshot(storage) is None
    facts = await storage.loading.load(Needs(account_id=ACCOUNT))
    assert facts.account is not None
    assert facts.account.status is AccountStatus.LOCKED
    assert facts.account.epoch > stale.account.epoch


async def test_nothing_is_kept_while_a_change_goes_on(storage: Storage) -> None:
    """A writer that dies between its commit and its second epoch leaves no stale snapshot behind."""
    async with storage.accounts.change(ACCOUNT):
        await storage.loading.load(Needs(account_id=ACCOUNT))
        assert await snapshot(storage) is None
    await storage.loading.load(Needs(account_id=ACCOUNT))
    assert await snapshot(storage) is not None


async def test_an_epoch_never_comes_back(storage: Storage) -> None:
    """After Redis lost an account's epoch, the next one is larger than any before."""
    before = (await storage.loading.load(Needs(account_id=ACCOUNT))).account
    await storage.redis.execute(("DEL", keys.account(ACCOUNT)))
    after = (await storage.loading.load(Needs(account_id=ACCOUNT))).account
    assert before is not None
    assert after is not None
    assert after.epoch > before.epoch


async def test_a_snapshot_is_read_again_after_a_while(
    opening: OpenStorage, moving_clock: MovingClock
) -> None:
    """Whatever went wrong with the epochs, a snapshot is at most ten minutes old."""
    storage = await opening(now=moving_clock.timestamp)
    await furnish(storage)
    await storage.loading.load(Needs(account_id=ACCOUNT))
    first = await snapshot(storage)
    moving_clock.advance(FRESH - 1)
    await storage.loading.load(Needs(account_id=ACCOUNT))
    assert await snapshot(storage) == first
    moving_clock.advance(1)
    await storage.loading.load(Needs(account_id=ACCOUNT))
    assert await snapshot(storage) != first


async def test_a_snapshot_of_another_account_does_not_open(storage: Storage) -> None:
    """Sealed for one record: a snapshot copied to another account reads as a miss."""
    await storage.loading.load(Needs(account_id=ACCOUNT))
    sealed = await snapshot(storage)
    assert sealed is not None
    await storage.redis.execute(("HSET", keys.account("somebody-else"), "e", "1", "s", sealed))
    facts = await storage.loading.load(Needs(account_id="somebody-else"))
    assert facts.account is None


async def test_a_lock_stays_until_its_last_reason_is_gone(storage: Storage) -> None:
    """Several lock reasons coexist: the account is active again only when the set is empty."""
    for reason in ("own_request", "security_incident"):
        assert await storage.lives.lock(ACCOUNT, reason)
    await storage.lives.unlock(ACCOUNT, "own_request")
    facts = await storage.loading.load(Needs(account_id=ACCOUNT))
    assert facts.account is not None
    assert facts.account.status is AccountStatus.LOCKED
    await storage.lives.unlock(ACCOUNT, "security_incident")
    facts = await storage.loading.load(Needs(account_id=ACCOUNT))
    assert facts.account is not None
    assert facts.account.status is AccountStatus.ACTIVE
    assert not await storage.lives.lock("nobody", "own_request")


async def test_a_remembered_owner_is_a_hint_and_nothing_more(storage: Storage) -> None:
    """The account that counts is the one that the loaded grant names, whatever was remembered."""
    fresh = grant()
    await commit(storage, CreateGrant(fresh, code()))
    needs = Needs(grant_id=fresh.grant_id, account_of_grant=True)
    await storage.redis.execute(("HSET", keys.account("somebody-else"), "e", "1"))
    for remembered in (ACCOUNT, "somebody-else"):
        storage.loading._owners.remember(fresh.grant_id, remembered)
        facts = await storage.loading.load(needs)
        assert facts.account is not None
        assert facts.account.account_id == ACCOUNT
        assert facts.account.epoch > 1
    await commit(storage, KillGrant(fresh.grant_id, "test"))
    assert (await storage.loading.load(needs)).account is None
