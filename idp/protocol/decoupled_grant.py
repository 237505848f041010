"""What polling for a decoupled request answers, for devices and back-channel clients alike.

RFC 8628 sections 3.4 and 3.5; CIBA Core 1.0 sections 10.1 and 11. Builds on Authlib's BaseGrant and its mixin of the
token endpoint: its DeviceCodeGrant answers a code of another client with unauthorized_client and an unknown one with
invalid_request, where RFC 6749 section 5.2 wants invalid_grant, and knows no CIBA.
"""

from __future__ import annotations

import hmac
from dataclasses import replace
from typing import Any, ClassVar, Final

from authlib.oauth2.rfc6749 import BaseGrant, InvalidGrantError, TokenEndpointMixin, UnauthorizedClientError

from idp.accounts.assistance import narrowed
from idp.domain.account import Account
from idp.domain.assistance import Assistance
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.authorization import ClaimsRequest
from idp.domain.client import Client
from idp.domain.decoupled import Approval, Flow, LoadedDecoupled, Status
from idp.domain.grant import Grant, RefreshState
from idp.domain.policy import Policy
from idp.domain.scopes import OFFLINE_ACCESS
from idp.domain.tokens import Handle
from idp.domain.writes import NotePoll, RedeemDecoupled
from idp.protocol import oidc_pairwise, rfc8707_resource_indicators, rfc9396_rich_requests, sender_constraint
from idp.protocol.acting import told
from idp.protocol.errors import refusal
from idp.protocol.hinted_subjects import remembered
from idp.protocol.rfc6749_framework.authentication import CONFIDENTIAL, EVERY
from idp.protocol.rfc6749_framework.authorization_code import replayed
from idp.protocol.rfc6749_framework.issuing import digest, issue
from idp.protocol.rfc6749_framework.request import ClientView, PreloadedRequest

DEVICE_CODE: Final = "urn:ietf:params:oauth:grant-type:device_code"
CIBA: Final = "urn:openid:params:grant-type:ciba"
PING: Final = "ping"
MODES: Final = ("poll", PING)
"""CIBA Core section 5, without push."""
TOO_FAST: Final = "Polled before the interval was over, wait five seconds longer"
SLOWER: Final = 5
"""RFC 8628 3.5: on slow_down "the interval MUST be increased by 5 seconds for this and all subsequent requests"."""


