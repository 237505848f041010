"""Authorization details on the other ways to a yes: a device, and a counter that calls (RFC 9396 section 1)."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from idp.protocol.decoupled_grant import CIBA, DEVICE_CODE
from tests.idp_pages.conftest import DETAIL, REGISTRY, Provider, fields_of
from tests.idp_pages.decoupled_acts import (
    NewVisitor,
    asked,
    begun,
    called,
    client,
    error_of,
    polled,
    reviewed,
)
from tests.idp_pages.test_rich_requests import claims_of
from tests.idp_pages.test_sign_in import LAN, LAN_PASSWORD

RICH: dict[str, Any] = {
    "resources": frozenset({REGISTRY}),
    "authorization_details_types": frozenset({"vn_identity_verification"}),
}
DETAILS = orjson.dumps([DETAIL]).decode()
WORDS = ("Đăng ký tạm trú", "H29.50.05.13-261122-0975", "phường Bến Nghé", "Chủ sở hữu chỗ ở")


@pytest.fixture(autouse=True)
async def rich_clients(provider: Provider) -> None:
    """The television and the counter may ask for details."""
    storage = provider.app.state.storage
    await storage.clients.save(client("tv", DEVICE_CODE, token_endpoint_auth_method="none", **RICH))
    await storage.clients.save(client("desk", CIBA, backchannel_token_delivery_mode="poll", **RICH))


async def test_a_device_asks_for_a_detail(visitor: NewVisitor) -> None:
    """RFC 8628 3.1 with RFC 9396: the page says it, the token carries it, a bad one is refused at once."""
    television, browser = visitor(), visitor()
    form = {"client_id": "tv", "scope": "openid", "authorization_details": "[{}]"}
    refused = await television.post("/device_authorization", data=form)
    assert error_of(refused) == (400, "invalid_authorization_details")
    codes = await begun(television, authorization_details=DETAILS)
    await browser.sign_in(LAN, LAN_PASSWORD)
    page = await reviewed(browser, codes["user_code"])
    assert [word for word in WORDS if word not in page.text] == []
    await browser.post("/device/answer", data=fields_of(page.text) | {"answer": "approve"})
    tokens = (await polled(television, codes["device_code"])).json()
    assert tokens["authorization_details"] == [DETAIL]
    assert claims_of(tokens["access_token"])["authorization_details"] == [DETAIL]


async def test_a_counter_calls_for_a_detail(visitor: NewVisitor) -> None:
    """CIBA Core 7.1 with RFC 9396: what waits in the account centre names procedure, dossier and claims."""
    counter, browser = visitor(), visitor()
    assert error_of(await called(counter, authorization_details="[7]")) == (
        400,
        "invalid_authorization_details",
    )
    await browser.sign_in(LAN, LAN_PASSWORD)
    begun_call = (await called(counter, authorization_details=DETAILS)).json()
    page = await browser.get("/account/approvals")
    assert [word for word in WORDS if word not in page.text] == []
    form = fields_of(page.text) | {"answer": "approve"}
    assert (await browser.post("/account/approvals", data=form)).status_code == 303
    tokens = (await asked(counter, begun_call["auth_req_id"])).json()
    assert tokens["authorization_details"] == [DETAIL]
    assert claims_of(tokens["access_token"])["aud"] == REGISTRY
    told = (await browser.get("/account/history")).text
    assert "Hồ sơ: H29.50.05.13-261122-0975" in told
