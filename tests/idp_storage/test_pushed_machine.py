"""Any order of pushes, visits, sign-ins, refusals, races, replays and waiting: one pushed request, one answer."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlencode

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from idp.domain.errors import PageProblem
from idp.domain.needs import Needs
from idp.domain.outcomes import Interact, Pushed, RedirectBack
from idp.domain.session import AuthenticationEvent, Session, Step
from idp.domain.writes import SaveInteraction, SaveSession
from idp.protocol import authorization, rfc9126_pushed_requests
from idp.protocol.authorization import AuthorizationQuery
from idp.protocol.parameters import Parameters
from idp.protocol.rfc6749_framework.authentication import read
from idp.protocol.rfc9126_pushed_requests import PushRequest
from idp.shell import Loop
from idp.storage import Storage, open_storage
from keys import KeyRing
from tests.idp_protocol.world import CLIENT, POLICY, authorize, basic
from tests.idp_storage.conftest import furnish
from tests.idp_storage.samples import ACCOUNT, commit, name

T = TypeVar("T")
CLIENTS = ("machine-a", "machine-b")


@dataclass
class Tab:
    """A browser that waits on our pages."""

    interaction_id: str
    cookie: str
    begun_at: int
    closed: bool = False


@dataclass
class Modelled:
    """A pushed request: who pushed it and when, whether it was answered, who waits with it."""

    uri: str
    client_id: str
    pushed_at: int
    spent: bool = False
    tabs: list[Tab] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)


class PushedRequests(RuleBasedStateMachine):
    """Commands against the model, over the engines that the test names."""

    pushed: Bundle[Modelled] = Bundle("pushed")
    engines: ClassVar[dict[str, Any]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.clock = int(time.time())
        self.storage: Storage = self.do(open_storage(**self.engines, now=lambda: self.clock))
        self.loop = Loop(self.storage.loading, self.storage.committing, POLICY)
        self.all: list[Modelled] = []
        self.do(self.prepare())

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run to the end."""
        return self.runner.run(work)

    async def prepare(self) -> None:
        """Two clients, one person who is signed in at one browser."""
        await furnish(self.storage)
        for client_id in CLIENTS:
            await self.storage.clients.save(replace(CLIENT, client_id=client_id))
        self.session_cookie = await self.signed_in()

    async def signed_in(self) -> str:
        """The cookie of a new session."""
        cookie = secrets.token_urlsafe(32)
        event = AuthenticationEvent("pwd", self.clock)
        session = Session(name(), ACCOUNT, (event,), self.clock, self.clock + 80_000)
        await commit(self.storage, SaveSession(hashlib.sha256(cookie.encode()).digest(), session))
        return cookie

    def teardown(self) -> None:
        """Close the connections."""
        self.do(self.storage.close())
        self.runner.close()

    # ------------------------------------------------------------ what the parties do

    async def visit(self, one: Modelled, client_id: str, session: str | None, more: str = "") -> Any:
        """A browser follows the name; ``more`` is what somebody added to the address."""
        query = urlencode({"client_id": client_id, "request_uri": one.uri}) + more
        asked = AuthorizationQuery(Parameters.parse(query), session_cookie=session)
        return await self.loop.run(asked, asked.needs, authorization.decide)

    async def come_back(self, tab: Tab, session: str | None) -> Any:
        """A browser returns from the pages."""
        asked = AuthorizationQuery(
            Parameters(),
            session_cookie=session,
            interaction_cookie=tab.cookie,
            interaction_id=tab.interaction_id,
        )
        return await self.loop.run(asked, asked.needs, authorization.decide)

    async def finish_pages(self, tab: Tab, refusal: str | None) -> str | None:
        """The person signed in, or turned back; None when the interaction is gone."""
        facts = await self.storage.loading.load(Needs(interaction_id=tab.interaction_id))
        if facts.interaction is None:
            return None
        done = replace(facts.interaction, step=Step.CONTINUE, refusal=refusal, account_id=ACCOUNT)
        await commit(self.storage, SaveInteraction(done))
        return await self.signed_in() if refusal is None else None

    def alive(self, one: Modelled) -> bool:
        """Whether a visit may still lead anywhere."""
        return not one.spent and self.clock < one.pushed_at + POLICY.pushed_request_lifetime

    def note(self, one: Modelled, answer: Any) -> None:
        """Remember a code."""
        if isinstance(answer, RedirectBack):
            one.codes += [value for key, value in answer.params if key == "code"]

    # ------------------------------------------------------------ the commands

    @rule(target=pushed, client_id=st.sampled_from(CLIENTS))
    def push(self, client_id: str) -> Modelled:
        """A client pushes."""
        form = authorize(client_id=client_id)
        request = PushRequest(form, read(form, basic(client_id)), "192.0.2.1")
        outcome = self.do(self.loop.run(request, request.needs, rfc9126_pushed_requests.decide))
        assert isinstance(outcome, Pushed)
        made = Modelled(outcome.request_uri, client_id, self.clock)
        self.all.append(made)
        return made

    @rule(
        one=pushed, right=st.booleans(), known=st.booleans(), more=st.sampled_from(["", "&state=x&state=y"])
    )
    def follow(self, one: Modelled, right: bool, known: bool, more: str) -> None:
        """A browser follows the name, under its own client's name or another's, signed in or not."""
        client_id = one.client_id if right else CLIENTS[CLIENTS.index(one.client_id) - 1]
        answer = self.do(self.visit(one, client_id, self.session_cookie if known else None, more))
        self.note(one, answer)
        if not right or not self.alive(one):
            assert isinstance(answer, PageProblem)
            assert answer.code == "request_uri_invalid"
        elif known:
            assert isinstance(answer, RedirectBack)
            assert "code" in dict(answer.params)
            one.spent = True
        else:
            assert isinstance(answer, Interact)
            one.tabs.append(Tab(answer.interaction_id, answer.cookie or "", self.clock))

    @rule(one=pushed, refuses=st.booleans(), data=st.data())
    def complete(self, one: Modelled, refuses: bool, data: st.DataObject) -> None:
        """A waiting tab is signed in or refused, and comes back; perhaps long after the name expired."""
        if not one.tabs:
            return
        tab = data.draw(st.sampled_from(one.tabs))
        session = self.do(self.finish_pages(tab, "access_denied" if refuses else None))
        answer = self.do(self.come_back(tab, session))
        self.note(one, answer)
        if tab.closed or self.clock >= tab.begun_at + POLICY.interaction_lifetime:
            assert isinstance(answer, PageProblem)
            assert answer.code == "interaction_gone"
            return
        assert isinstance(answer, RedirectBack)
        said = dict(answer.params)
        if one.spent:
            assert said["error"] == "invalid_request_uri"
        elif refuses:
            assert said["error"] == "access_denied"
        else:
            assert "code" in said
        one.spent = tab.closed = True

    @rule(one=pushed)
    def race(self, one: Modelled) -> None:
        """Everybody comes at once: visits of a signed-in browser, and every tab that waits."""
        self.do(self.all_at_once(one))

    async def all_at_once(self, one: Modelled) -> None:
        """Twelve visits and all tabs."""
        open_tabs = [tab for tab in one.tabs if not tab.closed]
        ready = [(tab, await self.finish_pages(tab, None)) for tab in open_tabs]
        could = self.alive(one) or (not one.spent and any(session for _, session in ready))
        answers = await asyncio.gather(
            *(self.visit(one, one.client_id, self.session_cookie) for _ in range(12)),
            *(self.come_back(tab, session) for tab, session in ready),
        )
        before = len(one.codes)
        for answer in answers:
            self.note(one, answer)
        assert len(one.codes) - before == (1 if could else 0)
        one.spent = one.spent or could
        for tab in open_tabs:
            tab.closed = True

    @rule(seconds=st.sampled_from([1, 30, 89, 90, 400]))
    def wait(self, seconds: int) -> None:
        """Time passes."""
        self.clock += seconds

    @invariant()
    def one_code_each(self) -> None:
        """No pushed request ever gave two codes."""
        assert all(len(one.codes) <= 1 for one in self.all)


@pytest.mark.attack
@pytest.mark.usefixtures("redis_clean")
def test_pushed_requests_follow_their_model(redis_url: str, idp_database: str, ring: KeyRing) -> None:
    """Attack 15, RFC 9126 sections 4 and 7.3: spent once at completion, bound to its client, whatever the order."""
    engines = {"database_url": idp_database, "redis_url": redis_url, "ring": ring}
    run_state_machine_as_test(
        type("PushedRequestsHere", (PushedRequests,), {"engines": engines}),
        settings=settings(max_examples=15, stateful_step_count=20, deadline=None),
    )
