"""Decoupled requests on the real engines, in any order, against a model of the rules."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from idp.domain.authorization import AuthorizationRequest
from idp.domain.client import Client, PartyKind
from idp.domain.decision import Committed, Conflict
from idp.domain.decoupled import (
    MOST_WAITING,
    USER_CODE_LETTERS,
    Approval,
    DecoupledRequest,
    LoadedDecoupled,
    Status,
)
from idp.domain.needs import Needs
from idp.domain.writes import (
    DecideDecoupled,
    KeepApproved,
    KillGrantsOf,
    NotePoll,
    OpenDecoupled,
)
from idp.storage import Storage, open_storage
from keys import KeyRing
from tests.idp_storage.decoupled_samples import approval, device, redemption, request
from tests.idp_storage.samples import (
    commit,
    name,
    now,
)

T = TypeVar("T")


@dataclass
class Modelled:
    """What a request should look like; ``grant_alive`` once it was redeemed."""

    asked: DecoupledRequest
    status: Status = Status.PENDING
    interval: int = 5
    polled_at: int = 0
    approval: Approval | None = None
    gone: bool = False
    grant_alive: bool = False


class Decoupled(RuleBasedStateMachine):
    """Commands against the model, over the engines that the test names."""

    requests: Bundle[Modelled] = Bundle("requests")
    engines: ClassVar[dict[str, Any]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.storage: Storage = self.do(open_storage(**self.engines))
        self.accounts = [name(), name()]
        self.letters = ["".join(secrets.choice(USER_CODE_LETTERS) for _ in range(8)) for _ in range(2)]
        self.codes: dict[str, str] = {}
        self.all: list[Modelled] = []
        self.clock = now()
        for client in ("a", "b"):
            uris = ("https://portal.example/callback",)
            self.do(self.storage.clients.save(Client(client, client, client, PartyKind.PRIVATE, uris)))

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run to the end."""
        return self.runner.run(work)

    def teardown(self) -> None:
        """Close the connections."""
        self.do(self.storage.close())
        self.runner.close()

    def waiting_for(self, account_id: str) -> list[Modelled]:
        """What the model says waits for a person."""
        return [
            each
            for each in self.all
            if each.status is Status.PENDING and each.asked.account_id == account_id and not each.gone
        ]

    @rule(target=requests, owner=st.integers(0, 1), client=st.sampled_from(["a", "b"]))
    def call(self, owner: int, client: str) -> Modelled:
        """A client asks for a person; the fourth at once finds no room."""
        account_id = self.accounts[owner]
        asked = request(account_id=account_id, request=AuthorizationRequest(client, ""))
        room = len(self.waiting_for(account_id)) < MOST_WAITING
        result = self.do(commit(self.storage, OpenDecoupled(asked, 5)))
        assert result == (Committed() if room else Conflict("OpenDecoupled"))
        made = Modelled(asked, gone=not room)
        self.all.append(made)
        return made

    @rule(target=requests, place=st.integers(0, 1), client=st.sampled_from(["a", "b"]))
    def connect(self, place: int, client: str) -> Modelled:
        """A device asks; a code that leads somewhere is not given twice."""
        code = self.letters[place]
        asked = device(code, request=AuthorizationRequest(client, ""))
        free = code not in self.codes
        result = self.do(commit(self.storage, OpenDecoupled(asked, 5)))
        assert result == (Committed() if free else Conflict("OpenDecoupled"))
        if free:
            self.codes[code] = asked.request_id
        made = Modelled(asked, gone=not free)
        self.all.append(made)
        return made

    @rule(one=requests, stale=st.booleans(), fast=st.booleans())
    def poll(self, one: Modelled, stale: bool, fast: bool) -> None:
        """The client polls: noted against the last poll, or too early whoever else polls."""
        self.clock += 1
        last = None if fast else (one.polled_at + 1 if stale else one.polled_at)
        write = NotePoll(one.asked.request_id, self.clock, last, 5 if fast else 0)
        won = not one.gone and (fast or not stale)
        assert self.do(commit(self.storage, write)) == (Committed() if won else Conflict("NotePoll"))
        if won:
            one.polled_at = self.clock
            one.interval += 5 if fast else 0

    @rule(one=requests, yes=st.booleans(), owner=st.integers(0, 1))
    def answer(self, one: Modelled, yes: bool, owner: int) -> None:
        """Somebody answers; the second answer is too late."""
        said = approval(one.asked.account_id or self.accounts[owner]) if yes else None
        won = not one.gone and one.status is Status.PENDING
        result = self.do(self.answered(one.asked, said))
        assert result == (Committed() if won else Conflict("DecideDecoupled"))
        if won:
            one.status, one.approval = (Status.APPROVED if yes else Status.DENIED), said
            if one.asked.user_code and self.codes.get(one.asked.user_code) == one.asked.request_id:
                del self.codes[one.asked.user_code]

    @rule(one=requests)
    def redeem(self, one: Modelled) -> None:
        """The client redeems: once, and only what was approved."""
        account_id = one.approval.account_id if one.approval else self.accounts[0]
        won = not one.gone and one.status is Status.APPROVED
        result = self.do(self.redeemed(one, account_id))
        assert result == (Committed() if won else Conflict("RedeemDecoupled"))
        if won:
            one.status, one.grant_alive = Status.REDEEMED, True

    async def answered(self, asked: DecoupledRequest, said: Approval | None) -> Committed | Conflict:
        """Answer, as the rule would write it."""
        if said is None:
            return await commit(self.storage, DecideDecoupled(asked))
        kept = KeepApproved(asked, said.account_id, await self.epoch(said.account_id))
        return await commit(self.storage, DecideDecoupled(asked, said), kept)

    async def redeemed(self, one: Modelled, account_id: str) -> Committed | Conflict:
        """Redeem, as the rule would write it."""
        return await commit(self.storage, redemption(one.asked, await self.epoch(account_id), account_id))

    async def epoch(self, account_id: str) -> int:
        """The epoch that the store holds for an account that PostgreSQL does not know."""
        key = f"a:{{{account_id}}}"
        (epoch,) = await self.storage.redis.execute(("HGET", key, "e"))
        if epoch is None:
            await self.storage.redis.execute(("HSET", key, "e", "7"))
        return 7 if epoch is None else int(epoch)

    @rule(owner=st.integers(0, 1), client=st.sampled_from([None, "a", "b"]))
    def sweep(self, owner: int, client: str | None) -> None:
        """An account is locked or a consent withdrawn: approvals and grants of it are gone."""
        account_id = self.accounts[owner]
        self.do(commit(self.storage, KillGrantsOf(account_id, "test", client)))
        for one in self.all:
            if (
                one.approval
                and one.approval.account_id == account_id
                and client in {None, one.asked.client_id}
            ):
                one.gone, one.grant_alive = True, False

    @invariant()
    def agrees(self) -> None:
        """What the store shows is what the model says."""
        for one in self.all:
            self.do(self.compare(one))
        for account_id in self.accounts:
            self.do(self.compare_waiting(account_id))
        for code in self.letters:
            found = self.do(self.storage.loading.load(Needs(user_code=code))).decoupled
            assert (found.request.request_id if found else None) == self.codes.get(code)

    async def compare(self, one: Modelled) -> None:
        """One request, and the grant that it may have become."""
        facts = await self.storage.loading.load(
            Needs(decoupled_id=one.asked.request_id, grant_id=one.asked.request_id)
        )
        assert (facts.grant is not None) is one.grant_alive
        if one.gone:
            assert facts.decoupled is None
            return
        assert facts.decoupled == LoadedDecoupled(
            one.asked, one.status, one.interval, one.polled_at, one.approval
        )

    async def compare_waiting(self, account_id: str) -> None:
        """What waits for a person, by its index."""
        replies = await self.storage.redis.execute(("ZRANGE", f"dw:{{{account_id}}}", 0, -1))
        names = {member.decode().partition(":")[0] for member in replies[0]}
        assert names == {each.asked.request_id for each in self.waiting_for(account_id)}


@pytest.mark.usefixtures("redis_clean")
def test_requests_follow_their_model(redis_url: str, idp_database: str, ring: KeyRing) -> None:
    """Pending, then approved or denied, then redeemed, each once; a swept account's are gone; never four at once."""
    engines = {"database_url": idp_database, "redis_url": redis_url, "ring": ring}
    run_state_machine_as_test(
        type("DecoupledHere", (Decoupled,), {"engines": engines}),
        settings=settings(max_examples=20, stateful_step_count=25, deadline=None),
    )
