"""A fee's way: portal, payment gateway and the real registry; lost notifications, refunds, and what is no payment."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from clients.payment_gateway.notifications import Notifications
from clients.payment_gateway.orders import pay
from clients.payment_messages import NOTIFICATIONS_PATH, REQUEST, PaymentState
from clients.portal_kit.payments.gateway import PaymentGateway
from clients.portal_kit.payments.payment import Payment, Report
from clients.portal_kit.storage.migrating import migrate
from keys import KeyPurpose, KeyRing
from tests.clients.conftest import HUNG, LAN, REGISTRY, Running, Start, access_token
from tests.clients.provider import ISSUER
from tests.engines import MakeDatabase
from tests.payments.conftest import GATEWAY, AtGateway, KnownKeys, built_gateway

MIGRATIONS = Path(__file__).parents[2] / "clients/payment_gateway/storage/migrations"
CONSOLE = "registry-console"


@pytest.fixture(scope="session")
async def gateway_url(make_database: MakeDatabase) -> str:
    """A migrated database of the gateway."""
    url = await make_database("portal_payments")
    await migrate(url, MIGRATIONS)
    return url


@pytest.fixture(scope="session")
def gateway_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The gateway's keys."""
    folder = tmp_path_factory.mktemp("portal-gateway") / "gateway"
    KeyRing.create(folder, profile="gateway", mode="demo")
    return folder


@dataclass
class Cashier:
    """The insurance portal with Hùng in front of it, the gateway, and the registry behind both."""

    running: Running
    at: AtGateway

    async def registry(self, method: str, path: str, token: str, body: Any = None) -> dict[str, Any]:
        """Ask the registry; its JSON."""
        transport = self.running.registry.inner
        async with httpx2.AsyncClient(transport=transport, base_url=REGISTRY) as http:
            answer = await http.request(method, path, json=body, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code < 400, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def citizen(self) -> str:
        """Hùng's token."""
        return access_token(self.running.provider.ring, "insurance-portal", HUNG, "hung")

    def machine(self, client_id: str, scope: str) -> str:
        """A token without a person."""
        at = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": REGISTRY,
            "sub": client_id,
            "client_id": client_id,
            "scope": scope,
            "iat": at,
            "exp": at + 300,
            "jti": uuid4().hex,
            "party_kind": "state",
        }
        return str(self.running.provider.ring.signer(KeyPurpose.ACCESS_TOKEN).sign(claims, typ="at+jwt"))

    async def filed(self) -> str:
        """A dossier with a premium that is due; its code."""
        body = {
            "procedure_code": "bhyt.household",
            "purpose": "Đóng bảo hiểm y tế theo hộ gia đình",
            "inputs": {"members": [HUNG], "months": 3, "facility": f"Trạm Y tế số {uuid4().hex[:8]}"},
        }
        return str((await self.registry("POST", "/v1/dossiers", self.citizen(), body))["dossier_code"])

    async def dossier(self, code: str) -> dict[str, Any]:
        """The dossier as Hùng reads it."""
        return await self.registry("GET", f"/v1/dossiers/{code}", self.citizen())

    async def act(self, code: str, act: str, **said: Any) -> dict[str, Any]:
        """An act of the insurer's officer."""
        token = self.machine(CONSOLE, "registry:decide")
        version = (await self.registry("GET", f"/v1/dossiers/{code}?officer=BHXH-46-031", token))["version"]
        body = {"act": act, "officer": "BHXH-46-031", "version": version} | said
        return await self.registry("POST", f"/v1/dossiers/{code}/acts", token, body)

    async def at_gateway(self, code: str) -> str:
        """Press the button of the dossier's page; the gateway's page."""
        answer = await self.running.post(f"/dossiers/{code}/payment", form_on=f"/dossiers/{code}")
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    async def payment(self, code: str) -> Payment:
        """What the portal knows of the dossier's payment."""
        desk = self.running.portal.payments
        assert desk is not None
        found = await desk.payments.of_dossier(code, f"pairwise-insurance_portal-{HUNG[-3:]}")
        assert found is not None
        return found

    async def settle(self, code: str) -> None:
        """What the portal's worker does for it in a while."""
        desk = self.running.portal.payments
        assert desk is not None
        await desk.settling.settle((await self.payment(code)).key)

    async def notify(self) -> None:
        """Let the gateway tell everything that it has to tell."""
        client = httpx2.AsyncClient(transport=httpx2.ASGITransport(self.running.app))
        telling = Notifications(self.at.gateway, client)
        while await telling.tell_one():
            pass
        await telling.close()

    async def event(self, code: str) -> None:
        """The registry's event with the dossier's fee, as its worker pushes it."""
        dossier = await self.dossier(code)
        ring: KeyRing = self.running.app.state.event_ring
        at = int(time.time())
        said = {
            "dossier_code": code,
            "number": dossier["version"],
            "state": str(dossier["state"]),
            "occurred_at": dossier["history"][-1]["occurred_at"],
            "fee": dossier["fee"],
        }
        claims = {
            "iss": REGISTRY,
            "aud": self.running.url,
            "iat": at,
            "toe": at,
            "jti": uuid4().hex,
            "sub_id": {"format": "opaque", "id": code},
            "events": {"urn:example:vn:registry:event:dossier-changed": said},
        }
        token = ring.signer(KeyPurpose.SECURITY_EVENT).sign(claims, typ="secevent+jwt")
        headers = {"Content-Type": "application/secevent+jwt"}
        answer = await self.running.http.post("/events", content=token, headers=headers)
        assert answer.status_code == 202, answer.text


