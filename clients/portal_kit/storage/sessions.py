"""Sign-ins at a portal, kept on the server; the browser holds 32 random bytes, the database their hash."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe
from typing import Final

import orjson
from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from clients.portal_kit.representing import Dependant
from clients.portal_kit.storage.database import Database
from clients.portal_kit.storage.tables import portal_session, spent_logout_token
from clients.relying_party import SignedIn, SignedOut
from keys import SealBroken, Sealer

LIFETIME: Final = timedelta(hours=8)
TOLERANCE: Final = timedelta(minutes=5)
"""How long a used logout token is remembered beyond its end; more than any clock tolerance."""


@dataclass(frozen=True, slots=True)
class Acting:
    """For whom somebody chose to act, and the token of minutes that they got for it last."""

    dependant: Dependant
    token: str = ""
    expires_at: int = 0


@dataclass(frozen=True, slots=True)
class PortalSession:
    """One browser's sign-in and when it ends. ``digest`` is the session's key here."""

    digest: bytes
    signed_in: SignedIn
    expires_at: datetime
    acting: Acting | None = None

    @property
    def keeper(self) -> str:
        """Whose drafts and dossiers these are: the person's own, or theirs for the one they act for."""
        mine = self.signed_in.subject
        return mine if self.acting is None else f"{mine} for {self.acting.dependant.subject}"

    @property
    def started_at(self) -> datetime:
        """When the person signed in here."""
        return self.expires_at - LIFETIME


class Sessions:
    """Sessions of one portal. Tokens and claims are sealed; ``clock`` gives the time with its zone."""

    def __init__(self, database: Database, sealer: Sealer, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock

    async def start(self, signed_in: SignedIn, *, replaces: str | None) -> str:
        """A new session, and the cookie's value. The old one dies in the same transaction (no fixation).

        Who signs in anew on the way (a second factor, a longer form) goes on acting for whom they had chosen.
        """
        cookie = token_urlsafe(32)
        digest = digest_of(cookie)
        before = await self.find(replaces)
        same = before is not None and before.signed_in.subject == signed_in.subject
        acting = replace(before.acting, token="") if same and before and before.acting else None
        async with self._database.transaction() as connection:
            if replaces:
                await connection.execute(
                    delete(portal_session).where(portal_session.c.digest == digest_of(replaces))
                )
            await connection.execute(
                delete(portal_session).where(portal_session.c.expires_at < self._clock())
            )
            await connection.execute(
                insert(portal_session).values(
                    digest=digest,
                    subject=signed_in.subject,
                    sid=signed_in.claims.get("sid"),
                    sealed=self._sealed(digest, signed_in, acting),
                    created_at=self._clock(),
                    expires_at=self._clock() + LIFETIME,
                )
            )
        return cookie

    async def find(self, cookie: str | None) -> PortalSession | None:
        """The living session of a cookie, or None."""
        if not cookie:
            return None
        digest = digest_of(cookie)
        async with self._database.reading() as connection:
            row = (
                await connection.execute(
                    select(portal_session.c.sealed, portal_session.c.expires_at).where(
                        portal_session.c.digest == digest, portal_session.c.expires_at > self._clock()
                    )
                )
            ).one_or_none()
        if row is None:
            return None
        try:
            signed_in, acting = self._opened(digest, row.sealed)
        except SealBroken:  # sealed with a key that was retired: sign in again
            return None
        return PortalSession(digest, signed_in, row.expires_at, acting)

    async def act_for(self, session: PortalSession, acting: Acting | None) -> None:
        """From now on the pages of this session are for somebody else, or for the person again."""
        mine = portal_session.c.digest == session.digest
        async with self._database.transaction() as connection:
            sealed = (
                await connection.execute(select(portal_session.c.sealed).where(mine).with_for_update())
            ).scalar_one_or_none()
            if sealed is None:
                return
            signed_in, _ = self._opened(session.digest, sealed)
            await connection.execute(
                update(portal_session)
                .where(mine)
                .values(sealed=self._sealed(session.digest, signed_in, acting))
            )

    async def renew(
        self,
        session: PortalSession,
        *,
        fresh: Callable[[SignedIn], bool],
        renewed: Callable[[SignedIn], Awaitable[SignedIn]],
    ) -> SignedIn | None:
        """Fresh tokens of a session, renewed by one request while the others wait for it.

        Two requests that spent the same refresh token would look like a thief to the provider (RFC 9700, section
        4.14.2) and end the sign-in. None when the session ended meanwhile.
        """
        mine = portal_session.c.digest == session.digest
        async with self._database.transaction() as connection:
            sealed = (
                await connection.execute(select(portal_session.c.sealed).where(mine).with_for_update())
            ).scalar_one_or_none()
            if sealed is None:
                return None
            kept, acting = self._opened(session.digest, sealed)
            if fresh(kept):
                return kept
            new = await renewed(kept)
            await connection.execute(
                update(portal_session).where(mine).values(sealed=self._sealed(session.digest, new, acting))
            )
        return new

    async def end(self, session: PortalSession) -> None:
        """Forget one session."""
        async with self._database.transaction() as connection:
            await connection.execute(delete(portal_session).where(portal_session.c.digest == session.digest))

    async def end_as_told(self, notice: SignedOut) -> int:
        """Forget the sessions a logout token names; how many. A repeated token does nothing (section 2.6)."""
        async with self._database.transaction() as connection:
            await connection.execute(
                delete(spent_logout_token).where(spent_logout_token.c.expires_at < self._clock() - TOLERANCE)
            )
            first = await connection.execute(
                insert_or(spent_logout_token)
                .values(jti=notice.jti, expires_at=datetime.fromtimestamp(notice.expires_at, UTC))
                .on_conflict_do_nothing()
            )
            if first.rowcount == 0:
                return 0
            doomed = delete(portal_session)
            if notice.sid is not None:
                doomed = doomed.where(portal_session.c.sid == notice.sid)
            if notice.subject is not None:
                doomed = doomed.where(portal_session.c.subject == notice.subject)
            return (await connection.execute(doomed)).rowcount

    def _sealed(self, digest: bytes, signed_in: SignedIn, acting: Acting | None) -> bytes:
        content = {"signed_in": asdict(signed_in), "acting": None if acting is None else asdict(acting)}
        return self._sealer.seal(orjson.dumps(content), digest.hex())

    def _opened(self, digest: bytes, sealed: bytes) -> tuple[SignedIn, Acting | None]:
        content = orjson.loads(self._sealer.open(sealed, digest.hex()))
        kept = content["acting"]
        acting = None if kept is None else Acting(**{**kept, "dependant": Dependant(**kept["dependant"])})
        return SignedIn(**content["signed_in"]), acting


def digest_of(cookie: str) -> bytes:
    """SHA-256 of a cookie's value."""
    return hashlib.sha256(cookie.encode()).digest()
