"""RFC 6749 section 6 and RFC 9700 section 4.14: refresh with rotation, reuse detection and a grace for lost answers.

Overrides, and why: Authlib answers "no user" with invalid_request where section 5.2 wants invalid_grant; and its
revoke-then-issue becomes one conditional write.

Each rotation stores the new token sealed under a key that only the holder of the previous one can derive. Within the
grace, a client whose answer was lost presents the previous token again and gets the very same successor; so the
family never forks, and the provider still stores no token it could use itself.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any, Final

from authlib.oauth2.rfc6749.grants import RefreshTokenGrant as AuthlibRefreshGrant
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from idp.domain.account import Account
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.client import Client
from idp.domain.grant import Grant, RefreshState
from idp.domain.tokens import Handle
from idp.domain.writes import UseRefresh
from idp.protocol import fapi2_security_profile, sender_constraint
from idp.protocol.rfc6749_framework import scopes
from idp.protocol.rfc6749_framework.authentication import EVERY
from idp.protocol.rfc6749_framework.authorization_code import replayed, usable_account
from idp.protocol.rfc6749_framework.issuing import digest, issue
from idp.protocol.rfc6749_framework.request import ClientView, PreloadedRequest
from keys.proof import Confirmation

INFO: Final = b"dinhdanh refresh successor\x01"
SALT: Final = b"dinhdanh"
NONCE: Final = 12


@dataclass(frozen=True, slots=True)
class RefreshView:
    """A refresh token that may be used now, as Authlib asks for it. ``successor`` is set within the grace."""

    grant: Grant
    state: RefreshState
    handle: Handle
    successor: str | None = None

    def check_client(self, client: ClientView) -> bool:
        """5.2: a token of another client is invalid_grant."""
        return self.grant.client_id == client.client.client_id

    def get_scope(self) -> str:
        """What was originally granted."""
        return " ".join(self.grant.scopes)


class RefreshTokenGrant(AuthlibRefreshGrant):
    """Rotates a refresh token."""

    TOKEN_ENDPOINT_AUTH_METHODS = EVERY
    INCLUDE_NEW_REFRESH_TOKEN = True
    request: PreloadedRequest

    def authenticate_refresh_token(self, refresh_token: str) -> RefreshView | None:
        """The token if it is the current one, or the previous one within the grace; else None."""
        handle, facts = Handle.parse(refresh_token), self.request.facts
        loaded = facts.grant
        if (
            handle is None
            or loaded is None
            or loaded.refresh is None
            or loaded.grant.grant_id != handle.grant_id
        ):
            return None
        grant, state = loaded.grant, loaded.refresh
        if self.request.client is None or grant.client_id != self.request.client.client.client_id:
            return None
        if state.expires_at <= facts.now or grant.expires_at <= facts.now:
            return None
        if hmac.compare_digest(state.current_hash, handle.digest):
            return RefreshView(grant, state, handle)
        if self._within_grace(state, handle):
            successor = unsealed(state.sealed_current, handle.secret)
            if successor is not None and hmac.compare_digest(digest(successor), state.current_hash):
                return RefreshView(grant, state, handle, successor)
        # RFC 9700 4.14.2: a token that was rotated away and comes again shows a theft; the family dies.
        replayed(self.request, grant, "refresh_token_reused")
        return None

    def _within_grace(self, state: RefreshState, handle: Handle) -> bool:
        if state.previous_hash is None or not hmac.compare_digest(state.previous_hash, handle.digest):
            return False
        return self.request.facts.now - state.rotated_at <= self.request.policy.refresh_grace

    def authenticate_user(self, refresh_token: RefreshView) -> Account:
        """The account, if it may still get tokens. Raises InvalidGrantError."""
        return usable_account(self.request, refresh_token.grant)

    def generate_token(self, user: Account, scope: str, **_: Any) -> dict[str, Any]:
        """Issue: the answer and the one write that makes it true."""
        view: RefreshView = self.request.refresh_token
        client: ClientView = self.request.client  # type: ignore[assignment]  # Authlib set it after authentication
        # RFC 9449 5: a public client's refresh token needs "a DPoP proof for the same key", each time.
        sender_constraint.check(Confirmation(view.state.jkt, view.state.x5t_s256), self.request.proven)
        asked = scopes.tokens(scope)
        token, state = view.successor, view.state
        if token is None:
            keeps = not fapi2_security_profile.rotates(client.client)
            token, state = (view.handle.secret, state) if keeps else self._rotated(view, client.client)
        issued, access = issue(
            self.request, view.grant, client.client, user, asked, refresh_token=token, refreshed=True
        )
        effects = self.request.effects
        effects.issued = issued
        effects.writes.append(
            UseRefresh(view.grant.grant_id, view.handle.digest, view.state.current_hash, access, state)
        )
        effects.audit.append(
            AuditEvent(
                AuditKind.TOKENS_REFRESHED,
                user.account_id,
                view.grant.client_id,
                view.grant.grant_id,
                view.grant.acr,
            )
        )
        return {"scope": scope}

    def _rotated(self, view: RefreshView, client: Client) -> tuple[str, RefreshState]:
        facts, policy = self.request.facts, self.request.policy
        token = f"{view.grant.grant_id}.{facts.fresh.refresh_token}"
        expires_at = min(facts.now + policy.refresh_lifetime, view.grant.expires_at)
        box = sealed(token, view.handle.secret, facts.fresh.seal_nonce)
        bound = sender_constraint.refresh_binding(client, self.request.proven)
        return token, RefreshState(
            *(digest(token), expires_at, view.handle.digest, facts.now, box, bound.jkt, bound.x5t_s256)
        )

    def revoke_old_credential(self, refresh_token: RefreshView) -> None:
        """UseRefresh rotates in the same step that issues."""


def derived(secret: str) -> bytes:
    """HKDF-SHA256 (RFC 5869) of a token for one block of 32 bytes."""
    extracted = hmac.digest(SALT, secret.encode("ascii"), hashlib.sha256)
    return hmac.digest(extracted, INFO, hashlib.sha256)


def sealed(token: str, under: str, nonce: bytes) -> bytes:
    """``token`` encrypted so that only the holder of the token ``under`` can read it."""
    return nonce + AESGCM(derived(under)).encrypt(nonce, token.encode("ascii"), None)


def unsealed(box: bytes, under: str) -> str | None:
    """What was sealed, or None when it was not sealed under this token."""
    try:
        return AESGCM(derived(under)).decrypt(box[:NONCE], box[NONCE:], None).decode("ascii")
    except (InvalidTag, ValueError):
        return None
