"""Sessions of a portal on real PostgreSQL: fixation, logout tokens, sealed content, renewal by one request."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from clients.portal_kit.storage.database import Database
from clients.portal_kit.storage.sessions import LIFETIME, PortalSession, Sessions
from clients.portal_kit.storage.tables import portal_session, spent_logout_token
from clients.relying_party import SignedIn, SignedOut
from keys import KeyRing
from tests.clock import MovingClock

LAN = SignedIn("lan", {"sid": "s-1", "pid": "099194000101"}, "id.token", "access", "refresh-0", 0)


@pytest.fixture
def sessions(database: Database, rings: dict[str, KeyRing], moving_clock: MovingClock) -> Sessions:
    """The sessions of the residence portal."""
    return Sessions(database, rings["residence_portal"].sealer("portal.session"), moving_clock)


async def test_a_session_is_found_by_its_cookie_alone(sessions: Sessions, database: Database) -> None:
    """The database holds a hash; the cookie's value is nowhere in it, nor is anything personal readable."""
    cookie = await sessions.start(LAN, replaces=None)
    found = await sessions.find(cookie)
    assert found is not None
    assert found.signed_in == LAN
    assert await sessions.find(cookie + "x") is None
    assert await sessions.find(None) is None
    async with database.transaction() as connection:
        row = (await connection.execute(select(portal_session))).one()
    stored = repr(row)
    assert not [word for word in (cookie, "099194000101", "refresh-0", "access") if word in stored]


@pytest.mark.attack
async def test_signing_in_kills_the_cookie_that_was_there(sessions: Sessions) -> None:
    """Session fixation: whoever planted a cookie is left with nothing (attack 34)."""
    planted = await sessions.start(replace(LAN, subject="attacker"), replaces=None)
    own = await sessions.start(LAN, replaces=planted)
    assert await sessions.find(planted) is None
    assert (await sessions.find(own)) is not None
    assert own != planted


async def test_a_session_ends_by_time(sessions: Sessions, moving_clock: MovingClock) -> None:
    """Eight hours, then the next sign-in also removes the row."""
    cookie = await sessions.start(LAN, replaces=None)
    moving_clock.advance(LIFETIME.total_seconds() + 1)
    assert await sessions.find(cookie) is None


@pytest.mark.attack
async def test_content_cannot_move_to_another_row(sessions: Sessions, database: Database) -> None:
    """Sealed content belongs to its row: copied to another session it opens nothing."""
    first = await sessions.start(LAN, replaces=None)
    second = await sessions.start(replace(LAN, subject="other"), replaces=None)
    async with database.transaction() as connection:
        sealed = (
            await connection.execute(select(portal_session.c.sealed).where(portal_session.c.subject == "lan"))
        ).scalar_one()
        await connection.execute(
            update(portal_session).where(portal_session.c.subject == "other").values(sealed=sealed)
        )
    assert await sessions.find(second) is None
    assert await sessions.find(first) is not None


@pytest.mark.parametrize(
    ("subject", "sid", "left"), [("lan", None, 1), (None, "s-1", 2), ("lan", "s-1", 2), ("lan", "s-2", 2)]
)
async def test_logout_tokens_end_what_they_name(
    sessions: Sessions, database: Database, subject: str | None, sid: str | None, left: int
) -> None:
    """Back-Channel Logout 2.7: one session by sid, all of a person by sub, both together the narrower."""
    await sessions.start(LAN, replaces=None)
    await sessions.start(replace(LAN, claims={"sid": "s-2"}), replaces=None)
    await sessions.start(replace(LAN, subject="other", claims={"sid": "s-3"}), replaces=None)
    await sessions.end_as_told(SignedOut("jti", 2_000_000_000, subject, sid))
    async with database.transaction() as connection:
        assert (
            await connection.execute(select(func.count()).select_from(portal_session))
        ).scalar_one() == left


@pytest.mark.attack
async def test_a_logout_token_works_once(sessions: Sessions) -> None:
    """A replayed logout token cannot end the person's next session (attack 42)."""
    await sessions.start(LAN, replaces=None)
    notice = SignedOut("jti-1", 2_000_000_000, "lan", None)
    assert await sessions.end_as_told(notice) == 1
    cookie = await sessions.start(LAN, replaces=None)
    assert await asyncio.gather(*(sessions.end_as_told(notice) for _ in range(8))) == [0] * 8
    assert await sessions.find(cookie) is not None


async def test_used_logout_tokens_are_forgotten_after_their_end(
    sessions: Sessions, database: Database, moving_clock: MovingClock
) -> None:
    """The list of used tokens does not grow for ever."""
    end = moving_clock.timestamp() + 120
    await sessions.end_as_told(SignedOut("old", end, "lan", None))
    moving_clock.advance(hours=1)
    await sessions.end_as_told(SignedOut("new", end + 3600, "lan", None))
    async with database.transaction() as connection:
        assert list((await connection.execute(select(spent_logout_token.c.jti))).scalars()) == ["new"]


@pytest.mark.attack
async def test_one_refresh_token_is_spent_once(sessions: Sessions) -> None:
    """Many requests at once renew once; spending a token twice would end the family (RFC 9700, 4.14.2)."""
    cookie = await sessions.start(LAN, replaces=None)
    session = await sessions.find(cookie)
    assert session is not None
    spent: list[str | None] = []

    async def renewed(old: SignedIn) -> SignedIn:
        spent.append(old.refresh_token)
        return replace(old, access_token="new", refresh_token="refresh-1", access_expires_at=9_999_999_999)

    async def renew(each: PortalSession) -> SignedIn | None:
        return await sessions.renew(each, fresh=lambda kept: kept.access_expires_at > 0, renewed=renewed)

    found = await asyncio.gather(*(renew(session) for _ in range(8)))
    assert spent == ["refresh-0"]
    assert {each.access_token for each in found if each} == {"new"}
    await sessions.end(session)
    assert await renew(session) is None


def test_a_session_knows_when_it_began() -> None:
    """Needed to tell a stale sign-in from one a minute old."""
    end = datetime(2026, 11, 21, 16, tzinfo=UTC)
    assert PortalSession(b"", LAN, end).started_at == end - timedelta(hours=8)
