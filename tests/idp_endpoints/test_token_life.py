"""A stateful machine over codes, refresh tokens, revocation and sign-out on the real stores.

The model knows which tokens must live; after every step the provider is asked.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.idp_endpoints.people import AN
from tests.idp_endpoints.provider import Browser, Provider, answer_of, basic

pytestmark = pytest.mark.engine

STEPS = (
    "authorize",
    "redeem",
    "redeem again",
    "refresh",
    "lost answer",
    "old refresh",
    "revoke access",
    "revoke",
    "sign out",
)


@dataclass(slots=True)
class Family:
    """What the model knows of one grant."""

    code: str
    redeemed: bool = False
    alive: bool = True
    session: int = 0
    refresh: list[str] = field(default_factory=list)
    access: dict[str, bool] = field(default_factory=dict)

    def dies(self) -> None:
        """Nothing of it lives any more."""
        self.alive = False
        self.access = dict.fromkeys(self.access, False)


class Machine:
    """The provider, one browser, and the model."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.browser: Browser = provider.browser()
        self.session = 0
        self.families: list[Family] = []
        self.id_token = ""

    async def step(self, name: str, pick: int) -> None:
        """One step on one of the families."""
        if name == "authorize" or not self.families:
            code = await self.browser.code(AN)
            self.families.append(Family(code, session=self.session))
            return
        family = self.families[pick % len(self.families)]
        await getattr(self, name.replace(" ", "_"))(family)

    async def redeem(self, family: Family) -> None:
        """A first use gives tokens; any other kills."""
        response = await self.provider.redeem(family.code)
        if family.alive and not family.redeemed:
            family.redeemed = True
            self._keep(family, response.json())
            return
        assert response.json()["error"] == "invalid_grant"
        family.dies()

    redeem_again = redeem

    def _keep(self, family: Family, tokens: dict[str, Any]) -> None:
        family.access[tokens["access_token"]] = True
        family.refresh.append(tokens["refresh_token"])
        self.id_token = tokens.get("id_token", self.id_token)

    async def refresh(self, family: Family) -> None:
        """The current token rotates."""
        if family.refresh:
            response = await self.provider.refresh(family.refresh[-1])
            if family.alive:
                self._keep(family, response.json())
            else:
                assert response.json()["error"] == "invalid_grant"

    async def lost_answer(self, family: Family) -> None:
        """The previous token, within the grace, gives the current one again."""
        if len(family.refresh) > 1:
            response = await self.provider.refresh(family.refresh[-2])
            if family.alive:
                tokens = response.json()
                assert tokens["refresh_token"] == family.refresh[-1]
                family.access[tokens["access_token"]] = True
            else:
                assert response.json()["error"] == "invalid_grant"

    async def old_refresh(self, family: Family) -> None:
        """Anything older kills the family."""
        if len(family.refresh) > 2:
            assert (await self.provider.refresh(family.refresh[0])).json()["error"] == "invalid_grant"
            family.dies()

    async def _revoke(self, token: str) -> None:
        async with self.provider.client() as client:
            assert (
                await client.post("/revoke", data={"token": token}, headers=basic("portal"))
            ).status_code == 200

    async def revoke_access(self, family: Family) -> None:
        """One access token is forgotten, the family lives."""
        for token in list(family.access)[:1]:
            await self._revoke(token)
            family.access[token] = False

    async def revoke(self, family: Family) -> None:
        """A refresh token takes its family with it."""
        if family.refresh:
            await self._revoke(family.refresh[-1])
            family.dies()

    async def sign_out(self, family: Family) -> None:
        """Every grant of the session dies."""
        del family
        if not self.id_token:
            return
        response = await self.browser.http.get("/logout", params={"id_token_hint": self.id_token})
        if response.status_code == 303:
            for each in self.families:
                if each.session == self.session:
                    each.dies()
            self.session += 1
            answer = answer_of(await self.browser.authorize(prompt="none"))
            assert answer["error"] == "login_required"

    async def check(self) -> None:
        """Every access token is exactly as alive as the model says."""
        for family in self.families:
            for token, alive in family.access.items():
                status = (await self.provider.userinfo(token)).status_code
                assert (status == 200) is alive, (family.alive, alive, status)


async def lived(provider: Provider, steps: list[tuple[str, int]]) -> None:
    """One life."""
    machine = Machine(provider)
    for name, pick in steps:
        await machine.step(name, pick)
        await machine.check()


async def test_tokens_live_exactly_as_long_as_they_should(provider: Provider) -> None:
    """RFC 6749 4.1.2 and 6, RFC 7009, RFC 9700 4.14, RP-Initiated Logout: in any order of events."""
    loop = asyncio.get_running_loop()

    @settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 5)), min_size=3, max_size=14))
    def property_of_lives(steps: list[tuple[str, int]]) -> None:
        asyncio.run_coroutine_threadsafe(lived(provider, steps), loop).result(120)

    await asyncio.to_thread(property_of_lives)
