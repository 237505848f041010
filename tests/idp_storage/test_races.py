"""Races on the real engines: one winner, nobody slips past a lock or a logout."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from idp.domain.account import AccountStatus
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.decision import Committed, Conflict
from idp.domain.needs import Needs, ReplayKey
from idp.domain.writes import (
    CountAttempt,
    CreateGrant,
    EndSession,
    KillGrant,
    RedeemCode,
    SaveSession,
    SpendOnce,
    UseRefresh,
)
from idp.storage import Storage
from tests.idp_storage.conftest import OpenStorage
from tests.idp_storage.samples import (
    ACCOUNT,
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

LOCK_ROUNDS = 200


async def test_of_two_hundred_redemptions_exactly_one_wins(opening: OpenStorage, storage: Storage) -> None:
    """RFC 6749 section 4.1.2, 200 ways at once from two processes' worth of connections; only its token lives."""
    other = await opening()
    fresh, unspent = grant(), code()
    await commit(storage, CreateGrant(fresh, unspent))
    tokens = [access() for _ in range(200)]
    event = AuditEvent(AuditKind.TOKENS_ISSUED, ACCOUNT, grant_id=fresh.grant_id)
    results = await asyncio.gather(
        *(
            commit(
                (storage, other)[place % 2],
                RedeemCode(fresh.grant_id, unspent.code_hash, token, None),
                audit=(event,),
            )
            for place, token in enumerate(tokens)
        )
    )
    winners = [token for token, result in zip(tokens, results, strict=True) if result == Committed()]
    assert len(winners) == 1
    living = []
    for token in tokens:
        facts = await storage.loading.load(Needs(grant_id=fresh.grant_id, access_digest=token.token_hash))
        if facts.grant is not None and facts.grant.access is not None:
            living.append(token)
    assert living == winners


async def test_of_two_hundred_assertions_with_one_jti_exactly_one_wins(storage: Storage) -> None:
    """esignet#2418, Hydra GHSA-3p3g-vpw6-4w66: a replayed assertion loses, however parallel."""
    item = ReplayKey("jti", name().encode())
    results = await asyncio.gather(*(commit(storage, SpendOnce(item, now() + 60)) for _ in range(200)))
    assert results.count(Committed()) == 1


async def test_an_assertion_that_pays_for_many_codes_gives_tokens_for_one(storage: Storage) -> None:
    """The item and the grant travel together: whoever loses the item keeps nothing, not even for a moment told."""
    item = ReplayKey("jti", name().encode())
    asked = []
    for _ in range(40):
        fresh, unspent = grant(), code()
        await commit(storage, CreateGrant(fresh, unspent))
        asked.append((fresh, unspent, access()))
    results = await asyncio.gather(
        *(
            commit(
                storage, SpendOnce(item, now() + 60), RedeemCode(each.grant_id, secret.code_hash, token, None)
            )
            for each, secret, token in asked
        )
    )
    assert results.count(Committed()) == 1
    for (each, _, token), result in zip(asked, results, strict=True):
        facts = await storage.loading.load(Needs(grant_id=each.grant_id, access_digest=token.token_hash))
        assert (facts.grant is not None and facts.grant.access is not None) == (result == Committed())


async def test_a_refresh_whose_proof_was_replayed_is_taken_back(storage: Storage) -> None:
    """RFC 9449 11.1: the family stands as before, and the owner's next refresh works."""
    fresh, unspent, family = grant(), code(), refresh()
    await commit(storage, CreateGrant(fresh, unspent))
    await commit(storage, RedeemCode(fresh.grant_id, unspent.code_hash, None, family))
    item, token = ReplayKey("dpop-proof", name().encode()), access()
    assert await commit(storage, SpendOnce(item, now() + 60)) == Committed()
    current, after = family.current_hash, refresh(previous=family.current_hash)
    use = UseRefresh(fresh.grant_id, current, current, token, after)
    assert await commit(storage, SpendOnce(item, now() + 60), use) == Conflict("SpendOnce")
    facts = await storage.loading.load(Needs(grant_id=fresh.grant_id, access_digest=token.token_hash))
    assert facts.grant is not None
    assert facts.grant.access is None
    assert facts.grant.refresh == family
    assert await commit(storage, use) == Committed()


