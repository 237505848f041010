"""Loads one person together with the people of their household: what a release or a paper of a household needs."""

from population_registry.domain import RegistryFacts
from population_registry.storage.connections import Connection
from population_registry.storage.loading import LARGEST_QUESTION, load_facts, numbers_of
from population_registry.verification.fields import household_of


async def load_with_household(connection: Connection, number: str) -> RegistryFacts:
    """The facts about the holder of `number` and about everybody registered in the same household.

    Raises:
        asyncpg.PostgresError, OSError: as `load_facts`.
    """
    facts = await load_facts(connection, [number])
    household = household_of(facts)
    if household is None:
        return facts
    ids = [member.person_id for member in household.members][: LARGEST_QUESTION - 1]
    numbers = dict.fromkeys([number, *await numbers_of(connection, ids)])
    return await load_facts(connection, list(numbers))
