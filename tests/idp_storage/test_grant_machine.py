"""Any order of births, redemptions, refreshes, revocations and deaths: Redis agrees with a model of the rules."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from idp.domain.client import Client, PartyKind
from idp.domain.decision import Committed, Conflict
from idp.domain.grant import AccessState, CodeState, Grant, RefreshState
from idp.domain.needs import Needs
from idp.domain.writes import (
    CreateGrant,
    KillGrant,
    KillGrantsOf,
    RedeemCode,
    RevokeAccess,
    UseRefresh,
)
from idp.storage import Storage, open_storage
from keys import KeyRing
from tests.idp_storage.samples import access, code, commit, digest, grant, name, refresh

T = TypeVar("T")


@dataclass
class Modelled:
    """What a grant should look like; ``alive`` False: nothing of it may be seen."""

    grant: Grant
    code: CodeState
    alive: bool = True
    spent: bool = False
    refresh: RefreshState | None = None
    tokens: dict[bytes, AccessState] = field(default_factory=dict)
    gone: set[bytes] = field(default_factory=set)


class Grants(RuleBasedStateMachine):
    """Commands against the model, over the engines that the test names."""

    grants: Bundle[Modelled] = Bundle("grants")
    engines: ClassVar[dict[str, Any]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.storage: Storage = self.do(open_storage(**self.engines))
        for client in ("a", "b"):
            uris = (f"https://{client}.example/callback",)
            self.do(self.storage.clients.save(Client(client, client, client, PartyKind.PRIVATE, uris)))
        self.accounts = [name(), name()]
        self.all: list[Modelled] = []

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run to the end."""
        return self.runner.run(work)

    def teardown(self) -> None:
        """Close the connections."""
        self.do(self.storage.close())
        self.runner.close()

    @rule(target=grants, owner=st.integers(0, 1), client=st.sampled_from(["a", "b"]))
    def born(self, owner: int, client: str) -> Modelled:
        """A grant is born with its code."""
        made = Modelled(grant(account_id=self.accounts[owner], client_id=client), code())
        assert self.do(commit(self.storage, CreateGrant(made.grant, made.code))) == Committed()
        self.all.append(made)
        return made

    @rule(one=grants, right=st.booleans(), with_refresh=st.booleans())
    def redeem(self, one: Modelled, right: bool, with_refresh: bool) -> None:
        """Its code is redeemed, rightly or wrongly."""
        token, family = access(), refresh() if with_refresh else None
        code_hash = one.code.code_hash if right else digest()
        won = one.alive and right and not one.spent
        write = RedeemCode(one.grant.grant_id, code_hash, token, family)
        result = self.do(commit(self.storage, write))
        assert result == (Committed() if won else Conflict("RedeemCode"))
        if won:
            one.spent, one.refresh = True, family
            one.tokens[token.token_hash] = token
        else:
            one.gone.add(token.token_hash)

    @rule(one=grants, present=st.sampled_from(["current", "previous", "other"]), stale=st.booleans())
    def use_refresh(self, one: Modelled, present: str, stale: bool) -> None:
        """Its refresh family is used, rightly or wrongly."""
        family, token = one.refresh or refresh(), access()
        previous = family.previous_hash or digest()
        presented = {"current": family.current_hash, "previous": previous, "other": digest()}[present]
        expected = digest() if stale else family.current_hash
        after = refresh(previous=family.current_hash)
        known = {family.current_hash, family.previous_hash}
        won = one.alive and one.refresh is not None and presented in known and not stale
        write = UseRefresh(one.grant.grant_id, presented, expected, token, after)
        result = self.do(commit(self.storage, write))
        assert result == (Committed() if won else Conflict("UseRefresh"))
        if won:
            one.refresh = after
            one.tokens[token.token_hash] = token
        else:
            one.gone.add(token.token_hash)

    @rule(one=grants)
    def revoke_newest(self, one: Modelled) -> None:
        """Its newest access token is revoked."""
        if one.tokens:
            token_hash, _ = one.tokens.popitem()
            self.do(commit(self.storage, RevokeAccess(one.grant.grant_id, token_hash)))
            one.gone.add(token_hash)

    @rule(one=grants)
    def kill(self, one: Modelled) -> None:
        """It dies."""
        self.do(commit(self.storage, KillGrant(one.grant.grant_id, "test")))
        one.alive = False

    @rule(owner=st.integers(0, 1), client=st.sampled_from([None, "a", "b"]))
    def kill_of(self, owner: int, client: str | None) -> None:
        """All of an account die, or those of one client."""
        account_id = self.accounts[owner]
        self.do(commit(self.storage, KillGrantsOf(account_id, "test", client)))
        for one in self.all:
            if one.grant.account_id == account_id and client in {None, one.grant.client_id}:
                one.alive = False

    @invariant()
    def agrees(self) -> None:
        """What Redis shows is what the model says."""
        for one in self.all:
            self.do(self.compare(one))

    async def compare(self, one: Modelled) -> None:
        """One grant against its model."""
        load = self.storage.loading.load
        facts = await load(Needs(grant_id=one.grant.grant_id))
        if not one.alive:
            assert facts.grant is None
            return
        assert facts.grant is not None
        assert facts.grant.grant == one.grant
        assert facts.grant.code is not None
        assert facts.grant.code.spent is one.spent
        assert facts.grant.refresh == one.refresh
        for token_hash in (*one.tokens, *one.gone):
            facts = await load(Needs(grant_id=one.grant.grant_id, access_digest=token_hash))
            assert facts.grant is not None
            assert facts.grant.access == one.tokens.get(token_hash)


@pytest.mark.usefixtures("redis_clean")
def test_grants_follow_their_model(redis_url: str, idp_database: str, ring: KeyRing) -> None:
    """A code is spent once, a family has one successor, a dead grant shows nothing, whatever the order."""
    engines = {"database_url": idp_database, "redis_url": redis_url, "ring": ring}
    run_state_machine_as_test(
        type("GrantsHere", (Grants,), {"engines": engines}),
        settings=settings(max_examples=20, stateful_step_count=25, deadline=None),
    )