async def test_a_refresh_race_rotates_once(storage: Storage) -> None:
    """Keycloak CVE-2026-1035: the family has one successor, whoever asks at the same time."""
    fresh, unspent, family = grant(), code(), refresh()
    await commit(storage, CreateGrant(fresh, unspent))
    await commit(storage, RedeemCode(fresh.grant_id, unspent.code_hash, None, family))
    successors = [refresh(previous=family.current_hash) for _ in range(50)]
    current = family.current_hash
    results = await asyncio.gather(
        *(
            commit(storage, UseRefresh(fresh.grant_id, current, current, access(), after))
            for after in successors
        )
    )
    winners = [after for after, result in zip(successors, results, strict=True) if result == Committed()]
    facts = await storage.loading.load(Needs(grant_id=fresh.grant_id))
    assert facts.grant is not None
    assert winners == [facts.grant.refresh]


async def test_refresh_against_kill_leaves_nothing_alive(storage: Storage) -> None:
    """Keycloak #51312: refresh and revocation at the same moment; afterwards the grant is dead either way."""
    for _ in range(50):
        fresh, unspent, family = grant(), code(), refresh()
        await commit(storage, CreateGrant(fresh, unspent))
        await commit(storage, RedeemCode(fresh.grant_id, unspent.code_hash, None, family))
        current, token = family.current_hash, access()
        after = refresh(previous=current)
        await asyncio.gather(
            commit(storage, UseRefresh(fresh.grant_id, current, current, token, after)),
            commit(storage, KillGrant(fresh.grant_id, "revoked")),
        )
        facts = await storage.loading.load(Needs(grant_id=fresh.grant_id, access_digest=token.token_hash))
        assert facts.grant is None


async def test_parallel_guesses_cannot_outrun_the_limit(storage: Storage) -> None:
    """CWE-307: of a hundred guesses at once, five are judged."""
    bucket = f"otp:{name()}"
    results = await asyncio.gather(*(commit(storage, CountAttempt(bucket, 60, limit=5)) for _ in range(100)))
    assert results.count(Committed()) == 5


async def test_no_grant_survives_a_lock(opening: OpenStorage, storage: Storage) -> None:
    """Law on Identity Art. 34, Zitadel CVE-2023-22492: 200 locks against grants and sessions being born.

    Whatever was decided on the active account is either refused or swept: afterwards nothing of it lives.
    """
    other = await opening()
    born = refused = 0
    for place in range(LOCK_ROUNDS):
        facts = await other.loading.load(Needs(account_id=ACCOUNT))
        assert facts.account is not None
        assert facts.account.status is AccountStatus.ACTIVE
        fresh, cookie = grant(), digest()
        create = CreateGrant(fresh, code(), account_epoch=facts.account.epoch)
        save = SaveSession(cookie, session(), account_epoch=facts.account.epoch)

        async def after(turns: int, act: Coroutine[Any, Any, object]) -> object:
            for _ in range(turns):
                await asyncio.sleep(0)
            return await act

        acts = [
            after(place % 3, commit(other, create)),
            after(place % 4, commit(other, save)),
            after(place % 7, storage.lives.lock(ACCOUNT, "security_incident")),
        ]
        if place == 0:  # the lock comes last: both are born
            results = [await act for act in acts]
        elif place == 1:  # the lock comes first: both are refused
            results = [await act for act in reversed(acts)][::-1]
        else:
            results = await asyncio.gather(*acts)
        born += results[:2].count(Committed())
        refused += sum(isinstance(result, Conflict) for result in results[:2])
        seen = await other.loading.load(
            Needs(account_id=ACCOUNT, grant_id=fresh.grant_id, session_digest=cookie)
        )
        assert seen.account is not None
        assert seen.account.status is AccountStatus.LOCKED
        assert seen.grant is None
        assert seen.session is None
        await storage.lives.unlock(ACCOUNT, "security_incident")
    assert born
    assert refused


async def test_no_grant_survives_the_end_of_its_session(storage: Storage) -> None:
    """A logout and an authorization in the same session at the same moment."""
    for turns in range(60):
        cookie, browser = digest(), session()
        await commit(storage, SaveSession(cookie, browser))
        fresh = grant(session_id=browser.session_id)

        async def authorize(turns: int, write: CreateGrant) -> object:
            for _ in range(turns % 8):
                await asyncio.sleep(0)
            return await commit(storage, write)

        await asyncio.gather(
            authorize(turns, CreateGrant(fresh, code())),
            commit(storage, EndSession(cookie, browser.session_id)),
        )
        assert (await storage.loading.load(Needs(grant_id=fresh.grant_id))).grant is None
