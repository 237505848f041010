"""The payment gateway on a real database, and bodies that sign with keys of their own."""

from __future__ import annotations

import itertools
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import httpx2
import pytest
from fastapi import FastAPI

from clients.payment_gateway.app import create_app
from clients.payment_gateway.gateway import Gateway, page_token
from clients.payment_gateway.storage.orders import Orders
from clients.payment_messages import (
    REQUEST,
    STATEMENT,
    Named,
    OrderRequest,
    Request,
    Statement,
    read_statement,
)
from clients.portal_kit.portal import now
from clients.portal_kit.sender_keys import SenderKeys
from clients.portal_kit.storage.migrating import migrate
from clients.signed_messages import read_message
from keys import KeyPurpose, KeyRing
from tests.engines import MakeDatabase

GATEWAY = "http://localhost:8206"
BODY, OTHER = "http://localhost:8203", "http://localhost:8202"
_NUMBERS = itertools.count(10_000_000)
SECRET = "a-secret-of-at-least-thirty-two-characters"


class KnownKeys(SenderKeys):
    """Senders whose published keys are at hand; any other address is a stranger's."""

    def __init__(self, rings: dict[str, KeyRing]) -> None:
        super().__init__(tuple(rings))
        self._rings = rings

    async def fetched(self, sender: str) -> dict[str, Any]:
        """What the sender publishes."""
        return self._rings[sender].jwks()


@pytest.fixture(scope="session")
def gateway_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The gateway's key folder."""
    folder = tmp_path_factory.mktemp("gateway-keys") / "gateway"
    KeyRing.create(folder, profile="gateway", mode="demo")
    return folder


@pytest.fixture(scope="session")
def body_rings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, KeyRing]:
    """The keys of two bodies."""
    root = tmp_path_factory.mktemp("body-keys")
    return {url: KeyRing.create(root / url[-4:], profile="client", mode="demo") for url in (BODY, OTHER)}


@pytest.fixture(scope="session")
async def gateway_database(make_database: MakeDatabase) -> str:
    """A migrated database of the gateway."""
    url = await make_database("payments")
    migrations = Path(__file__).parents[2] / "clients/payment_gateway/storage/migrations"
    await migrate(url, migrations)
    return url


def order(amount: int = 1_366_200, **changed: Any) -> OrderRequest:
    """A request for an order of a dossier that no other test knows."""
    request = OrderRequest(
        uuid4().hex,
        f"G34.899.01-261123-{next(_NUMBERS):08d}",
        amount,
        Named("Cổng Bảo hiểm xã hội", "Social Insurance Portal"),
        Named("Đóng bảo hiểm y tế theo hộ gia đình", "Household health insurance"),
        f"{BODY}/payments/back",
    )
    return replace(request, **changed)


class Window(NamedTuple):
    """A page that stands open in a browser: its path and the CSRF token of its form."""

    path: str
    token: str


@dataclass
class AtGateway:
    """The running gateway, a browser, and a clock that moves when told."""

    url: str
    app: FastAPI
    gateway: Gateway
    http: httpx2.AsyncClient
    rings: dict[str, KeyRing]
    ahead: timedelta = timedelta()

    def clock(self) -> datetime:
        """The gateway's time."""
        return now() + self.ahead

    def signed(self, request: Request, sender: str = BODY, **changed: Any) -> str:
        """A request as its body signs it; `typ` and any claim can be changed."""
        at = int(time.time())
        typ = changed.pop("typ", REQUEST)
        purpose = changed.pop("purpose", KeyPurpose.PAYMENT)
        ring = changed.pop("ring", self.rings[sender])
        claims = {"iss": sender, "aud": self.url, "iat": at, "exp": at + 60}
        said = {
            name: value
            for name, value in {**request.claims(), **claims, **changed}.items()
            if value is not None
        }
        return str(ring.signer(purpose).sign(said, typ=typ))

    async def send(self, path: str, message: str, kind: str = "application/jwt") -> httpx2.Response:
        """Post a message."""
        return await self.http.post(path, content=message, headers={"Content-Type": kind})

    async def ask(self, path: str, request: Request, sender: str = BODY) -> Statement:
        """A question that is answered; its statement, checked as its body does."""
        answer = await self.send(path, self.signed(request, sender))
        assert answer.status_code == 200, answer.text
        return self.read(answer.text, sender)

    def read(self, message: str, receiver: str = BODY) -> Statement:
        """A statement of this gateway for that body."""
        jwks = self.gateway.ring.jwks()
        return read_statement(read_message(message, jwks, typ=STATEMENT, sender=self.url, receiver=receiver))

    async def window(self, page: str) -> Window:
        """Open an order's page: its path, and the token of the form that it shows."""
        path = page.removeprefix(self.url)
        shown = await self.http.get(path)
        return Window(path, shown.text.partition('name="csrf_token" value="')[2].partition('"')[0])

    async def send_form(self, window: Window, **fields: str) -> httpx2.Response:
        """Send the form of a page that was opened before."""
        return await self.http.post(window.path, data={"csrf_token": window.token, **fields})

    async def at_page(self, page: str, **fields: str) -> httpx2.Response:
        """Open an order's page and send its form."""
        return await self.send_form(await self.window(page), **fields)

    async def close(self) -> None:
        """Give everything back."""
        await self.http.aclose()
        await self.gateway.database.close()


def built_gateway(
    url: str, database: str, folder: Path, rings: dict[str, KeyRing], monkeypatch: pytest.MonkeyPatch
) -> AtGateway:
    """The gateway at an address, which knows bodies by their keys."""
    environment = {
        "DINHDANH_MODE": "demo",
        "PUBLIC_URL": url,
        "DATABASE_URL": database,
        "KEYS_DIR": str(folder),
        "SESSION_SECRET": SECRET,
        "LOG_LEVEL": "CRITICAL",
        "PAYEE_URLS": ",".join(rings),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    app = create_app()
    built: Gateway = app.state.gateway
    http = httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app, raise_app_exceptions=False),
        base_url=url,
        headers={"Accept": "text/html", "Accept-Language": "vi"},
    )
    at = AtGateway(url, app, built, http, rings)
    orders = Orders(built.database, lambda body, key: page_token(built.ring, body, key), at.clock)
    at.gateway = replace(built, payees=KnownKeys(rings), orders=orders, clock=at.clock)
    app.state.gateway = at.gateway
    return at


@pytest.fixture
async def at_gateway(
    gateway_keys: Path,
    gateway_database: str,
    body_rings: dict[str, KeyRing],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[AtGateway]:
    """The gateway, which knows the two bodies."""
    at = built_gateway(GATEWAY, gateway_database, gateway_keys, body_rings, monkeypatch)
    yield at
    await at.close()
