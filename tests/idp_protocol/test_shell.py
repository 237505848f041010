"""The loop: decide, commit, and decide again when somebody else was first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from idp.domain.decision import Committed, Conflict, Decision
from idp.domain.facts import Facts
from idp.domain.needs import Needs, ReplayKey
from idp.domain.policy import Policy
from idp.domain.writes import KillGrant, RedeemCode, SpendOnce
from idp.ports import Unavailable
from idp.shell import Loop
from tests.idp_protocol.world import CLIENT, POLICY, facts

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


class Published:
    """What clients publish; notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    async def document(self, uri: str, texts: Any) -> dict[str, object]:
        """One set for everybody."""
        self.asked.append((uri, tuple(texts)))
        return {"keys": []}


@pytest.mark.parametrize(
    ("client", "needs", "asked"),
    [
        (CLIENT, Needs(client_keys_for=("text",)), []),
        (replace(CLIENT, jwks_uri="https://portal.example/jwks"), Needs(), []),
        (
            replace(CLIENT, jwks_uri="https://portal.example/jwks"),
            Needs(client_keys_for=("text",)),
            [("https://portal.example/jwks", ("text",))],
        ),
        (
            replace(
                CLIENT, jwks_uri="https://portal.example/jwks", userinfo_encrypted_response_alg="ECDH-ES"
            ),
            Needs(),
            [("https://portal.example/jwks", ())],
        ),
        (replace(CLIENT, userinfo_encrypted_response_alg="ECDH-ES"), Needs(), []),
        (None, Needs(client_keys_for=("text",)), []),
    ],
)
async def test_keys_are_fetched_only_where_they_are_needed_and_published(
    client: Any, needs: Needs, asked: list[Any]
) -> None:
    """OIDC Core 10.1.1: published keys are facts before the rule runs; keys by value wait for nobody."""

    class OneClient:
        """A store with one client."""

        async def load(self, needs: Needs) -> Facts:
            """The facts."""
            del needs
            return facts(client=client)

        async def commit(self, decision: Decision[object]) -> Committed:
            """Done."""
            del decision
            return Committed()

    published = Published()
    stores = OneClient()
    loop = Loop(stores, stores, POLICY, published)
    keys = await loop.run(None, needs, lambda request, known, policy: Decision(known.client_keys))
    assert published.asked == asked
    assert keys == ({"keys": []} if asked else None)
