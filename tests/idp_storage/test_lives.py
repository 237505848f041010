"""Where an account stands, on the real engines: the rule decides on the row, and what must end ends."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select

from idp.accounts import acts
from idp.accounts.life import Actor, CloseReason, LockReason, NotAllowed
from idp.domain.account import AccountStatus
from idp.domain.needs import Needs
from idp.domain.writes import CreateGrant, SaveSession
from idp.storage import Storage
from idp.storage.accounts import Secrets
from idp.storage.postgres.tables import MAIL_OUTBOX
from tests.idp_storage.samples import code, commit, digest, fresh_number, grant, name, session


async def somebody(storage: Storage, status: str = "active", **columns: object) -> str:
    """A fresh account; its id."""
    account_id = name()
    number = fresh_number()
    values: dict[str, object] = {
        "level": 1,
        "status": status,
        "lock_reasons": [],
        "password_hash": "$argon2id$sample",
        "account_type": "citizen",
    }
    await storage.accounts.save(
        account_id, number, Secrets(None, "a@example.vn.test", None), **values | columns
    )
    return account_id


async def mails(storage: Storage) -> int:
    """How many messages wait."""
    async with storage.engine.connect() as connection:
        return int((await connection.execute(select(func.count()).select_from(MAIL_OUTBOX))).scalar_one())


async def status(storage: Storage, account_id: str) -> AccountStatus | None:
    """What loading says of the account."""
    facts = await storage.loading.load(Needs(account_id=account_id))
    return facts.account.status if facts.account else None


async def test_locking_twice_and_unlocking_once_leaves_it_locked(storage: Storage) -> None:
    """Law on Identity 26/2023, Art. 34: in use again only when no reason is left."""
    account_id = await somebody(storage)
    await storage.lives.apply(account_id, acts.lock(LockReason.OWN_REQUEST, Actor.SUBJECT))
    await storage.lives.apply(account_id, acts.lock(LockReason.DOCUMENT_REVOKED, Actor.REGISTRY))
    await storage.lives.apply(account_id, acts.unlock(LockReason.OWN_REQUEST, Actor.OFFICER))
    assert await status(storage, account_id) is AccountStatus.LOCKED
    await storage.lives.apply(account_id, acts.unlock(LockReason.DOCUMENT_REVOKED, Actor.REGISTRY))
    assert await status(storage, account_id) is AccountStatus.ACTIVE


async def test_a_refused_act_writes_nothing(storage: Storage) -> None:
    """A local officer's lock on behalf of a court changes neither row, log nor mailbox (Decree 69/2024, 16)."""
    account_id = await somebody(storage)
    before = await mails(storage), len(await storage.records.history(account_id))
    with pytest.raises(NotAllowed):
        await storage.lives.apply(account_id, acts.lock(LockReason.JUDICIAL_REQUEST, Actor.OFFICER))
    assert await status(storage, account_id) is AccountStatus.ACTIVE
    assert (await mails(storage), len(await storage.records.history(account_id))) == before


async def test_the_person_hears_of_a_lock_but_not_of_a_death(storage: Storage) -> None:
    """Law on Identity 26/2023, Art. 34(3): "notified at once", in all cases but death."""
    account_id = await somebody(storage)
    before = await mails(storage)
    await storage.lives.apply(account_id, acts.lock(LockReason.DEATH, Actor.REGISTRY))
    assert await mails(storage) == before
    await storage.lives.apply(account_id, acts.lock(LockReason.DOCUMENT_REVOKED, Actor.REGISTRY))
    assert await mails(storage) == before + 1
    repeated = acts.lock(LockReason.DOCUMENT_REVOKED, Actor.REGISTRY)
    await storage.lives.apply(account_id, repeated)
    assert await mails(storage) == before + 1, "the same lock again is no news"


@pytest.mark.attack
async def test_a_closed_account_keeps_nothing_and_never_comes_back(storage: Storage) -> None:
    """Attack 28: closing ends sessions and grants at once; no act of anybody reopens it."""
    account_id = await somebody(storage)
    cookie, living = digest(), grant(account_id=account_id)
    await commit(storage, SaveSession(cookie, session(account_id=account_id)), CreateGrant(living, code()))
    await storage.lives.apply(account_id, acts.close(CloseReason.NATIONALITY_LOST, Actor.REGISTRY))
    facts = await storage.loading.load(Needs(session_digest=cookie, grant_id=living.grant_id))
    assert (facts.session, facts.grant) == (None, None)
    for act in (
        acts.unlock(LockReason.OWN_REQUEST, Actor.CENTRE),
        acts.lock(LockReason.DEATH, Actor.REGISTRY),
        acts.activate(Actor.HOTLINE, 1),
    ):
        with pytest.raises(NotAllowed, match="account_closed"):
            await storage.lives.apply(account_id, act)
    assert await status(storage, account_id) is AccountStatus.CLOSED


@pytest.mark.attack
async def test_of_two_activations_at_once_one_counts(storage: Storage) -> None:
    """An activation raced twenty times over takes effect once (attack list, section 2: check-then-act)."""
    account_id = await somebody(storage, "issued", noticed_at=1_795_000_000)
    assert await status(storage, account_id) is AccountStatus.ISSUED

    async def activate() -> bool:
        try:
            return (
                await storage.lives.apply(account_id, acts.activate(Actor.HOTLINE, 1_795_000_060)) is not None
            )
        except NotAllowed:
            return False

    won = await asyncio.gather(*(activate() for _ in range(20)))
    assert won.count(True) == 1


async def test_an_account_nobody_knows(storage: Storage) -> None:
    """Nothing happens, and nothing is said."""
    assert await storage.lives.apply("nobody", acts.lock(LockReason.DEATH, Actor.REGISTRY)) is None