@pytest.fixture
async def cashier(
    start: Start,
    rings: dict[str, KeyRing],
    gateway_url: str,
    gateway_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Cashier]:
    """Portal and gateway, each knowing the other's keys."""
    running = await start("insurance_portal")
    ring = rings["insurance_portal"]
    at = built_gateway(GATEWAY, gateway_url, gateway_folder, {running.url: ring}, monkeypatch)
    client = httpx2.AsyncClient(transport=httpx2.ASGITransport(at.app, raise_app_exceptions=False))
    known = KnownKeys({GATEWAY: at.gateway.ring})
    gateway = PaymentGateway(GATEWAY, running.url, lambda: ring.signer(KeyPurpose.PAYMENT), known, client)
    running.portal = replace(running.portal, gateway=gateway)
    running.app.state.portal = running.portal
    running.app.state.registry_keys = KnownKeys({REGISTRY: rings["registry"]})
    running.app.state.event_ring = rings["registry"]
    await running.sign_in(HUNG)
    found = Cashier(running, at)
    running.provider.token_answer = {
        "access_token": found.machine("insurance-portal", "registry:dossiers"),
        "token_type": "Bearer",
        "expires_in": 300,
    }
    yield found
    await gateway.close()
    await at.close()


async def test_paid_and_back(cashier: Cashier) -> None:
    """Due, paid at the gateway, back: the portal asks the gateway, the registry knows, the page shows the receipt."""
    code = await cashier.filed()
    due = (await cashier.dossier(code))["fee"]
    page = await cashier.at_gateway(code)
    back = (await cashier.at.at_page(page, wish="pay", bank="hoa-sen")).headers["location"]
    assert back.startswith(f"{cashier.running.url}/payments/")
    answer = await cashier.running.http.get(back)
    assert answer.headers["location"] == f"/dossiers/{code}"
    fee = (await cashier.dossier(code))["fee"]
    assert (fee["state"], fee["amount"]) == ("paid", due["amount"])
    payment = await cashier.payment(code)
    assert (payment.report, fee["reference"]) == (Report.PAID, payment.reference)
    shown = (await cashier.running.http.get(f"/dossiers/{code}")).text
    assert "Đã nộp phí" in shown
    assert f"{page}/receipt" in shown


