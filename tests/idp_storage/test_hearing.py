"""Events of the registry on the real engines: once each, in their order, and a lock by death ends everything."""

from __future__ import annotations

import asyncio
import time

import pytest

from idp.accounts.registry_events import RegistryEvent, RegistryEventKind
from idp.domain.account import AccountStatus
from idp.domain.needs import Needs
from idp.domain.writes import CreateGrant, SaveSession
from idp.storage import Storage
from idp.storage.accounts import Secrets
from tests.idp_storage.samples import code, commit, digest, fresh_number, grant, name, session

NOW = int(time.time())


async def somebody(storage: Storage, personal_number: str) -> str:
    """An account of this number; its id."""
    account_id = name()
    await storage.accounts.save(
        account_id,
        personal_number,
        Secrets(None, None, None),
        level=2,
        status="active",
        lock_reasons=[],
        password_hash="$argon2id$sample",
        account_type="citizen",
    )
    return account_id


def event(kind: RegistryEventKind, about: str, at: int = NOW, **more: str) -> RegistryEvent:
    """A fresh event."""
    return RegistryEvent(name(), kind, about, at, more.get("new"))


async def status(storage: Storage, account_id: str) -> AccountStatus | None:
    """What loading says."""
    facts = await storage.loading.load(Needs(account_id=account_id))
    return facts.account.status if facts.account else None


@pytest.mark.attack
async def test_a_death_ends_everything_at_once(storage: Storage) -> None:
    """Attack 28 (Keycloak GHSA-wv3h-x6c4-r867): sessions and grants of the dead are gone with the event."""
    about = fresh_number()
    account_id = await somebody(storage, about)
    cookie, living = digest(), grant(account_id=account_id)
    await commit(storage, SaveSession(cookie, session(account_id=account_id)), CreateGrant(living, code()))
    assert await storage.hearing.hear(event(RegistryEventKind.DEATH, about)) == "applied"
    facts = await storage.loading.load(Needs(session_digest=cookie, grant_id=living.grant_id))
    assert (facts.session, facts.grant) == (None, None)
    assert await status(storage, account_id) is AccountStatus.LOCKED


@pytest.mark.attack
async def test_the_same_event_counts_once(storage: Storage) -> None:
    """RFC 8417 section 2.2: a repeated ``jti``, even twenty at once, or after the opposite, changes nothing."""
    about = fresh_number()
    account_id = await somebody(storage, about)
    withdrawn = event(RegistryEventKind.CARD_WITHDRAWN, about)
    outcomes = await asyncio.gather(*(storage.hearing.hear(withdrawn) for _ in range(20)))
    assert sorted(outcomes) == ["applied"] + ["repeated"] * 19
    assert await storage.hearing.hear(event(RegistryEventKind.CARD_RETURNED, about, NOW + 1)) == "applied"
    assert await status(storage, account_id) is AccountStatus.ACTIVE
    assert await storage.hearing.hear(withdrawn) == "repeated"
    assert await status(storage, account_id) is AccountStatus.ACTIVE


async def test_an_older_event_that_comes_late_changes_nothing(storage: Storage) -> None:
    """Pushes overtake each other: the newer word on the card stands."""
    about = fresh_number()
    account_id = await somebody(storage, about)
    await storage.hearing.hear(event(RegistryEventKind.CARD_RETURNED, about, NOW))
    assert await storage.hearing.hear(event(RegistryEventKind.CARD_WITHDRAWN, about, NOW - 60)) == "older"
    assert await status(storage, account_id) is AccountStatus.ACTIVE


async def test_a_new_number_keeps_the_account_and_the_old_one_as_alias(storage: Storage) -> None:
    """Domain facts 11: ``sub`` stays, the number changes, the former one still leads there."""
    old, new = fresh_number(), fresh_number()
    account_id = await somebody(storage, old)
    told = event(RegistryEventKind.NUMBER_REESTABLISHED, old, new=new)
    assert await storage.hearing.hear(told) == "applied"
    for known in (old, new):
        assert await storage.accounts.find_account_by_number(known) == account_id
    stored = await storage.accounts.read(account_id)
    assert stored is not None
    assert (stored.account.personal_number, stored.profile_at) == (new, 0)


@pytest.mark.attack
async def test_a_new_number_takes_nobody_elses_account(storage: Storage) -> None:
    """A number that has an account is not given away: both stay as they are, and it is noted."""
    old, new = fresh_number(), fresh_number()
    mine, theirs = await somebody(storage, old), await somebody(storage, new)
    told = event(RegistryEventKind.NUMBER_REESTABLISHED, old, new=new)
    assert await storage.hearing.hear(told) == "number_taken"
    assert await storage.accounts.find_account_by_number(old) == mine
    assert await storage.accounts.find_account_by_number(new) == theirs


async def test_somebody_without_an_account(storage: Storage) -> None:
    """The event is taken, once, and nobody is touched."""
    about = event(RegistryEventKind.DEATH, fresh_number())
    assert await storage.hearing.hear(about) == "nobody"
    assert await storage.hearing.hear(about) == "repeated"
