"""One synthetic population in memory, by table, shared by the tests that look at it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

import pytest
from sqlalchemy import Boolean, Date, DateTime, Integer
from sqlalchemy.types import TypeEngine

from population_registry.storage.tables import metadata
from population_registry.synthesis.days import NULL
from population_registry.synthesis.population import population
from population_registry.synthesis.rows import COLUMNS

Record = dict[str, object]
SIZE = 20_000
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


def _read(kind: TypeEngine[object], text: str) -> object:
    """A value as PostgreSQL would read it."""
    if text == NULL:
        return None
    if isinstance(kind, DateTime):
        return date.fromisoformat(text[:10])
    if isinstance(kind, Date):
        return date.fromisoformat(text)
    if isinstance(kind, Boolean):
        return text == "t"
    return int(text) if isinstance(kind, Integer) else text


@pytest.fixture(scope="session")
def country() -> Country:
    """Twenty thousand people of seed 6, in two blocks; moments are given as their days."""
    tables: dict[str, list[Record]] = {name: [] for name in COLUMNS}
    for block in population(SEED, SIZE):
        for name, columns in block.tables.items():
            kinds = [metadata.tables[name].columns[column].type for column in COLUMNS[name]]
            read = [
                [_read(kind, text) for text in column] for kind, column in zip(kinds, columns, strict=True)
            ]
            tables[name] += [dict(zip(COLUMNS[name], row, strict=True)) for row in zip(*read, strict=True)]
    return Country(tables, {row["person_id"]: row for row in tables["person"]})