async def test_late_and_doubled_notifications_change_nothing_twice(cashier: Cashier) -> None:
    """The browser first, then the notification, then both again: one payment in the dossier's history."""
    code = await cashier.filed()
    page = await cashier.at_gateway(code)
    back = (await cashier.at.at_page(page, wish="pay", bank="hoa-sen")).headers["location"]
    for _ in range(2):
        await cashier.running.http.get(back)
        await cashier.notify()
        await cashier.settle(code)
    assert [each["act"] for each in (await cashier.dossier(code))["history"]].count("pay") == 1
    again = await cashier.running.post(f"/dossiers/{code}/payment", form_on=f"/dossiers/{code}")
    assert again.headers["location"] == f"/dossiers/{code}", "what is paid cannot be paid again"


@pytest.mark.attack
async def test_the_browser_proves_nothing(cashier: Cashier) -> None:
    """Coming back without having paid, or to somebody else's payment, marks nothing as paid."""
    code = await cashier.filed()
    await cashier.at_gateway(code)
    payment = await cashier.payment(code)
    answer = await cashier.running.http.get(f"/payments/{payment.key}/back?state=paid&amount=1")
    assert answer.status_code == 303
    assert (await cashier.dossier(code))["fee"]["state"] == "due"
    await cashier.running.sign_in(LAN)
    other = await cashier.running.http.get(f"/payments/{payment.key}/back")
    assert other.headers["location"] == "/dossiers"
    foreign = await cashier.running.post(f"/dossiers/{code}/payment", form_on="/receipts/check")
    assert foreign.status_code == 404


async def test_a_lost_notification_is_recovered(cashier: Cashier) -> None:
    """Paid, but neither browser nor notification came back: the portal asks, and the dossier goes on."""
    code = await cashier.filed()
    page = await cashier.at_gateway(code)
    await cashier.at.at_page(page, wish="pay", bank="song-huong")
    assert (await cashier.payment(code)).state is PaymentState.OPEN
    await cashier.settle(code)
    assert (await cashier.dossier(code))["fee"]["state"] == "paid"


async def test_the_registry_was_away(cashier: Cashier) -> None:
    """A payment that cannot be reported waits, and is reported once: the money is never lost between two services."""
    code = await cashier.filed()
    page = await cashier.at_gateway(code)
    await cashier.at.at_page(page, wish="pay", bank="song-huong")
    cashier.running.registry.cut = True
    await cashier.notify()
    await cashier.settle(code)
    assert (await cashier.payment(code)).report is Report.NONE
    cashier.running.registry.cut = False
    await cashier.settle(code)
    assert (await cashier.payment(code)).report is Report.PAID
    assert (await cashier.dossier(code))["fee"]["state"] == "paid"


async def test_refused_and_refunded(cashier: Cashier) -> None:
    """A paid dossier that the officer refuses: the registry owes the fee, the gateway gives it back, all know it."""
    code = await cashier.filed()
    page = await cashier.at_gateway(code)
    await cashier.at.at_page(page, wish="pay", bank="chim-lac")
    await cashier.settle(code)
    await cashier.act(code, "receive")
    refused = await cashier.act(code, "refuse", reason="Cơ sở khám, chữa bệnh không còn nhận đăng ký.")
    assert refused["fee"]["state"] == "refund_due"
    shown = (await cashier.running.http.get(f"/dossiers/{code}")).text
    assert "Đang hoàn tiền" in shown
    await cashier.event(code)
    await cashier.settle(code)
    fee = (await cashier.dossier(code))["fee"]
    payment = await cashier.payment(code)
    assert (fee["state"], fee["refund_reference"]) == ("refunded", payment.refund_reference)
    assert (payment.state, payment.refunded, payment.report) == (
        PaymentState.REFUNDED,
        fee["amount"],
        Report.REFUNDED,
    )
    shown = (await cashier.running.http.get(f"/dossiers/{code}")).text
    assert "Đã hoàn tiền" in shown
    assert str(payment.refund_reference) in (await cashier.at.http.get(f"{page}/receipt")).text


