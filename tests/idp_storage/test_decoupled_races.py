"""Decoupled requests on the real engines: every race has one winner, and nothing is stored readable."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.authorization import AuthorizationRequest
from idp.domain.decision import Committed, Conflict
from idp.domain.decoupled import MOST_WAITING, DecoupledRequest, LoadedDecoupled, Status
from idp.domain.needs import Needs
from idp.domain.writes import (
    BlockClient,
    DecideDecoupled,
    KeepApproved,
    NotePoll,
    OpenDecoupled,
    RememberSubject,
)
from idp.ports import Unavailable
from idp.storage import Storage
from tests.idp_storage.conftest import OpenStorage
from tests.idp_storage.decoupled_samples import approval, device, epoch_of, redemption, request, state_of
from tests.idp_storage.samples import (
    ACCOUNT,
    CLIENT,
    NUMBER,
    commit,
    now,
)


async def test_of_a_hundred_redemptions_exactly_one_wins(opening: OpenStorage, storage: Storage) -> None:
    """RFC 8628 3.5, CIBA 10.1, from two processes' worth of connections: only the winner's token lives."""
    other, asked = await opening(), request()
    epoch = await epoch_of(storage)
    await commit(storage, OpenDecoupled(asked, 5))
    await commit(storage, DecideDecoupled(asked, approval()), KeepApproved(asked, ACCOUNT, epoch))
    tries = [redemption(asked, epoch) for _ in range(100)]
    event = AuditEvent(AuditKind.TOKENS_ISSUED, ACCOUNT, grant_id=asked.request_id)
    results = await asyncio.gather(
        *(commit((storage, other)[place % 2], each, audit=(event,)) for place, each in enumerate(tries))
    )
    winners = [each for each, result in zip(tries, results, strict=True) if result == Committed()]
    assert len(winners) == 1
    living = []
    for each in tries:
        assert each.access is not None
        needs = Needs(grant_id=asked.request_id, access_digest=each.access.token_hash)
        facts = await storage.loading.load(needs)
        if facts.grant is not None and facts.grant.access is not None:
            living.append(each)
    assert living == winners


async def test_yes_and_no_at_once_are_one_answer(storage: Storage) -> None:
    """CIBA 7: of fifty answers one counts, and what is stored is that one's."""
    asked = request()
    await commit(storage, OpenDecoupled(asked, 5))
    said = [approval() if place % 2 else None for place in range(50)]
    results = await asyncio.gather(*(commit(storage, DecideDecoupled(asked, each)) for each in said))
    assert results.count(Committed()) == 1
    winner = said[results.index(Committed())]
    found = await state_of(storage, asked)
    assert found is not None
    assert found.approval == winner
    assert found.status is (Status.APPROVED if winner else Status.DENIED)


async def test_polls_at_once_make_one_noted_and_the_others_late(storage: Storage) -> None:
    """RFC 8628 3.5: of parallel polls one is in time; who lost finds a poll of this very second."""
    asked = request()
    await commit(storage, OpenDecoupled(asked, 5))
    write = NotePoll(asked.request_id, now(), 0)
    results = await asyncio.gather(*(commit(storage, write) for _ in range(50)))
    assert results.count(Committed()) == 1
    slower = NotePoll(asked.request_id, now(), None, 5)
    results = await asyncio.gather(*(commit(storage, slower) for _ in range(10)))
    assert results.count(Committed()) == 10
    found = await state_of(storage, asked)
    assert found is not None
    assert found.interval == 55


@pytest.mark.attack
async def test_no_flood_gets_past_the_cap(opening: OpenStorage, storage: Storage) -> None:
    """Attack 45: a hundred requests at once for one person from two processes: three wait, the rest never were."""
    other = await opening()
    asked = [request(request=AuthorizationRequest(f"client-{place}", "")) for place in range(100)]
    results = await asyncio.gather(
        *(commit((storage, other)[place % 2], OpenDecoupled(each, 5)) for place, each in enumerate(asked))
    )
    assert results.count(Committed()) == MOST_WAITING
    facts = await storage.loading.load(Needs(account_id=ACCOUNT, waiting=True))
    assert len(facts.waiting) == MOST_WAITING
    for each, result in zip(asked, results, strict=True):
        assert (await state_of(storage, each) is not None) is (result == Committed())


