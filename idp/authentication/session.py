"""New browser sessions: a fresh cookie at every sign-in and every step-up, and the old one dies in the same step."""

import hashlib
from dataclasses import dataclass, field

from idp.domain.account import Account
from idp.domain.facts import Facts
from idp.domain.policy import Policy
from idp.domain.session import AuthenticationEvent, Session
from idp.domain.writes import EndSession, NotifyLogout, SaveSession, Write


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session about to be: ``cookie`` goes to the browser once the writes are true."""

    cookie: str = field(repr=False)
    session: Session
    writes: tuple[Write, ...]


def cookie_digest(cookie: str | None) -> bytes | None:
    """What is stored instead of a cookie; None for whatever we never issued."""
    if not cookie or len(cookie) != 43 or not cookie.isascii():  # noqa: PLR2004 - 32 bytes in base64url
        return None
    return hashlib.sha256(cookie.encode("ascii")).digest()


def sign_in(
    account: Account,
    events: tuple[AuthenticationEvent, ...],
    facts: Facts,
    policy: Policy,
    *,
    old_digest: bytes | None,
    locale: str,
    farewell: tuple[NotifyLogout, ...] = (),
    agent: str = "",
) -> OpenedSession:
    """A whole sign-in. Only factors proven now count, so that ``prompt=login`` is worth what it says.

    The same person keeps their ``session_id``, because relying parties hang on it; anybody else's session in this
    browser ends, with the grants born in it, and its services hear of that (``farewell``): whoever comes next to a
    shared computer must not meet the former person at a portal.
    """
    old = facts.session
    same = old is not None and old.account_id == account.account_id
    session = Session(
        session_id=old.session_id if old is not None and same else facts.fresh.session_id,
        account_id=account.account_id,
        events=events,
        created_at=facts.now,
        expires_at=facts.now + policy.session_lifetime,
        locale=locale,
        agent=agent,
    )
    writes = _ended(facts, old_digest, farewell, same=same)
    return _opened(session, account, facts, old_digest if same else None, writes)


def step_up(
    session: Session,
    account: Account,
    events: tuple[AuthenticationEvent, ...],
    facts: Facts,
    *,
    old_digest: bytes | None,
) -> OpenedSession:
    """A further factor on a living session: same life, more events, another cookie (RFC 9470)."""
    stronger = Session(
        session_id=session.session_id,
        account_id=session.account_id,
        events=session.events + events,
        created_at=session.created_at,
        expires_at=session.expires_at,
        locale=session.locale,
        agent=session.agent,
    )
    return _opened(stronger, account, facts, old_digest, ())


def _ended(
    facts: Facts, old_digest: bytes | None, farewell: tuple[NotifyLogout, ...], *, same: bool
) -> tuple[Write, ...]:
    if facts.session is None or old_digest is None or same:
        return ()
    return (EndSession(old_digest, facts.session.session_id), *farewell)


def _opened(
    session: Session, account: Account, facts: Facts, replaces: bytes | None, before: tuple[Write, ...]
) -> OpenedSession:
    cookie = facts.fresh.cookie
    digest = hashlib.sha256(cookie.encode("ascii")).digest()
    # Born under the epoch that was judged: an account locked meanwhile is a conflict, and judged again.
    save = SaveSession(digest, session, replaces=replaces, account_epoch=account.epoch)
    return OpenedSession(cookie, session, (*before, save))
