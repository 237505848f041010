"""The trips to the database that requests of one process share: facts, proofs, earlier answers, and what is written.

See decision 0017. Every trip is one statement; nobody is answered before the one that carried theirs is committed.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from population_registry.api.database import Database, unavailable
from population_registry.domain import RegistryFacts
from population_registry.storage import Pool
from population_registry.storage.answering import Leaving, commit_together, recall_answers
from population_registry.storage.loading import Wanted, load_together
from population_registry.storage.past import with_past_together
from population_registry.storage.proofs import spend_proofs
from population_registry.storage.recording import RememberedAnswer
from population_registry.verification.guessing import BudgetPolicy
from web import Problem
from web.together import CrowdedError, Together

MOST_NUMBERS = 200
"""Numbers that one trip asks for; a question with many goes with few others."""
MOST_ROWS = 500
LANES = 2
"""Trips that read: a slow one does not hold up all."""


class SharedTrips:
    """One for each process. Every method raises `Problem` 503 while the database is away."""

    def __init__(self, database: Database, budget: BudgetPolicy) -> None:
        self._database = database
        self._budget = budget
        self._loading: Together[Wanted, RegistryFacts] = Together(
            self._with_pool(load_together),
            failed=_failed,
            most=MOST_NUMBERS,
            size=lambda wanted: len(wanted.numbers),
            lanes=LANES,
        )
        self._looking_back: Together[RegistryFacts, RegistryFacts] = Together(
            self._with_pool(with_past_together),
            failed=_failed,
            most=MOST_NUMBERS,
            size=lambda facts: len(facts.people),
        )
        self._recalling: Together[tuple[bytes, datetime], RememberedAnswer | None] = Together(
            self._with_pool(recall_answers), failed=_failed, most=MOST_ROWS
        )
        self._spending: Together[tuple[bytes, datetime], bool] = Together(
            self._with_pool(spend_proofs), failed=_failed, most=MOST_ROWS
        )
        self._leaving: Together[Leaving, bool] = Together(
            self._with_pool(self._commit), failed=_failed, most=MOST_ROWS, size=lambda each: len(each.records)
        )

    async def load(self, wanted: Wanted) -> RegistryFacts:
        """The facts of one question. Raises ValueError for too many numbers."""
        return await self._loading.ask(wanted)

    async def with_past(self, facts: RegistryFacts) -> RegistryFacts:
        """The facts with the past of everybody in them."""
        return await self._looking_back.ask(facts)

    async def recall(self, key: bytes, now: datetime) -> RememberedAnswer | None:
        """The answer given under that key within the last day."""
        return await self._recalling.ask((key, now))

    async def spend(self, digest: bytes, ends: datetime) -> bool:
        """Take a proof for this request; False when another request has it."""
        return await self._spending.ask((digest, ends))

    async def commit(self, leaving: Leaving) -> bool:
        """Write everything of one answer; False, with nothing written, when it must be decided anew."""
        return await self._leaving.ask(leaving)

    async def close(self) -> None:
        """Return when nothing is under way."""
        for together in (
            *(self._loading, self._looking_back, self._recalling),
            *(self._spending, self._leaving),
        ):
            await together.close()

    async def _commit(self, pool: Pool, leaving: Sequence[Leaving]) -> Sequence[bool | Exception]:
        return await commit_together(pool, leaving, self._budget)

    def _with_pool(
        self, travel: Callable[[Pool, Sequence[Any]], Awaitable[Sequence[Any]]]
    ) -> Callable[[Sequence[Any]], Awaitable[Sequence[Any]]]:
        async def go(asked: Sequence[Any]) -> Sequence[Any]:
            async with self._database.pool() as pool:
                return await travel(pool, asked)

        return go


def _failed(failure: Exception) -> Exception:
    """A problem of its own for everybody who waited; what nobody foresaw stays what it is."""
    return unavailable(failure) if isinstance(failure, Problem | CrowdedError) else failure
