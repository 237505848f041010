"""RFC 6749 section 4.1: the authorization code grant, with Authlib's grant deciding on preloaded facts.

Overrides, and why: the code and its grant come from loaded randomness; the redirect is a value, because Authlib's
Location would rewrite a registered query and knows no form_post; tokens are issued by one write, conditional on the
code being unspent and the grant alive.
"""

from __future__ import annotations

import hmac
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant as AuthlibCodeGrant

from idp.domain.account import Account
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.authorization import AuthorizationRequest
from idp.domain.grant import CodeState, Grant, RefreshState
from idp.domain.rich_requests import items_of
from idp.domain.scopes import OFFLINE_ACCESS
from idp.domain.session import Session
from idp.domain.tokens import Handle
from idp.domain.values import frozen
from idp.domain.writes import CreateGrant, KillGrant, RedeemCode
from idp.protocol import hinted_subjects, oidc_pairwise, sender_constraint
from idp.protocol.rfc6749_framework.authentication import EVERY
from idp.protocol.rfc6749_framework.issuing import digest, issue
from idp.protocol.rfc6749_framework.request import ClientView, PreloadedRequest
from keys.proof import Confirmation


@frozen
class CodeView:
    """A living, unspent code as Authlib asks for it."""

    grant: Grant
    code_hash: bytes

    def get_redirect_uri(self) -> str:
        """Where the code was sent."""
        return self.grant.redirect_uri

    def get_scope(self) -> str:
        """What was granted."""
        return " ".join(self.grant.scopes)


@frozen
class Granted:
    """Who granted what, when nothing is missing any more."""

    request: AuthorizationRequest
    account: Account
    session: Session
    acr: str


