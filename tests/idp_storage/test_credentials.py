"""Passwords, apps and recovery codes on the real engines."""

from __future__ import annotations

import asyncio

import pytest

from idp.domain.decision import Committed, Conflict
from idp.domain.needs import Needs
from idp.domain.writes import (
    ChangePassword,
    EndSessionsOf,
    ReplaceRecoveryCodes,
    SaveSession,
    SetTotp,
    UseRecoveryCode,
)
from idp.storage import Storage
from tests.idp_storage.samples import ACCOUNT, TOTP, commit, digest, session

CODES = frozenset({b"1" * 32, b"2" * 32})


@pytest.mark.attack
async def test_a_recovery_code_raced_is_used_once(storage: Storage) -> None:
    """Attack 41: twenty at once with one code, and one of them has it."""
    assert await commit(storage, ReplaceRecoveryCodes(ACCOUNT, CODES)) == Committed()
    results = await asyncio.gather(*(commit(storage, UseRecoveryCode(ACCOUNT, b"1" * 32)) for _ in range(20)))
    assert results.count(Committed()) == 1
    assert results.count(Conflict("UseRecoveryCode")) == 19
    held = await storage.accounts.credentials(ACCOUNT)
    assert held is not None
    assert held.recovery == {b"2" * 32}


async def test_new_codes_replace_those_before(storage: Storage) -> None:
    """Whatever was left is worth nothing."""
    await commit(storage, ReplaceRecoveryCodes(ACCOUNT, CODES))
    await commit(storage, ReplaceRecoveryCodes(ACCOUNT, frozenset({b"3" * 32})))
    assert await commit(storage, UseRecoveryCode(ACCOUNT, b"2" * 32)) == Conflict("UseRecoveryCode")


@pytest.mark.attack
async def test_of_two_password_changes_one_counts(storage: Storage) -> None:
    """Both were judged against the same old one; the second must be judged again."""
    held = await storage.accounts.credentials(ACCOUNT)
    assert held is not None
    results = await asyncio.gather(
        *(commit(storage, ChangePassword(ACCOUNT, f"$new{n}", replaces=held.password_hash)) for n in range(5))
    )
    assert results.count(Committed()) == 1


async def test_an_app_is_sealed_and_read_back(storage: Storage) -> None:
    """What was set is what is loaded; None takes it away."""
    await commit(storage, SetTotp(ACCOUNT, TOTP[::-1]))
    held = await storage.accounts.credentials(ACCOUNT)
    assert held is not None
    assert held.totp_secret == TOTP[::-1]
    await commit(storage, SetTotp(ACCOUNT, None))
    held = await storage.accounts.credentials(ACCOUNT)
    assert held is not None
    assert held.totp_secret is None


async def test_one_session_or_all_others(storage: Storage) -> None:
    """What ends is exactly what was named."""
    cookies = [digest() for _ in range(4)]
    made = [session() for _ in cookies]
    for cookie, each in zip(cookies, made, strict=True):
        await commit(storage, SaveSession(cookie, each))

    async def living() -> list[bool]:
        found = [await storage.loading.load(Needs(session_digest=cookie)) for cookie in cookies]
        return [each.session is not None for each in found]

    await commit(storage, EndSessionsOf(ACCOUNT, only=made[1].session_id))
    assert await living() == [True, False, True, True]
    await commit(storage, EndSessionsOf(ACCOUNT, besides=made[2].session_id))
    assert await living() == [False, False, True, False]