async def test_money_for_a_dossier_that_ended_goes_back(cashier: Cashier) -> None:
    """Withdrawn and stopped while the payment page was open: the registry refuses the money, so it goes back."""
    code = await cashier.filed()
    page = await cashier.at_gateway(code)
    await cashier.registry("POST", f"/v1/dossiers/{code}/withdrawal", cashier.citizen())
    await cashier.act(code, "stop", reason="Theo yêu cầu của công dân")
    await cashier.at.at_page(page, wish="pay", bank="chim-lac")
    before = await cashier.dossier(code)
    await cashier.notify()
    await cashier.settle(code)
    payment = await cashier.payment(code)
    assert (payment.report, payment.state, payment.refunded) == (
        Report.UNWANTED,
        PaymentState.REFUNDED,
        payment.amount,
    )
    assert await cashier.dossier(code) == before


@pytest.mark.attack
async def test_what_is_no_payment_of_ours_is_refused(cashier: Cashier) -> None:
    """No dossier, another sum, another dossier, another's signature: refused, and the dossier stays as it is."""
    code = await cashier.filed()
    await cashier.at_gateway(code)
    ours = await cashier.payment(code)
    order = await cashier.at.gateway.orders.one(cashier.running.url, ours.key)
    paid = pay(order, "hoa-sen", "TT-261123-FORGEDFORGED", cashier.at.clock())
    gateway = cashier.at.gateway
    other = replace(gateway, ring=cashier.at.rings[cashier.running.url])
    refused = [
        (404, gateway.statement(replace(paid, key=uuid4().hex))),
        (409, gateway.statement(replace(paid, amount=paid.amount - 1))),
        (409, gateway.statement(replace(paid, dossier_code="G34.899.01-261123-340009"))),
        (400, gateway.statement(replace(paid, payee_url="http://localhost:8202"))),
        (400, other.statement(paid)),
        (400, cashier.at.signed(_Nothing(), cashier.running.url, typ=REQUEST)),
        (400, "noise"),
    ]
    for status, message in refused:
        headers = {"Content-Type": "application/jwt"}
        answer = await cashier.running.http.post(NOTIFICATIONS_PATH, content=message, headers=headers)
        assert answer.status_code == status, (answer.text, message)
    assert await cashier.payment(code) == ours
    assert (await cashier.dossier(code))["fee"]["state"] == "due"


class _Nothing:
    """A request that asks for nothing."""

    def claims(self) -> dict[str, object]:
        """None."""
        return {}


async def test_the_gateway_is_away(cashier: Cashier) -> None:
    """No page to pay at: the person is told so and may try again; an order never heard of is given up."""
    code = await cashier.filed()
    desk = cashier.running.portal.payments
    assert desk is not None
    away = httpx2.MockTransport(lambda _request: httpx2.Response(503))
    gone = PaymentGateway(
        GATEWAY,
        cashier.running.url,
        desk.gateway._signer,
        desk.gateway._keys,
        httpx2.AsyncClient(transport=away),
    )
    cashier.running.app.state.portal = replace(cashier.running.portal, gateway=gone)
    answer = await cashier.running.post(f"/dossiers/{code}/payment", form_on=f"/dossiers/{code}")
    assert (answer.status_code, "Chưa mở được trang thanh toán" in answer.text) == (503, True)
    assert (await cashier.payment(code)).state is None
    await cashier.settle(code)
    assert (await cashier.payment(code)).state is PaymentState.CANCELLED
    cashier.running.app.state.portal = cashier.running.portal
    assert (await cashier.at_gateway(code)).startswith(f"{GATEWAY}/pay/")
    await gone.close()
