"""What one gateway process holds, and the small acts that need a clock, chance or a key."""

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from starlette.requests import Request

from clients.payment_gateway.orders import Order
from clients.payment_gateway.settings import GatewaySettings
from clients.payment_gateway.storage.orders import Orders
from clients.payment_messages import STATEMENT
from clients.portal_kit.portal import fresh_signer, now
from clients.portal_kit.sender_keys import SenderKeys
from clients.portal_kit.storage.database import Database
from clients.signed_messages import LIFETIME
from keys import KeyPurpose, KeyRing
from web import Pages

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Letters and digits of a reference that nobody mistakes for each other."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """The services of the gateway, built once at start; found as ``request.app.state.gateway``."""

    settings: GatewaySettings
    pages: Pages
    ring: KeyRing
    database: Database
    orders: Orders
    payees: SenderKeys
    clock: Callable[[], datetime] = field(default=now)

    def page_of(self, order: Order) -> str:
        """Where the citizen pays this order, and finds its receipt later."""
        return f"{self.settings.public_url}/pay/{page_token(self.ring, order.payee_url, order.key)}"

    def statement(self, order: Order) -> str:
        """The signed statement of an order for its body, and nobody else."""
        at = int(self.clock().timestamp())
        claims = {"iss": self.settings.public_url, "aud": order.payee_url, "iat": at, "exp": at + LIFETIME}
        said = order.statement(self.page_of(order)).claims()
        return fresh_signer(self.ring, KeyPurpose.PAYMENT).sign({**said, **claims}, typ=STATEMENT)

    def reference(self, kind: str) -> str:
        """A fresh number of a payment (`TT`) or a refund (`HT`), to read out on the telephone."""
        drawn = "".join(secrets.choice(ALPHABET) for _ in range(12))
        return f"{kind}-{self.clock():%y%m%d}-{drawn}"


def page_token(ring: KeyRing, payee_url: str, key: str) -> str:
    """The end of the address of an order's page: whoever has it may pay, nobody can guess it."""
    secret = ring.lookup_hash("payment.page", f"{payee_url} {key}")
    return base64.urlsafe_b64encode(secret).decode().rstrip("=")


def gateway_of(request: Request) -> Gateway:
    """The gateway that serves this request."""
    found: Gateway = request.app.state.gateway
    return found
