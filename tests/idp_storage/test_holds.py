"""The registry hears whose account is locked: with the change itself, as it stands when told, until it took it."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from idp.accounts import acts
from idp.accounts.life import Actor, LockReason
from idp.ports import Unavailable
from idp.storage import Storage
from idp.storage.accounts import Secrets
from idp.storage.dead_letters import dead_letters, send_again
from idp.storage.holds import HoldDelivery
from idp.storage.outbox import PATIENCE
from idp.storage.postgres.tables import HOLD_OUTBOX
from tests.clock import MovingClock
from tests.idp_storage.conftest import OpenStorage
from tests.idp_storage.samples import fresh_number, name

pytestmark = pytest.mark.engine


class Told:
    """The other side: what it was told; ``away`` so many times first."""

    def __init__(self, away: int = 0) -> None:
        self.away = away
        self.heard: list[tuple[str, bool]] = []

    async def __call__(self, personal_number: str, *, locked: bool) -> None:
        """One telling."""
        if self.away:
            self.away -= 1
            raise Unavailable("registry")
        self.heard.append((personal_number, locked))


@pytest.fixture
async def storage(opening: OpenStorage, fresh_database: str, moving_clock: MovingClock) -> Storage:
    """Storage with an outbox of its own, under the moving clock."""
    return await opening(database_url=fresh_database, now=moving_clock.timestamp)


async def somebody(storage: Storage, **columns: object) -> tuple[str, str]:
    """A fresh account and its number."""
    account_id, number = name(), fresh_number()
    values: dict[str, object] = {"level": 2, "status": "active", "lock_reasons": []}
    values |= {"password_hash": "$argon2id$sample", "account_type": "citizen"} | columns
    await storage.accounts.save(account_id, number, Secrets(), **values)
    return account_id, number


def worker(storage: Storage, clock: MovingClock, told: Told) -> HoldDelivery:
    """The worker, with ``told`` instead of the registry."""
    opened = storage.accounts.opened_number
    return HoldDelivery(storage.engine, storage.hold_bell, opened, told, now=clock.timestamp)


async def waiting(storage: Storage) -> int:
    """How many lines wait."""
    async with storage.engine.connect() as connection:
        return len((await connection.execute(select(HOLD_OUTBOX.c.id))).all())


async def test_the_first_lock_and_the_last_unlock_are_told(
    storage: Storage, moving_clock: MovingClock
) -> None:
    """Law on Identity 26/2023, Art. 34: reasons coexist; the hold ends when the last of them does."""
    account_id, number = await somebody(storage)
    told = Told()
    delivery = worker(storage, moving_clock, told)
    await storage.lives.apply(account_id, acts.lock(LockReason.OWN_REQUEST, Actor.SUBJECT))
    await delivery.deliver_due()
    await storage.lives.apply(account_id, acts.lock(LockReason.DOCUMENT_REVOKED, Actor.REGISTRY))
    await storage.lives.apply(account_id, acts.unlock(LockReason.OWN_REQUEST, Actor.SUBJECT))
    assert await delivery.deliver_due() == 0
    await storage.lives.apply(account_id, acts.unlock(LockReason.DOCUMENT_REVOKED, Actor.REGISTRY))
    await delivery.deliver_due()
    assert told.heard == [(number, True), (number, False)]
    assert await waiting(storage) == 0


@pytest.mark.attack
async def test_what_is_told_is_how_it_stands(storage: Storage, moving_clock: MovingClock) -> None:
    """Two lines, told late and in any order, end at the present state: attack 53, no old lock after a new unlock."""
    account_id, number = await somebody(storage)
    await storage.lives.apply(account_id, acts.lock(LockReason.OWN_REQUEST, Actor.SUBJECT))
    await storage.lives.apply(account_id, acts.unlock(LockReason.OWN_REQUEST, Actor.SUBJECT))
    told = Told()
    await worker(storage, moving_clock, told).deliver_due()
    assert set(told.heard) == {(number, False)}


@pytest.mark.attack
async def test_a_change_while_it_is_told_is_told_too(storage: Storage, moving_clock: MovingClock) -> None:
    """Attack 53: unlocked while the lock is on its way; the last thing said is true whoever was slower."""
    account_id, number = await somebody(storage)
    await storage.lives.apply(account_id, acts.lock(LockReason.OWN_REQUEST, Actor.SUBJECT))
    told = Told()

    async def slow(personal_number: str, *, locked: bool) -> None:
        if locked:
            await storage.lives.apply(account_id, acts.unlock(LockReason.OWN_REQUEST, Actor.SUBJECT))
        await told(personal_number, locked=locked)

    opened = storage.accounts.opened_number
    delivery = HoldDelivery(storage.engine, storage.hold_bell, opened, slow, now=moving_clock.timestamp)
    await delivery.deliver_due()
    assert told.heard == [(number, True), (number, False)]
    await asyncio.gather(delivery.deliver_due(), delivery.deliver_due())
    assert told.heard[-1] == (number, False)


async def test_a_registry_that_is_away_hears_later(storage: Storage, moving_clock: MovingClock) -> None:
    """Decision 0012: patience, then a dead letter without a word about people, sent again by an operator."""
    account_id, number = await somebody(storage)
    await storage.lives.apply(account_id, acts.lock(LockReason.OWN_REQUEST, Actor.SUBJECT))
    told = Told(away=len(PATIENCE) + 1)
    delivery = worker(storage, moving_clock, told)
    for wait in (0, *PATIENCE):
        moving_clock.advance(wait)
        assert await delivery.deliver_due() == 1
    assert told.heard == []
    (letter,) = await dead_letters(storage.engine, "hold")
    assert number not in letter.line()
    assert await send_again(storage.engine, "hold", letter.row_id, now=int(moving_clock.timestamp())) == 1
    await delivery.deliver_due()
    assert told.heard == [(number, True)]


async def test_accounts_that_begin_locked_are_told(storage: Storage, moving_clock: MovingClock) -> None:
    """A person of the demo, or of a migration, whose account begins locked, is held like everybody's."""
    account_id, number = await somebody(storage, status="locked", lock_reasons=["own_request"])
    told = Told()
    delivery = worker(storage, moving_clock, told)
    await delivery.deliver_due()
    assert told.heard == [(number, True)]
    async with storage.engine.connect() as connection:
        assert (
            await connection.execute(select(HOLD_OUTBOX).where(HOLD_OUTBOX.c.account_id == account_id))
        ).all() == []
