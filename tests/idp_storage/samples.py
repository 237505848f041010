"""Sample values: one account, one client, and grants, sessions and interactions around them."""

from __future__ import annotations

import hashlib
import itertools
import secrets
import time
from typing import Any

from idp.domain.audit import AuditEvent
from idp.domain.authorization import AuthorizationRequest
from idp.domain.decision import Committed, Conflict, Decision
from idp.domain.grant import AccessState, CodeState, Grant, RefreshState
from idp.domain.session import AuthenticationEvent, Interaction, Session
from idp.domain.writes import Write
from idp.storage import Storage

ACCOUNT = "account-of-lan-0000000"
CLIENT = "sample-portal"
NUMBER = "099194000101"
EMAIL = "lan@example.vn.test"
TOTP = b"twenty bytes of seed"
_SERIALS = itertools.count(1)


def now() -> int:
    """Epoch seconds."""
    return int(time.time())


def digest() -> bytes:
    """A hash of nothing anybody knows."""
    return hashlib.sha256(secrets.token_bytes(32)).digest()


def name() -> str:
    """A fresh 22-character name."""
    return secrets.token_urlsafe(16)


def serial() -> int:
    """Another one in each call of a run: what people number is short, and drawn by chance it comes again."""
    return next(_SERIALS)


def fresh_number() -> str:
    """A personal number that nobody has, and no other test is given."""
    return f"0996{serial():08d}"


def grant(**changes: Any) -> Grant:
    """A living grant of the sample account and client."""
    values: dict[str, Any] = {
        "grant_id": name(),
        "client_id": CLIENT,
        "account_id": ACCOUNT,
        "subject": "pairwise",
        "scopes": ("openid", "profile"),
        "created_at": now(),
        "expires_at": now() + 86_400,
    }
    return Grant(**values | changes)


def code(code_hash: bytes | None = None) -> CodeState:
    """An unspent code of a minute."""
    return CodeState(code_hash or digest(), now() + 60, spent=False)


def access(token_hash: bytes | None = None) -> AccessState:
    """An access token of a quarter of an hour."""
    return AccessState(token_hash or digest(), ("openid",), ("https://idp.example",), now(), now() + 900)


def refresh(current: bytes | None = None, previous: bytes | None = None) -> RefreshState:
    """A refresh family of a day."""
    return RefreshState(current or digest(), now() + 86_400, previous, now() if previous else 0, b"")


def session(**changes: Any) -> Session:
    """A session with a password and a one-time code behind it."""
    values: dict[str, Any] = {
        "session_id": name(),
        "account_id": ACCOUNT,
        "events": (AuthenticationEvent("pwd", now()), AuthenticationEvent("otp", now())),
        "created_at": now(),
        "expires_at": now() + 3_600,
    }
    return Session(**values | changes)


def interaction(**changes: Any) -> Interaction:
    """A sign-in that waits for the password."""
    values: dict[str, Any] = {
        "interaction_id": name(),
        "browser_hash": digest(),
        "request": AuthorizationRequest(CLIENT, "https://portal.example/callback", login_hint=NUMBER),
        "created_at": now(),
        "expires_at": now() + 900,
    }
    return Interaction(**values | changes)


async def commit(
    storage: Storage, *writes: Write, audit: tuple[AuditEvent, ...] = ()
) -> Committed | Conflict:
    """Commit a decision of these writes."""
    return await storage.committing.commit(Decision(None, writes, audit))
