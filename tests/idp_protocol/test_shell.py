"""The loop: decide, commit, and decide again when somebody else was first."""

from __future__ import annotations

from typing import Any

import pytest

from idp.domain.decision import Committed, Conflict, Decision
from idp.domain.facts import Facts
from idp.domain.needs import Needs, ReplayKey
from idp.domain.policy import Policy
from idp.domain.writes import KillGrant, RedeemCode, SpendOnce
from idp.ports import Unavailable
from idp.shell import Loop
from tests.idp_protocol.world import POLICY, facts

KEY = ReplayKey("client-assertion", b"k")
SPEND = SpendOnce(KEY, 9)
REDEEM = RedeemCode("g", b"c", None, None)


class Stores:
    """Answers the prepared results in turn and keeps what was asked of it."""

    def __init__(self, *results: Committed | Conflict, spent: frozenset[ReplayKey] = frozenset()) -> None:
        self.results = list(results)
        self.spent = spent
        self.committed: list[Decision[Any]] = []

    async def load(self, needs: Needs) -> Facts:
        """The same facts each time; after a first commit our item counts as spent."""
        del needs
        return facts(spent=frozenset({KEY}) if self.committed else self.spent)

    async def commit(self, decision: Decision[Any]) -> Committed | Conflict:
        """The next prepared result."""
        self.committed.append(decision)
        return self.results.pop(0)


def decide(request: str, known: Facts, policy: Policy) -> Decision[str]:
    """Spend and redeem, or say that the item was spent."""
    del policy
    if KEY in known.spent:
        return Decision("replayed")
    return Decision(request, (SPEND, REDEEM))


async def test_a_committed_decision_is_the_answer() -> None:
    """Rule 2: only what is true is said."""
    stores = Stores(Committed())
    assert await Loop(stores, stores, POLICY).run("ok", Needs(), decide) == "ok"
    assert stores.committed[0].writes == (SPEND, REDEEM)


async def test_our_own_claim_is_no_replay_when_another_write_lost() -> None:
    """A lost race for the code must not look like a replayed assertion, and the item is not claimed twice."""
    stores = Stores(Conflict("RedeemCode"), Committed())
    assert await Loop(stores, stores, POLICY).run("ok", Needs(), decide) == "ok"
    assert stores.committed[1].writes == (REDEEM,)


async def test_a_lost_claim_is_a_replay() -> None:
    """When the item itself was lost, somebody else has spent it."""
    stores = Stores(Conflict("SpendOnce"), Committed())
    assert await Loop(stores, stores, POLICY).run("ok", Needs(), decide) == "replayed"


async def test_an_endless_race_is_unavailable() -> None:
    """Three times, then 503: nothing was granted."""
    stores = Stores(Conflict("x"), Conflict("x"), Conflict("x"))
    with pytest.raises(Unavailable):
        await Loop(stores, stores, POLICY).run(
            "ok", Needs(), lambda *_: Decision("no", (KillGrant("g", "r"),))
        )
