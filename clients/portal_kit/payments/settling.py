"""The steps that nobody clicks: ask after lost notifications, tell the registry of money, send money back.

Each step may be repeated: the gateway knows an order and a refund by their keys, the registry a payment by its
reference. What cannot be done now is done later, for as long as it takes: money hangs on it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, Protocol

from clients.dpop import HeldToken
from clients.payment_messages import Question, RefundRequest
from clients.portal_kit.payments.gateway import GatewayGone, GatewayRefused, PaymentGateway
from clients.portal_kit.payments.payment import Payment, Report, StatementRefused, Step, next_step
from clients.portal_kit.payments.store import Payments
from clients.portal_kit.storage.database import DatabaseGone
from clients.portal_kit.wire import RegistryGone, RegistryRefused
from clients.relying_party import SignInFailed

PAUSE: Final = 1.0
LONGEST_WAIT: Final = timedelta(minutes=15)
MOST_STEPS: Final = 4
"""Steps from an open order to a refund that everybody knows of."""
NEVER: Final = frozenset({"dossier-payment", "dossier-unknown"})
"""The registry's refusals of a payment that no repetition changes."""
LATER: Final = (GatewayGone, GatewayRefused, RegistryGone, RegistryRefused, SignInFailed, StatementRefused)
log = logging.getLogger(__name__)


class Registry(Protocol):
    """Who must hear of money: the registry's dossiers (`clients.portal_kit.registry_dossiers`)."""

    async def paid(self, token: HeldToken, code: str, *, amount: int, reference: str) -> object:
        """The fee is paid; raises `RegistryGone`, `RegistryRefused`."""
        ...

    async def refunded(self, token: HeldToken, code: str, *, reference: str) -> object:
        """The fee went back; raises as `paid`."""
        ...


class Settling:
    """Does the next step of a payment; several processes may run it beside each other."""

    def __init__(
        self,
        payments: Payments,
        gateway: PaymentGateway,
        registry: Registry,
        own_token: Callable[[], Awaitable[HeldToken]],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._payments = payments
        self._gateway = gateway
        self._registry = registry
        self._own_token = own_token
        self._pause = pause

    async def run(self) -> None:
        """Settle until cancelled. An outage of the database or of the others only makes it wait."""
        while True:
            try:
                done = await self.settle_one()
            except DatabaseGone:
                done = False
            if not done:
                await self._pause(PAUSE)

    async def settle(self, key: str) -> None:
        """Go as far with one payment as it goes now: somebody is looking at it."""
        for _ in range(MOST_STEPS):
            if not await self.settle_one(key):
                return

    async def settle_one(self, key: str | None = None) -> bool:
        """One step of one payment; False when there was nothing to do or it could not be done."""
        found = await self._payments.next_due(key)
        if found is None:
            return False
        payment, refund_due, tries = found
        step = next_step(payment, refund_due=refund_due)
        try:
            changed = step is not None and await self._do(step, payment)
        except LATER as failure:
            why = getattr(failure, "code", type(failure).__name__)
            await self._payments.again(payment.key, wait_after(tries), str(why))
            log.warning("a payment waits", extra={"step": step, "tries": tries + 1, "why": str(why)})
            return False
        if not changed:
            await self._payments.again(payment.key, wait_after(max(tries, 4)), None)
        return changed

    async def _do(self, step: Step, payment: Payment) -> bool:
        """Whether anything is different now."""
        match step:
            case Step.ASK:
                return await self._ask(payment)
            case Step.ASK_REFUND:
                left = payment.amount - payment.refunded
                said = await self._gateway.ask(RefundRequest(payment.key, f"{payment.key}-whole", left))
                await self._payments.accept(said)
            case Step.REPORT_PAYMENT:
                await self._report_payment(payment)
            case Step.REPORT_REFUND:
                await self._report_refund(payment)
        return True

    async def _ask(self, payment: Payment) -> bool:
        try:
            said = await self._gateway.ask(Question(payment.key))
        except GatewayRefused as refusal:
            if refusal.code != "order-unknown" or payment.state is not None:
                raise
            await self._payments.given_up(payment.key)
            return False
        after = await self._payments.accept(said)
        return after is not None and after.state is not payment.state

    async def _report_payment(self, payment: Payment) -> None:
        token, report = await self._own_token(), Report.PAID
        try:
            await self._registry.paid(
                token, payment.dossier_code, amount=payment.amount, reference=str(payment.reference)
            )
        except RegistryRefused as refusal:
            if refusal.code not in NEVER:
                raise
            log.warning("the registry will not have a payment", extra={"why": refusal.code})
            report = Report.UNWANTED
        await self._payments.reported(payment.key, report)

    async def _report_refund(self, payment: Payment) -> None:
        token = await self._own_token()
        try:
            await self._registry.refunded(
                token, payment.dossier_code, reference=str(payment.refund_reference)
            )
        except RegistryRefused as refusal:
            if refusal.code not in NEVER:
                raise
            log.warning("the registry knows of no refund that is due", extra={"why": refusal.code})
        await self._payments.reported(payment.key, Report.REFUNDED)


def wait_after(tries: int) -> timedelta:
    """Two seconds, doubled for each try, up to a quarter of an hour."""
    return min(timedelta(seconds=2 ** min(tries + 1, 10)), LONGEST_WAIT)
