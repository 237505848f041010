"""Pushed requests on the real Redis: sealed, bound to their name, spent once, whatever fails around it."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

import pytest

from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.authorization import AuthorizationRequest, PushedRequest
from idp.domain.decision import Committed, Conflict
from idp.domain.needs import Needs, ReplayKey
from idp.domain.writes import (
    CreateGrant,
    FinishInteraction,
    SaveInteraction,
    SavePushed,
    SpendOnce,
    SpendPushed,
)
from idp.ports import Unavailable
from idp.storage import Storage
from idp.storage.redis import keys
from idp.storage.redis.scripts import run
from tests.idp_storage.conftest import OpenStorage
from tests.idp_storage.samples import ACCOUNT, CLIENT, NUMBER, code, commit, grant, interaction, now

HERE = "https://portal.example/callback"


def named() -> str:
    """A fresh name of a pushed request."""
    return secrets.token_urlsafe(32)


def pushed(pushed_id: str, **changes: Any) -> PushedRequest:
    """A request that carries a personal number as its hint."""
    values: dict[str, Any] = {"login_hint": NUMBER, "pushed_id": pushed_id, "dpop_jkt": "j" * 43}
    return PushedRequest(AuthorizationRequest(CLIENT, HERE, **values | changes), now())


async def kept(storage: Storage) -> tuple[str, PushedRequest]:
    """A pushed request of a minute and a half."""
    pushed_id = named()
    value = pushed(pushed_id)
    assert await commit(storage, SavePushed(pushed_id, value, now() + 90)) == Committed()
    return pushed_id, value


def spending(pushed_id: str) -> SpendPushed:
    """The claim of its completion."""
    return SpendPushed(pushed_id, now() + 990, now())


async def seen(storage: Storage, pushed_id: str) -> tuple[PushedRequest | None, bool]:
    """What a visit would learn."""
    facts = await storage.loading.load(Needs(client_id=CLIENT, pushed_id=pushed_id))
    return facts.pushed, facts.pushed_spent


async def test_a_replayed_assertion_pushes_nothing(storage: Storage) -> None:
    """RFC 7523 section 3 (7): the assertion and the request travel together, and are kept together or not at all."""
    item, pushed_id = ReplayKey("client-assertion", secrets.token_bytes(16)), named()
    once = SpendOnce(item, now() + 60)
    assert await commit(storage, once) == Committed()
    both = (once, SavePushed(pushed_id, pushed(pushed_id), now() + 90))
    assert await commit(storage, *both) == Conflict("SpendOnce")
    assert await seen(storage, pushed_id) == (None, False)


async def test_it_comes_back_whole_until_it_is_spent(storage: Storage) -> None:
    """RFC 9126 section 4: visits do not spend it, completion does, and afterwards it is known as spent."""
    pushed_id, value = await kept(storage)
    assert await seen(storage, pushed_id) == (value, False)
    assert await seen(storage, pushed_id) == (value, False)
    assert await commit(storage, spending(pushed_id)) == Committed()
    assert await seen(storage, pushed_id) == (None, True)
    assert await commit(storage, spending(pushed_id)) == Conflict("SpendPushed")
    assert await seen(storage, named()) == (None, False)


async def test_it_is_sealed_under_its_own_name_and_ends_by_itself(storage: Storage) -> None:
    """No personal data at rest, no name that a browser carries; a record moved to another name does not open."""
    pushed_id, _ = await kept(storage)
    other = named()
    body, left = await run(storage.redis, ("GET", keys.pushed(pushed_id)), ("PTTL", keys.pushed(pushed_id)))
    assert NUMBER.encode() not in body
    assert 0 < left <= 90_000
    assert pushed_id not in keys.pushed(pushed_id)
    await run(storage.redis, ("SET", keys.pushed(other), body))
    assert await seen(storage, other) == (None, False)


async def test_one_that_expired_since_its_visit_is_still_spent_only_once(storage: Storage) -> None:
    """A person may take longer than the name lives: the first completion of two tabs wins, though nothing is left."""
    pushed_id = named()
    assert await commit(storage, spending(pushed_id)) == Committed()
    assert await commit(storage, spending(pushed_id)) == Conflict("SpendPushed")
    (left,) = await run(storage.redis, ("PTTL", keys.pushed(pushed_id)))
    assert left > 900_000


async def test_an_interaction_learns_that_its_request_was_spent(storage: Storage) -> None:
    """RFC 9126 section 7.3: asked for together with the interaction, and only when it came from a pushed request."""
    pushed_id, value = await kept(storage)
    waiting = interaction(request=value.request)
    await commit(storage, SaveInteraction(waiting))
    needs = Needs(interaction_id=waiting.interaction_id, pushed_of_interaction=True)
    assert (await storage.loading.load(needs)).pushed_spent is False
    await commit(storage, spending(pushed_id))
    facts = await storage.loading.load(needs)
    assert (facts.pushed_spent, facts.interaction) == (True, waiting)
    plain = interaction()
    await commit(storage, SaveInteraction(plain))
    facts = await storage.loading.load(Needs(interaction_id=plain.interaction_id, pushed_of_interaction=True))
    assert facts.pushed_spent is False


@pytest.mark.attack
async def test_of_two_hundred_completions_exactly_one_has_a_code(
    opening: OpenStorage, storage: Storage
) -> None:
    """Attack 15: 200 completions from two processes at once; one grant lives, every other was taken back."""
    other = await opening()
    pushed_id, _ = await kept(storage)
    born = [grant() for _ in range(200)]
    event = AuditEvent(AuditKind.CODE_ISSUED, ACCOUNT)
    results = await asyncio.gather(
        *(
            commit(
                (storage, other)[place % 2],
                spending(pushed_id),
                CreateGrant(one, code()),
                audit=(event,),
            )
            for place, one in enumerate(born)
        )
    )
    assert results.count(Committed()) == 1
    assert set(results) == {Committed(), Conflict("SpendPushed")}
    living = [
        one for one in born if (await storage.loading.load(Needs(grant_id=one.grant_id))).grant is not None
    ]
    assert living == [born[results.index(Committed())]]


async def test_a_completion_that_fails_later_gives_the_request_back(
    opening: OpenStorage, storage: Storage
) -> None:
    """Nothing is granted without its audit row: the request waits again, for no longer than it had."""
    pushed_id, value = await kept(storage)
    born, waiting = grant(), interaction(request=value.request)
    await commit(storage, SaveInteraction(waiting))
    without_log = await opening(database_url="postgresql+asyncpg://nobody@127.0.0.1:9/nothing")
    with pytest.raises(Unavailable):
        await commit(
            without_log,
            FinishInteraction(waiting.interaction_id),
            spending(pushed_id),
            CreateGrant(born, code()),
            audit=(AuditEvent(AuditKind.CODE_ISSUED, ACCOUNT),),
        )
    assert await seen(storage, pushed_id) == (value, False)
    (left,) = await run(storage.redis, ("PTTL", keys.pushed(pushed_id)))
    assert 0 < left <= 90_000
    assert (await storage.loading.load(Needs(grant_id=born.grant_id))).grant is None


async def test_a_refused_birth_leaves_nothing_of_an_expired_request(storage: Storage) -> None:
    """The account's epoch moved: what was not there before is not there afterwards, so a second try may win."""
    pushed_id = named()
    refused = CreateGrant(grant(), code(), account_epoch=10**6)
    assert await commit(storage, spending(pushed_id), refused) == Conflict("CreateGrant")
    assert await seen(storage, pushed_id) == (None, False)
    assert await commit(storage, spending(pushed_id), CreateGrant(grant(), code())) == Committed()


@pytest.mark.attack
async def test_a_memory_that_was_lost_never_brings_a_spent_request_back(
    opening: OpenStorage, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attack 59: what was pushed before Redis was born again may have been spent; it is refused (fail closed)."""
    pushed_id, _ = await kept(storage)
    monkeypatch.setattr(storage.birth, "_at", now() + 10)
    assert await seen(storage, pushed_id) == (None, False)
    with pytest.raises(Unavailable):
        await commit(storage, spending(pushed_id))