class AuthorizationCodeGrant(AuthlibCodeGrant):
    """Redeems a code once."""

    TOKEN_ENDPOINT_AUTH_METHODS = EVERY
    request: PreloadedRequest

    def create_authorization_response(self, redirect_uri: str, grant_user: Granted) -> str | None:
        """4.1.2: the code; where and how it travels is :mod:`idp.protocol.oidc_response_modes`."""
        del redirect_uri
        self.request.user = grant_user
        code = self.generate_authorization_code()
        self.save_authorization_code(code, self.request)
        return code

    def generate_authorization_code(self) -> str:
        """A code of 256 random bits that leads to its grant."""
        fresh = self.request.facts.fresh
        return f"{fresh.grant_id}.{fresh.code}"

    def save_authorization_code(self, code: str, request: PreloadedRequest) -> None:
        """The grant is born with its code."""
        granted: Granted = request.user
        asked, session, facts, policy = granted.request, granted.session, request.facts, request.policy
        client: ClientView = request.client  # type: ignore[assignment]  # Authlib set it while validating
        offline = OFFLINE_ACCESS in asked.scopes
        grant = Grant(
            grant_id=facts.fresh.grant_id,
            client_id=asked.client_id,
            account_id=granted.account.account_id,
            subject=oidc_pairwise.subject(client.client, granted.account.account_id, policy),
            scopes=asked.scopes,
            created_at=facts.now,
            # OIDC Core 11: without offline_access a grant is not used "when the End-User is not present".
            expires_at=facts.now + policy.grant_lifetime if offline else session.expires_at,
            resources=asked.resources,
            redirect_uri=asked.redirect_uri,
            nonce=asked.nonce,
            code_challenge=asked.code_challenge,
            acr=granted.acr,
            amr=session.amr,
            auth_time=session.auth_time,
            session_id=session.session_id,
            offline=offline,
            claims=asked.claims,
            jkt=asked.dpop_jkt,
            authorization_details=asked.authorization_details,
        )
        state = CodeState(digest(code), facts.now + policy.code_lifetime, spent=False)
        request.effects.writes.append(CreateGrant(grant, state, account_epoch=granted.account.epoch))
        request.effects.audit.append(
            AuditEvent(
                *(AuditKind.CODE_ISSUED, grant.account_id, grant.client_id, grant.grant_id, grant.acr),
                items_of(grant.authorization_details),
            )
        )

    def query_authorization_code(self, code: str, client: ClientView) -> CodeView | None:
        """The code, or None; a second use kills what the first gave."""
        handle, facts = Handle.parse(code), self.request.facts
        loaded = facts.grant
        if (
            handle is None
            or loaded is None
            or loaded.code is None
            or loaded.grant.grant_id != handle.grant_id
        ):
            return None
        grant, state = loaded.grant, loaded.code
        # 5.2: invalid_grant when the code "was issued to another client" (GHSA-xqxv-4jc2-x56x).
        if grant.client_id != client.client.client_id:
            return None
        if not hmac.compare_digest(state.code_hash, handle.digest):
            return None
        # 4.1.2: "If an authorization code is used more than once, the authorization server MUST deny the request
        # and SHOULD revoke (when possible) all tokens previously issued based on that authorization code."
        if state.spent:
            replayed(self.request, grant, "code_replayed")
            return None
        # 4.1.2: "The authorization code MUST expire shortly after it is issued".
        if state.expires_at <= facts.now or grant.expires_at <= facts.now:
            return None
        return CodeView(grant, state.code_hash)

    def authenticate_user(self, authorization_code: CodeView) -> Account:
        """The account, if it may still get tokens. Raises InvalidGrantError."""
        return usable_account(self.request, authorization_code.grant)

    def generate_token(
        self, user: Account, scope: str, *, include_refresh_token: bool, **_: Any
    ) -> dict[str, Any]:
        """Issue: the answer and the one write that makes it true."""
        view: CodeView = self.request.authorization_code
        client: ClientView = self.request.client  # type: ignore[assignment]  # Authlib set it after authentication
        grant, facts, policy = view.grant, self.request.facts, self.request.policy
        # RFC 9449 10: "the authorization server MUST verify that the key" of the proof is that of dpop_jkt.
        sender_constraint.check(Confirmation(grant.jkt, grant.x5t_s256), self.request.proven)
        refresh_token, refresh = None, None
        if include_refresh_token:
            refresh_token = f"{grant.grant_id}.{facts.fresh.refresh_token}"
            expires_at = min(facts.now + policy.refresh_lifetime, grant.expires_at)
            bound = sender_constraint.refresh_binding(client.client, self.request.proven)
            refresh = RefreshState(digest(refresh_token), expires_at, jkt=bound.jkt, x5t_s256=bound.x5t_s256)
        issued, access = issue(
            self.request, grant, client.client, user, grant.scopes, refresh_token=refresh_token
        )
        effects = self.request.effects
        effects.issued = issued
        effects.writes.append(RedeemCode(grant.grant_id, view.code_hash, access, refresh))
        effects.writes += hinted_subjects.remembered(client.client, grant.subject, user.account_id)
        effects.audit.append(
            AuditEvent(AuditKind.TOKENS_ISSUED, user.account_id, grant.client_id, grant.grant_id, grant.acr)
        )
        return {"scope": scope}

    def delete_authorization_code(self, authorization_code: CodeView) -> None:
        """RedeemCode spends it in the same step that issues."""


def usable_account(request: PreloadedRequest, grant: Grant) -> Account:
    """The grant's account. Raises InvalidGrantError when it is locked, closed or gone (CVE-2023-22492)."""
    account = request.facts.account
    if account is None or account.account_id != grant.account_id or not account.usable:
        raise InvalidGrantError("account not usable")
    return account


def replayed(request: PreloadedRequest, grant: Grant, reason: str) -> None:
    """A single-use secret came twice: the grant dies, and the log says so."""
    request.effects.writes.append(KillGrant(grant.grant_id, reason))
    request.effects.audit.append(
        AuditEvent(
            AuditKind.REPLAY_DETECTED,
            grant.account_id or None,
            grant.client_id,
            grant.grant_id,
            reason=reason,
        )
    )