@pytest.mark.attack
async def test_nobody_slips_past_a_lock(storage: Storage) -> None:
    """Attack 38, CVE-2026-16103: approve, redeem and lock in any interleaving; afterwards nothing lives."""
    for _ in range(40):
        asked = request()
        epoch = await epoch_of(storage)
        await commit(storage, OpenDecoupled(asked, 5))

        async def approve_and_redeem(asked: DecoupledRequest = asked, epoch: int = epoch) -> None:
            await commit(storage, DecideDecoupled(asked, approval()), KeepApproved(asked, ACCOUNT, epoch))
            await commit(storage, redemption(asked, epoch))

        await asyncio.gather(approve_and_redeem(), storage.lives.lock(ACCOUNT, "own_request"))
        facts = await storage.loading.load(Needs(grant_id=asked.request_id, decoupled_id=asked.request_id))
        assert facts.grant is None
        assert facts.decoupled is None or facts.decoupled.status is not Status.REDEEMED
        assert await commit(storage, redemption(asked, epoch)) == Conflict("RedeemDecoupled")
        await storage.lives.unlock(ACCOUNT, "own_request")
        # What was approved before the lock does not come back with the account.
        assert await commit(storage, redemption(asked, await epoch_of(storage))) == Conflict(
            "RedeemDecoupled"
        )
        left = (await storage.loading.load(Needs(account_id=ACCOUNT, waiting=True))).waiting
        for each in left:
            await commit(storage, DecideDecoupled(each.request))


@pytest.mark.attack
async def test_an_approval_dies_with_the_lock(storage: Storage) -> None:
    """Attack 38: approved, then locked and freed again: the approval of before does not come back to life."""
    asked = request()
    await commit(storage, OpenDecoupled(asked, 5))
    kept = KeepApproved(asked, ACCOUNT, await epoch_of(storage))
    assert await commit(storage, DecideDecoupled(asked, approval()), kept) == Committed()
    await storage.lives.lock(ACCOUNT, "own_request")
    await storage.lives.unlock(ACCOUNT, "own_request")
    assert await state_of(storage, asked) is None
    assert await commit(storage, redemption(asked, await epoch_of(storage))) == Conflict("RedeemDecoupled")


@pytest.mark.attack
async def test_a_blocked_client_reaches_the_person_no_more(storage: Storage) -> None:
    """Attack 45: the block is part of the same atomic step that begins the waiting."""
    await commit(storage, BlockClient(ACCOUNT, CLIENT, 60))
    assert await commit(storage, OpenDecoupled(request(), 5)) == Conflict("OpenDecoupled")
    facts = await storage.loading.load(Needs(account_id=ACCOUNT, client_id=CLIENT, waiting=True))
    assert facts.blocked
    others = request(request=AuthorizationRequest("other", ""))
    assert await commit(storage, OpenDecoupled(others, 5)) == Committed()


async def test_an_answer_without_its_audit_row_never_was(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claims are taken back when PostgreSQL fails: the request waits again, with its code and its place."""
    for asked in (request(), device("DDDDDDDD")):
        await commit(storage, OpenDecoupled(asked, 5))

        async def away(*_: object) -> None:
            raise Unavailable("postgresql")

        with monkeypatch.context() as broken:
            broken.setattr(storage.audit, "append", away)
            event = AuditEvent(AuditKind.APPROVAL_GIVEN, ACCOUNT)
            with pytest.raises(Unavailable):
                await commit(storage, DecideDecoupled(asked, approval()), audit=(event,))
        found = await state_of(storage, asked)
        assert found == LoadedDecoupled(asked, Status.PENDING, 5)
        facts = await storage.loading.load(Needs(account_id=ACCOUNT, waiting=True, user_code=asked.user_code))
        assert found in (*facts.waiting, facts.decoupled)


async def test_pseudonyms_lead_to_accounts(storage: Storage) -> None:
    """CIBA 7.1: a hint by the pseudonym that a client knows finds its person; another one nobody."""
    await commit(storage, RememberSubject("s" * 43, ACCOUNT))
    found = (await storage.loading.load(Needs(subject="s" * 43))).account
    assert found is not None
    assert found.account_id == ACCOUNT
    assert (await storage.loading.load(Needs(subject="t" * 43))).account is None


async def test_redis_holds_no_request_in_the_clear(storage: Storage) -> None:
    """Law 91/2025 Art. 14: requests name persons: hints, messages, codes and addresses are sealed or hashed."""
    called, connected = request(), device("FFFFFFFF", address="203.0.113.77", agent="Tivi phòng khách")
    for asked in (called, connected):
        await commit(storage, OpenDecoupled(asked, 5))
    await commit(storage, DecideDecoupled(connected, replace(approval(), acr="urn:secret-acr")))
    seen = b""
    (names,) = await storage.redis.execute(("KEYS", "*"))
    for key in names:
        seen += key
        if key.startswith((b"d:", b"dc:", b"dw:")):
            kind = (await storage.redis.execute(("TYPE", key)))[0]
            read = {b"hash": ("HGETALL", key), b"zset": ("ZRANGE", key, 0, -1), b"string": ("GET", key)}
            reply = (await storage.redis.execute(read[bytes(kind)]))[0]
            seen += b" ".join(reply) if isinstance(reply, list) else reply
    for secret in (
        NUMBER,
        "Quầy",
        "FFFFFFFF",
        "203.0.113.77",
        "Tivi phòng khách",
        "notification-token",
        "urn:secret-acr",
    ):
        assert secret.encode() not in seen, secret
