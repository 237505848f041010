"""Sign-ins at the console, kept on the server; the browser holds 32 random bytes, the database their hash."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Final, cast

from population_registry.operators.errands import Errand, Purpose
from population_registry.storage.connections import Connection

LIFETIME: Final = timedelta(hours=8)
"""A working day; then the officer signs in anew, with both factors."""


@dataclass(frozen=True, slots=True)
class ConsoleSession:
    """One browser's sign-in: whose it is, the errand in hand, the sealed tokens of the provider."""

    digest: bytes
    officer_id: str
    errand: Errand | None
    sealed: bytes
    created_at: datetime


def digest_of(cookie: str) -> bytes:
    """The key under which a cookie's session is kept."""
    return hashlib.sha256(cookie.encode()).digest()


def new_cookie() -> str:
    """A fresh cookie value."""
    return token_urlsafe(32)


async def start(
    connection: Connection,
    cookie: str,
    officer_id: str,
    *,
    subject: str,
    sid: str | None,
    sealed: bytes,
    now: datetime,
    replaces: str | None,
) -> None:
    """A new session; the browser's old one dies with it (no fixation), and so does whatever is over."""
    await connection.execute(
        "DELETE FROM console_session WHERE digest = $1 OR expires_at < $2",
        *(digest_of(replaces or ""), now),
    )
    await connection.execute(
        "INSERT INTO console_session (digest, officer_id, subject, sid, sealed, created_at, expires_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        *(digest_of(cookie), officer_id, subject, sid, sealed, now, now + LIFETIME),
    )


async def find(connection: Connection, cookie: str, now: datetime) -> ConsoleSession | None:
    """The living session of a cookie."""
    rows = await connection.fetch(
        "SELECT digest, officer_id, purpose, case_code, sealed, created_at FROM console_session "
        "WHERE digest = $1 AND expires_at > $2",
        *(digest_of(cookie), now),
    )
    if not rows:
        return None
    digest, officer_id, purpose, case, sealed, created_at = cast(
        "tuple[bytes, str, str | None, str | None, bytes, datetime]", tuple(rows[0])
    )
    errand = None if purpose is None or case is None else Errand(Purpose(purpose), case)
    return ConsoleSession(digest, officer_id, errand, sealed, created_at)


async def hold(connection: Connection, session: ConsoleSession) -> ConsoleSession | None:
    """The session as it is now, held until the transaction ends; None when it is over."""
    rows = await connection.fetch(
        "SELECT sealed FROM console_session WHERE digest = $1 FOR UPDATE", session.digest
    )
    return replace(session, sealed=cast("bytes", rows[0][0])) if rows else None


async def reseal(connection: Connection, session: ConsoleSession, sealed: bytes) -> None:
    """Keep other tokens of the same sign-in."""
    await connection.execute(
        "UPDATE console_session SET sealed = $2 WHERE digest = $1", session.digest, sealed
    )


async def take_errand(connection: Connection, session: ConsoleSession, errand: Errand | None) -> None:
    """From now on the officer works on this errand, or on none."""
    await connection.execute(
        "UPDATE console_session SET purpose = $2, case_code = $3 WHERE digest = $1",
        session.digest,
        None if errand is None else errand.purpose.value,
        None if errand is None else errand.case,
    )


async def end(connection: Connection, session: ConsoleSession) -> None:
    """Forget one sign-in."""
    await connection.execute("DELETE FROM console_session WHERE digest = $1", session.digest)


async def end_as_told(connection: Connection, *, subject: str | None, sid: str | None) -> None:
    """The provider ended one session (`sid`), or all of a person's (OIDC Back-Channel Logout 2.7)."""
    if sid is not None:
        await connection.execute("DELETE FROM console_session WHERE sid = $1", sid)
    elif subject is not None:
        await connection.execute("DELETE FROM console_session WHERE subject = $1", subject)
