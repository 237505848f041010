"""One synthetic population in memory, by table, shared by the tests that look at it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import pytest

from population_registry.synthesis import population
from population_registry.synthesis.rows import COLUMNS

Record = dict[str, object]
SIZE = 6_000
SEED = 6


@dataclass(frozen=True)
class Country:
    """All rows as records, and people by identifier."""

    tables: dict[str, list[Record]]
    people: dict[object, Record]

    def of(self, table: str) -> dict[object, list[Record]]:
        """The rows of one table by person."""
        found = defaultdict(list)
        for row in self.tables[table]:
            found[row["person_id"]].append(row)
        return found


@pytest.fixture(scope="session")
def country() -> Country:
    """Six thousand people of seed 6."""
    tables: dict[str, list[Record]] = {name: [] for name in COLUMNS}
    for rows in population(SEED, SIZE):
        for name, lines in rows.tables.items():
            tables[name] += [dict(zip(COLUMNS[name], line, strict=True)) for line in lines]
    return Country(tables, {row["person_id"]: row for row in tables["person"]})
