"""Sample decoupled requests around the sample account."""

from __future__ import annotations

from typing import Any

from idp.domain.authorization import AuthorizationRequest
from idp.domain.decoupled import Approval, DecoupledRequest, Flow, LoadedDecoupled
from idp.domain.needs import Needs
from idp.domain.writes import (
    RedeemDecoupled,
)
from idp.storage import Storage
from tests.idp_storage.samples import (
    ACCOUNT,
    CLIENT,
    NUMBER,
    access,
    digest,
    grant,
    name,
    now,
    refresh,
)


def request(**changes: Any) -> DecoupledRequest:
    """A back-channel request for the sample account."""
    values: dict[str, Any] = {
        "request_id": name(),
        "secret_hash": digest(),
        "flow": Flow.CIBA,
        "request": AuthorizationRequest(CLIENT, "", scopes=("openid", "pid"), max_age=300, login_hint=NUMBER),
        "created_at": now(),
        "expires_at": now() + 300,
        "account_id": ACCOUNT,
        "binding_message": "Quầy 3",
        "notification_token": "notification-token",
        "auth_req_id": "secret",
    }
    return DecoupledRequest(**values | changes)


def device(code: str, **changes: Any) -> DecoupledRequest:
    """A device's request."""
    return request(flow=Flow.DEVICE, account_id=None, user_code=code, **changes)


def approval(account_id: str = ACCOUNT) -> Approval:
    """A yes."""
    return Approval(account_id, "urn:example:vn:acr:l2-a2", ("pwd", "otp"), now() - 10, now())


def redemption(asked: DecoupledRequest, epoch: int, account_id: str = ACCOUNT) -> RedeemDecoupled:
    """What its redemption would write."""
    born = grant(grant_id=asked.request_id, account_id=account_id, client_id=asked.client_id)
    return RedeemDecoupled(born, access(), refresh(), epoch)


async def epoch_of(storage: Storage) -> int:
    """The sample account's epoch now."""
    account = (await storage.loading.load(Needs(account_id=ACCOUNT))).account
    assert account is not None
    return account.epoch


async def state_of(storage: Storage, asked: DecoupledRequest) -> LoadedDecoupled | None:
    """The request as it is loaded."""
    return (await storage.loading.load(Needs(decoupled_id=asked.request_id))).decoupled