class DecoupledGrant(BaseGrant, TokenEndpointMixin):
    """Redeems an approved request once; until then it says how the request stands."""

    TOKEN_ENDPOINT_AUTH_METHODS: tuple[str, ...] = EVERY
    FLOW: ClassVar[Flow]
    PARAMETER: ClassVar[str]
    request: PreloadedRequest

    def allowed(self, client: Client) -> bool:
        """Whether this client may redeem by this grant at all."""
        return self.GRANT_TYPE in client.grant_types

    def validate_token_request(self) -> None:
        """The client, the request it names, and its state. Raises OAuth2Error or ProtocolError."""
        text = self.request.parameters.get(self.PARAMETER)
        view: ClientView = self.authenticate_token_endpoint_client()
        if not self.allowed(view.client):
            raise UnauthorizedClientError("grant type")
        if text is None:
            raise refusal("invalid_request", self.PARAMETER)
        loaded = self.request.facts.decoupled
        handle = Handle.parse(text)
        # RFC 6749 5.2: invalid_grant: the grant "is invalid, expired, revoked ... or was issued to another client".
        if (
            handle is None
            or loaded is None
            or loaded.request.flow is not self.FLOW
            or loaded.request.request_id != handle.grant_id
            or loaded.request.client_id != view.client.client_id
            or not hmac.compare_digest(loaded.request.secret_hash, handle.digest)
        ):
            raise InvalidGrantError("no such request of this client")
        self.request.user = self.answered(loaded)
        self.request.client = view
        self.request.credential = loaded

    def answered(self, loaded: LoadedDecoupled) -> Account:
        """The account that approved. Raises ProtocolError with the state otherwise."""
        facts, asked = self.request.facts, loaded.request
        if loaded.status is Status.REDEEMED:
            # A second redemption shows a theft, as with a code (RFC 6749 4.1.2): what the first gave dies.
            replayed(self.request, self.grant_of(loaded, asked.account_id or ""), "decoupled_replayed")
            raise InvalidGrantError("redeemed already")
        # RFC 8628 3.5: expired_token: "The "device_code" has expired"; CIBA 11: "The auth_req_id has expired".
        if asked.expires_at <= facts.now:
            raise refusal("expired_token")
        if loaded.status is Status.DENIED:
            raise refusal("access_denied")
        if loaded.status is Status.PENDING:
            raise self.pending(loaded)
        account, approval = facts.account, loaded.approval
        # CVE-2026-9798: whoever was locked after the approval gets no tokens, by this grant as by any.
        if (
            approval is None
            or account is None
            or account.account_id != approval.account_id
            or not account.usable
        ):
            raise InvalidGrantError("account not usable")
        return account

    def pending(self, loaded: LoadedDecoupled) -> Exception:
        """authorization_pending, or slow_down when polled before the interval is over; either is noted."""
        now, request_id = self.request.facts.now, loaded.request.request_id
        writes = self.request.effects.writes
        if loaded.polled_at and now - loaded.polled_at < loaded.interval:
            writes.append(NotePoll(request_id, now, None, SLOWER))
            return refusal("slow_down", description=TOO_FAST)
        writes.append(NotePoll(request_id, now, loaded.polled_at))
        return refusal("authorization_pending")

    def grant_of(self, loaded: LoadedDecoupled, account_id: str, client: Client | None = None) -> Grant:
        """The grant that a request becomes. No browser session hangs on it: another place was asked."""
        asked, approval, facts = loaded.request.request, loaded.approval, self.request.facts
        policy = self.request.policy
        offline = OFFLINE_ACCESS in asked.scopes
        lifetime = policy.grant_lifetime if offline else policy.session_lifetime
        proof = approval or Approval(account_id, "", (), 0, 0)
        made = Grant(
            grant_id=loaded.request.request_id,
            client_id=asked.client_id,
            account_id=proof.account_id,
            subject=oidc_pairwise.subject(client, proof.account_id, policy) if client else "",
            scopes=asked.scopes,
            created_at=facts.now,
            expires_at=facts.now + lifetime,
            resources=asked.resources,
            nonce=asked.nonce,
            acr=proof.acr,
            amr=proof.amr,
            auth_time=proof.auth_time,
            offline=offline,
            claims=asked.claims,
            authorization_details=asked.authorization_details,
        )
        helped = loaded.request.assistance
        return made if helped is None else delegated(made, helped, facts.now, policy)

    def create_token_response(self) -> Any:
        """Issue: the answer and the one write that makes it true."""
        loaded: LoadedDecoupled = self.request.credential
        account: Account = self.request.user
        view: ClientView = self.request.client  # type: ignore[assignment]  # set while validating
        facts, policy, effects = self.request.facts, self.request.policy, self.request.effects
        grant = self.grant_of(loaded, account.account_id, view.client)
        token, family = None, None
        helped = loaded.request.assistance
        if view.check_grant_type("refresh_token") and helped is None:
            token = f"{grant.grant_id}.{facts.fresh.refresh_token}"
            ends = min(facts.now + policy.refresh_lifetime, grant.expires_at)
            # RFC 9449 5: a public client's refresh token is bound to the key that its device proves here.
            bound = sender_constraint.refresh_binding(view.client, self.request.proven)
            family = RefreshState(digest(token), ends, jkt=bound.jkt, x5t_s256=bound.x5t_s256)
        target = grant.resources[0] if helped is not None else None
        issued, access = issue(
            self.request, grant, view.client, account, grant.scopes, refresh_token=token, target=target
        )
        effects.issued = issued
        effects.writes.append(RedeemDecoupled(grant, access, family, account.epoch))
        effects.writes += remembered(view.client, grant.subject, account.account_id)
        effects.audit.append(
            AuditEvent(
                AuditKind.TOKENS_ISSUED, account.account_id, grant.client_id, grant.grant_id, grant.acr
            )
        )
        if helped is not None:
            effects.audit += told(grant, account.account_id, helped.helper, grant.acr)


def delegated(grant: Grant, helped: Assistance, now: int, policy: Policy) -> Grant:
    """The grant with which a helper acts: one resource, one dossier, minutes, and the life of the helper's sign-in.

    It signs nobody in and is never refreshed (RFC 8693 section 4.1).
    """
    places = rfc9396_rich_requests.places(grant.authorization_details, policy) or grant.resources
    return replace(
        grant,
        scopes=narrowed(grant.scopes, helped.way),
        resources=(rfc8707_resource_indicators.only(places),),
        expires_at=min(now + policy.jwt_access_lifetime, helped.ends_at),
        offline=False,
        claims=ClaimsRequest(),
        actor={**helped.act, "confirmation": helped.way.value},
        parents=helped.parents,
    )


class DeviceCodeGrant(DecoupledGrant):
    """RFC 8628 section 3.4: ``device_code`` for tokens."""

    GRANT_TYPE = DEVICE_CODE
    FLOW = Flow.DEVICE
    PARAMETER = "device_code"


def may_ask(client: Client) -> bool:
    """Whether the client registered for CIBA in a mode that we offer (section 11: push has nothing to poll for)."""
    return CIBA in client.grant_types and client.backchannel_token_delivery_mode in MODES


class CibaGrant(DecoupledGrant):
    """CIBA Core section 10.1: ``auth_req_id`` for tokens."""

    GRANT_TYPE = CIBA
    # 7.1: "The Client MUST authenticate to the Backchannel Authentication Endpoint"; public clients cannot.
    TOKEN_ENDPOINT_AUTH_METHODS = CONFIDENTIAL
    FLOW = Flow.CIBA
    PARAMETER = "auth_req_id"

    def allowed(self, client: Client) -> bool:
        """Section 11: a client of another mode is unauthorized_client."""
        return may_ask(client)


PARAMETERS: Final = {grant.GRANT_TYPE: grant.PARAMETER for grant in (DeviceCodeGrant, CibaGrant)}
"""The parameter that names the request, by grant type."""
