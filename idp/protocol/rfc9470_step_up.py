"""OAuth 2.0 Step Up Authentication Challenge Protocol, and OIDC Core's acr.

https://www.rfc-editor.org/rfc/rfc9470
Implemented: 4 and 5 (acr_values and max_age at the authorization endpoint), 6.2 (acr and auth_time at introspection),
OIDC Core 5.5.1.1 (essential acr). Left out: 3 (the challenge; resource servers send it, not the provider).
Builds on no Authlib class: Authlib has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from idp.domain.account import Account
from idp.domain.assurance import ATTAINABLE, BY_ACR, Assurance
from idp.domain.authorization import AuthorizationRequest

UNMET: Final = "unmet"


@dataclass(frozen=True, slots=True)
class AcrWish:
    """The levels a client asks for, in its order. ``essential``: without one of them there is no answer."""

    levels: tuple[Assurance, ...]
    essential: bool = False
    unknown: bool = False

    def judged(self, account: Account, reached: Assurance) -> int | str | None:
        """None when satisfied or hopelessly voluntary, else the level to step up to, or :data:`UNMET`."""
        if not self.levels:
            return UNMET if self.essential and self.unknown else None
        if any(reached.satisfies(level) for level in self.levels):
            return None
        reachable = self._reachable(account)
        if reachable:
            return reachable[0].authentication_level
        # OIDC Core 5.5.1.1: if an essential acr cannot be met "the Authorization Server MUST treat that outcome
        # as a failed authentication attempt"; a voluntary one is answered with what was reached.
        return UNMET if self.essential else None

    def level_to_ask(self, account: Account | None) -> int:
        """The authentication level that a sign-in should reach from the start."""
        reachable = self._reachable(account)
        return reachable[0].authentication_level if reachable else 1

    def _reachable(self, account: Account | None) -> list[Assurance]:
        highest = (
            account.level
            if account is not None
            else max((each.account_level for each in self.levels), default=2)
        )
        limit = Assurance(highest, ATTAINABLE)
        return [level for level in self.levels if limit.satisfies(level)]


def wish(request: AuthorizationRequest) -> AcrWish:
    """What is asked by ``claims`` (which may be essential) or else by ``acr_values`` (always voluntary)."""
    asked = request.claims.id_token.get("acr")
    if asked is not None and (asked.value is not None or asked.values):
        values = asked.values or (asked.value,)
        levels = tuple(BY_ACR[value] for value in values if isinstance(value, str) and value in BY_ACR)
        return AcrWish(levels, asked.essential, unknown=not levels)
    return AcrWish(tuple(BY_ACR[value] for value in request.acr_values if value in BY_ACR))
