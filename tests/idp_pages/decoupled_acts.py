"""What machines and people do in the tests of the decoupled flows."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2 as httpx
import pytest
from sqlalchemy import delete, select

from idp.domain.client import Client, PartyKind
from idp.protocol.decoupled_grant import CIBA, DEVICE_CODE
from idp.storage import Storage
from idp.storage.postgres.tables import AUDIT_EVENT, PING_OUTBOX
from tests.idp_pages.conftest import Provider, Visitor
from tests.idp_pages.test_sign_in import LAN

HOA, HOA_PASSWORD = "099170000103", "Demo-hoa-2026!"
SECRET = "a secret of the counter"
BASIC = {
    "Authorization": "Basic " + base64.b64encode(b"desk:" + SECRET.replace(" ", "%20").encode()).decode()
}
PING = "http://localhost:9/ping"
NewVisitor = Callable[..., Visitor]


def client(client_id: str, grant_type: str, **changes: Any) -> Client:
    """A client of the decoupled flows."""
    values: dict[str, Any] = {
        "party_kind": PartyKind.STATE,
        "redirect_uris": (),
        "grant_types": frozenset({grant_type, "refresh_token"}),
        "scopes": frozenset({"openid", "profile", "pid"}),
        "sector_identifier": f"{client_id}.example",
        "token_endpoint_auth_method": "client_secret_basic",
        "secret_hash": hashlib.sha256(SECRET.encode()).digest(),
        "require_consent": False,
    }
    return Client(client_id, f"Dịch vụ {client_id}", f"Service {client_id}", **values | changes)


@pytest.fixture
async def clients(provider: Provider) -> AsyncIterator[None]:
    """A television of a private firm, a counter of the State, and one that is rung."""
    storage = provider.app.state.storage
    television = client("tv", DEVICE_CODE, party_kind=PartyKind.PRIVATE, token_endpoint_auth_method="none")
    counter = client("desk", CIBA, backchannel_token_delivery_mode="poll")
    for each in (television, counter):
        await storage.clients.save(each)
    yield
    async with storage.engine.begin() as connection:
        await connection.execute(delete(PING_OUTBOX))


async def begun(visitor: Visitor, **values: str) -> dict[str, Any]:
    """A television asks."""
    form = {"client_id": "tv", "scope": "openid profile"} | values
    answer = await visitor.post("/device_authorization", data=form)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return dict(answer.json())


async def polled(visitor: Visitor, device_code: str) -> httpx.Response:
    """The television polls."""
    form = {"grant_type": DEVICE_CODE, "device_code": device_code, "client_id": "tv"}
    return await visitor.post("/token", data=form)


async def called(visitor: Visitor, **values: str) -> httpx.Response:
    """The counter asks."""
    form = {"scope": "openid profile", "login_hint": LAN, "binding_message": "Quầy 3, mã 4821"} | values
    return await visitor.post("/bc-authorize", data=form, headers=BASIC)


async def asked(visitor: Visitor, auth_req_id: str) -> httpx.Response:
    """The counter polls."""
    form = {"grant_type": CIBA, "auth_req_id": auth_req_id}
    return await visitor.post("/token", data=form, headers=BASIC)


async def reviewed(browser: Visitor, code: str) -> httpx.Response:
    """Type a code on the page."""
    return await browser.answer("/device", "/device", user_code=code)


def error_of(response: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return response.status_code, response.json()["error"]


async def kinds(provider: Provider) -> list[str]:
    """What the audit log says of the decoupled flows."""
    async with provider.app.state.storage.engine.connect() as connection:
        rows = await connection.execute(select(AUDIT_EVENT.c.kind).order_by(AUDIT_EVENT.c.seq))
    return [row.kind for row in rows if row.kind.startswith("approval_")]


async def first_attempt(storage: Storage) -> None:
    """Wait until the provider's own worker met nobody at the address and put the ping back."""
    for _ in range(15_000):
        async with storage.engine.connect() as connection:
            if (await connection.execute(select(PING_OUTBOX.c.last_error))).scalar():
                return
        await asyncio.sleep(0.02)
    raise AssertionError("the worker did not try")
