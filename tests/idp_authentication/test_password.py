"""Passwords at rest and the pool that hashes them."""

import asyncio
import threading

import pytest

from idp.authentication.password import PARAMETERS, Passwords, Profile
from idp.authentication.pool import Busy, PasswordPool, Verdict
from idp.settings import Settings
from web import UnsafeSetting

CHEAP = Passwords(Profile.CHEAPEST)


def test_rfc_9106_second_option() -> None:
    """The strong profile is argon2id, 64 MiB, 3 passes, 4 lanes (RFC 9106 section 4)."""
    chosen = PARAMETERS[Profile.RFC_9106]
    assert (chosen.type.name, chosen.memory_cost, chosen.time_cost, chosen.parallelism) == (
        "ID",
        65_536,
        3,
        4,
    )


def test_owasp_profile() -> None:
    """Production is argon2id, 19 MiB, 2 passes, 1 lane (OWASP Password Storage Cheat Sheet), as is provisioning."""
    chosen = PARAMETERS[Profile.PRODUCTION]
    assert Profile.PRODUCTION is Profile.OWASP
    assert (chosen.type.name, chosen.memory_cost, chosen.time_cost, chosen.parallelism) == (
        "ID",
        19_456,
        2,
        1,
    )


def test_cheapest_is_refused_in_production(tmp_path) -> None:
    """Settings name the cheap profile as unsafe, with its remedy."""
    settings = Settings(
        public_url="https://id.example",
        database_url="postgresql+asyncpg://db",
        redis_url="rediss://r",
        keys_dir=tmp_path,
        password_profile=Profile.CHEAPEST,
    )
    assert any(
        isinstance(each, UnsafeSetting) and each.name == "PASSWORD_PROFILE" for each in settings.unsafe()
    )


@pytest.mark.parametrize("password", ["", "mật khẩu", "x" * 5_000, "\x00", "🔑" * 100])
def test_any_password_round_trips(password: str) -> None:
    """Every text is a password; only itself opens it."""
    stored = CHEAP.hash(password)
    assert CHEAP.matches(stored, password)
    assert not CHEAP.matches(stored, "!" + password)


@pytest.mark.attack
def test_nobody_has_no_password() -> None:
    """An unknown number is never right, not even with the password of the dummy hash (Keycloak CVE-2026-4633)."""
    assert not CHEAP.matches(None, "the password of nobody")


@pytest.mark.attack
def test_every_answer_hashes_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unknown number, empty password, wrong and right password each cost one hashing (Keycloak PR#51953)."""
    passwords = Passwords(Profile.CHEAPEST)
    stored = passwords.hash("right")
    done: list[str] = []
    verify = type(passwords._hasher).verify

    def counted(self: object, against: str, given: str) -> bool:
        done.append(against)
        return verify(self, against, given)

    monkeypatch.setattr(type(passwords._hasher), "verify", counted)
    for against, given in ((None, "x"), (None, ""), (stored, ""), (stored, "wrong"), (stored, "right")):
        before = len(done)
        passwords.matches(against, given)
        assert len(done) == before + 1


def test_dummy_hash_costs_what_real_ones_cost() -> None:
    """The hash of nobody is made under the very same parameters."""
    for profile in (Profile.CHEAPEST, Profile.OWASP):
        passwords = Passwords(profile)
        assert not passwords._hasher.check_needs_rehash(passwords._nobody)


async def test_weak_hash_is_upgraded_by_its_owner() -> None:
    """A right password under old parameters comes back with a stronger hash; a wrong one does not."""
    old = CHEAP.hash("right")
    pool = PasswordPool(Passwords(Profile.OWASP), threads=1)
    good, bad = await pool.verify(old, "right"), await pool.verify(old, "wrong")
    pool.close()
    assert good.correct
    assert good.upgraded is not None
    assert good.upgraded.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert bad == Verdict(correct=False)


class Slow(Passwords):
    """Hashing that waits until told."""

    def __init__(self) -> None:
        super().__init__(Profile.CHEAPEST)
        self.gate = threading.Event()

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Wait, then answer."""
        self.gate.wait(10)
        return super().matches(password_hash, password)


async def test_full_queue_is_told_at_once() -> None:
    """Beyond the queue's limit nothing is hashed and nobody waits: Busy, with a time to come back."""
    slow = Slow()
    pool = PasswordPool(slow, threads=1, queue=2)
    waiting = [asyncio.create_task(pool.verify(None, "x")) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Busy) as refused:
        await pool.verify(None, "x")
    assert refused.value.retry_after > 0
    slow.gate.set()
    await asyncio.gather(*waiting)
    assert not (await pool.verify(None, "x")).correct
    pool.close()


async def test_a_lost_browser_keeps_its_place_until_the_work_ends() -> None:
    """Hanging up does not free the place early: admission counts work, not people."""
    slow = Slow()
    pool = PasswordPool(slow, threads=1, queue=1)
    task = asyncio.create_task(pool.verify(None, "x"))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    with pytest.raises(Busy):
        await pool.verify(None, "x")
    slow.gate.set()
    pool.close()
