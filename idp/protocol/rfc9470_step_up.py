"""OAuth 2.0 Step Up Authentication Challenge Protocol, OIDC Core's acr, and its values ``phr`` and ``phrh``.

https://www.rfc-editor.org/rfc/rfc9470
Implemented: 4 and 5 (acr_values and max_age at the authorization endpoint), 6.2 (acr and auth_time at introspection),
OIDC Core 5.5.1.1 (essential acr), EAP ACR Values 1.0 section 2 (phr, phrh).
Left out: 3 (the challenge; resource servers send it, not the provider).
Builds on no Authlib class: Authlib has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from idp.domain.account import Account
from idp.domain.assurance import ATTAINABLE, BY_ACR, RESISTANT, Assurance, authentication_level, known
from idp.domain.authorization import AuthorizationRequest
from idp.domain.grant import Grant

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

    def said(self, reached: Assurance) -> str:
        """The ``acr`` to answer: what was reached in national terms, or a value of another kind that was asked for.

        The client's order decides: of its values the first that was met.
        """
        met = next((level for level in self.levels if reached.satisfies(level)), None)
        # OIDC Core 5.5.1.1: asked as essential with values, "the Authorization Server MUST return an acr Claim Value
        # that matches one of the requested values".
        if met is None or not (self.essential or met.resistance):
            return reached.acr
        return next(value for value, level in BY_ACR.items() if level == met)

    def _reachable(self, account: Account | None) -> list[Assurance]:
        highest = (
            account.level
            if account is not None
            else max((each.account_level for each in self.levels), default=2)
        )
        # Before anybody is known, a passkey may yet come.
        limit = Assurance(highest, ATTAINABLE, account.resistance if account is not None else 2)
        return [level for level in self.levels if limit.satisfies(level)]


def wish(request: AuthorizationRequest) -> AcrWish:
    """What is asked by ``claims`` (which may be essential) or else by ``acr_values`` (always voluntary)."""
    levels = known(request.wished_acr)
    return AcrWish(levels, request.acr_is_essential, unknown=not levels)


def national(grant: Grant, account: Account | None) -> str | None:
    """The level of a grant for a resource of this country, whose rules are about ``lX-aY`` whatever the client asked.

    RFC 9068 2.2.1: the claims "reflect the types and strength of authentication ... that the authentication server
    enforced"; which of them a client's ID token names is between the client and us.
    """
    if grant.acr not in RESISTANT or account is None:
        return grant.acr
    return Assurance(account.level, authentication_level(grant.amr)).acr
