"""Rows of passkeys on the real engine: one owner each, one winner of each race, never the last factor."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace

import asyncpg
import pytest

from idp.domain.decision import Committed, Conflict
from idp.domain.needs import Needs
from idp.domain.passkey import Passkey
from idp.domain.writes import AddPasskey, RemovePasskey, RenamePasskey, SaveSession, UsePasskey
from idp.storage import Storage
from idp.storage.postgres.engine import plain_dsn
from tests.idp_storage.samples import ACCOUNT, commit, digest, now, session

ALL = Needs(account_id=ACCOUNT, passkeys=True)


def passkey(**changes: object) -> Passkey:
    """A passkey of Lan."""
    return replace(
        Passkey(os.urandom(32), ACCOUNT, b"h" * 32, b"cose", "Điện thoại của Lan", now(), 1), **changes
    )


@pytest.fixture
async def kept(storage: Storage) -> Passkey:
    """The only passkey that Lan has."""
    for each in (await storage.loading.load(ALL)).passkeys:
        await commit(storage, RemovePasskey(ACCOUNT, each.credential_id))
    first = passkey()
    assert await commit(storage, AddPasskey(first)) == Committed()
    return first


async def test_it_comes_back_as_it_went_in(storage: Storage, kept: Passkey) -> None:
    """By its credential id with its account, and among the account's own; the account knows what it can reach."""
    facts = await storage.loading.load(Needs(passkey_id=kept.credential_id))
    assert facts.passkey == kept
    assert facts.account is not None
    assert (facts.account.account_id, facts.account.resistance) == (ACCOUNT, 1)
    assert (await storage.loading.load(ALL)).passkeys == (kept,)
    assert (await storage.loading.load(Needs(passkey_id=b"nobody"))).account is None


async def test_what_an_account_can_reach_follows_its_passkeys(storage: Storage, kept: Passkey) -> None:
    """``phrh`` only with a key in hardware that cannot leave it; a stale snapshot never says more (decision 0003)."""
    for change, reach in (({"hardware": True, "backup_eligible": True}, 1), ({"hardware": True}, 2)):
        more = passkey(**change)
        await commit(storage, AddPasskey(more))
        account = (await storage.loading.load(ALL)).account
        assert account is not None
        assert account.resistance == reach
        await commit(storage, RemovePasskey(ACCOUNT, more.credential_id))
    await commit(storage, RemovePasskey(ACCOUNT, kept.credential_id))
    account = (await storage.loading.load(ALL)).account
    assert account is not None
    assert account.resistance == 0


@pytest.mark.attack
async def test_a_credential_id_has_one_owner(storage: Storage, kept: Passkey) -> None:
    """7.1 step 26: of two registrations of one id at once, one is kept."""
    new = passkey()
    outcomes = await asyncio.gather(*(commit(storage, AddPasskey(new)) for _ in range(8)))
    assert sorted(map(str, outcomes)) == [*[str(Committed())], *[str(Conflict("AddPasskey"))] * 7]
    assert len((await storage.loading.load(ALL)).passkeys) == 2


@pytest.mark.attack
async def test_of_two_uses_of_one_count_one_opens_a_session(storage: Storage, kept: Passkey) -> None:
    """7.2 step 22: a copied key that signs at the same moment loses, and so does its session."""
    digests = [digest() for _ in range(6)]
    used = replace(kept, sign_count=2, last_used_at=now())
    outcomes = await asyncio.gather(
        *(commit(storage, SaveSession(each, session()), UsePasskey(used, 1)) for each in digests)
    )
    assert outcomes.count(Committed()) == 1
    opened = [(await storage.loading.load(Needs(session_digest=each))).session for each in digests]
    assert sum(each is not None for each in opened) == 1


@pytest.mark.attack
async def test_two_removals_at_once_leave_one(storage: Storage, kept: Passkey) -> None:
    """CVE-2026-3429: with no other factor, of two passkeys removed at the same moment one stays."""
    other = passkey()
    await commit(storage, AddPasskey(other))
    outcomes = await asyncio.gather(
        *(
            commit(storage, RemovePasskey(ACCOUNT, each.credential_id, keep_one=True))
            for each in (kept, other)
        )
    )
    assert sorted(type(each).__name__ for each in outcomes) == ["Committed", "Conflict"]
    assert len((await storage.loading.load(ALL)).passkeys) == 1


@pytest.mark.attack
async def test_nobody_else_writes_to_it(storage: Storage, kept: Passkey) -> None:
    """Removing and renaming name the account too: with another's id nothing happens."""
    for write in (
        RemovePasskey("somebody-else", kept.credential_id),
        RenamePasskey("somebody-else", kept.credential_id, "x"),
        UsePasskey(replace(kept, account_id="somebody-else"), 1),
    ):
        assert await commit(storage, write) == Conflict(type(write).__name__)
    assert (await storage.loading.load(ALL)).passkeys == (kept,)


async def test_its_name_is_sealed(storage: Storage, kept: Passkey, idp_database: str) -> None:
    """A name is the person's own words: not in the clear, and a new one replaces it."""
    connection = await asyncpg.connect(plain_dsn(idp_database))
    row = await connection.fetchval("SELECT name FROM passkey WHERE credential_id = $1", kept.credential_id)
    await connection.close()
    assert kept.name.encode() not in row
    assert await commit(storage, RenamePasskey(ACCOUNT, kept.credential_id, "Máy cơ quan")) == Committed()
    assert (await storage.loading.load(ALL)).passkeys[0].name == "Máy cơ quan"
