"""The services of payment that one portal process holds, built once at start."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx2

from clients.dpop import HeldToken
from clients.payment_messages import PaymentState
from clients.portal_kit.payments.gateway import PaymentGateway
from clients.portal_kit.payments.payment import Payment, Report
from clients.portal_kit.payments.settling import Registry, Settling
from clients.portal_kit.payments.store import Payments
from clients.portal_kit.sender_keys import SenderKeys
from clients.portal_kit.settings import PortalSettings
from clients.portal_kit.storage.database import Database
from keys import Signer
from web.anchors import trusting
from web.patience import patient


@dataclass(frozen=True, slots=True)
class PaymentDesk:
    """Where fees are paid, what is known of them, and what is done about them."""

    payments: Payments
    gateway: PaymentGateway
    settling: Settling


@dataclass(frozen=True, slots=True)
class ShownPayment:
    """A payment for its dossier's page: how it stands in one word, and where the receipt is."""

    payment: Payment

    @property
    def standing(self) -> str:
        """`refunded`, `refunding`, `paid`, `settling` (paid, the registry does not know yet), else `open`."""
        match self.payment.state, self.payment.report:
            case PaymentState.REFUNDED, _:
                return "refunded"
            case PaymentState.PAID, Report.UNWANTED:
                return "refunding"
            case PaymentState.PAID, Report.NONE:
                return "settling"
            case PaymentState.PAID, _:
                return "paid"
        return "open"

    @property
    def receipt(self) -> str | None:
        """The receipt to print, at the gateway; none while nothing was paid."""
        return f"{self.payment.page}/receipt" if self.payment.reference and self.payment.page else None


def payment_desk(
    database: Database,
    gateway: PaymentGateway | None,
    registry: Registry,
    own_token: Callable[[], Awaitable[HeldToken]],
) -> PaymentDesk | None:
    """None where no gateway is set."""
    if gateway is None:
        return None
    payments = Payments(database)
    return PaymentDesk(payments, gateway, Settling(payments, gateway, registry, own_token))


def known_gateway(settings: PortalSettings, signer: Callable[[], Signer]) -> PaymentGateway | None:
    """The gateway that the settings name, asked in the portal's name."""
    url = settings.payment_gateway_url
    if url is None:
        return None
    client = httpx2.AsyncClient(
        timeout=patient(8.0), follow_redirects=False, verify=trusting(settings.trust_anchors)
    )
    known_keys = SenderKeys((url.rstrip("/"),), settings.trust_anchors)
    return PaymentGateway(url, settings.public_url, signer, known_keys, client)
