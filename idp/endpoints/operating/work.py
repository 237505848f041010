"""One officer at work on one order: what every act needs."""

from __future__ import annotations

from dataclasses import dataclass

from idp.accounts.acts import Act, recorded
from idp.accounts.life import Actor, NotAllowed
from idp.accounts.officers import Order
from idp.domain.account import Account
from idp.domain.facts import Fresh
from idp.domain.needs import Needs
from idp.domain.writes import KeepCase
from idp.shell import Services


@dataclass(frozen=True, slots=True)
class Work:
    """Who acts as what, on which order, at which moment."""

    services: Services
    officer: Account
    actor: Actor
    order: Order
    now: int
    fresh: Fresh

    @property
    def items(self) -> tuple[str, ...]:
        """Officer and case, as they stand in the person's own history."""
        return recorded(self.officer.account_id, self.order.file)

    async def account(self) -> Account | None:
        """The account of the number that is ordered; None for nobody's."""
        return (await self.services.loop.loading.load(Needs(personal_number=self.order.number))).account

    async def apply(self, account: Account, deed: Act, beside: KeepCase | None = None) -> dict[str, object]:
        """How the account stands after the act. Raises NotAllowed."""
        life = await self.services.lives.apply(account.account_id, deed, beside=beside)
        if life is None:
            raise NotAllowed("no_account")
        return {"status": life.status, "level": life.level, "lock_reasons": sorted(life.reasons)}
