"""Rows on their way to PostgreSQL: one list of tuples per table, in the order of the table's columns."""

from dataclasses import dataclass, field

from population_registry.storage import tables

Row = tuple[object, ...]

LOADED_TABLES = (
    tables.person,
    tables.dwelling,
    tables.household,
    tables.personal_number_alias,
    tables.identity_document,
    tables.dwelling_owner,
    tables.membership,
    tables.residence,
    tables.kinship,
    tables.health_insurance,
    tables.person_particulars,
    tables.guardianship,
    tables.custody,
    tables.death,
    tables.absence,
    tables.stay,
    tables.search_entry,
)
"""Every table of the population, in an order that keeps references whole."""

COLUMNS = {str(table.name): tuple(str(column.name) for column in table.columns) for table in LOADED_TABLES}

BLOCK = 10_000
"""People per block: what a process holds in memory at a time."""

FIRST_ID = 100_001
"""Identifiers below this belong to the personas."""


def _lists() -> dict[str, list[Row]]:
    return {name: [] for name in COLUMNS}


@dataclass(slots=True)
class Rows:
    """The personas' rows by table name, a value for each of the first columns; the others stay empty."""

    tables: dict[str, list[Row]] = field(default_factory=_lists)

    def add(self, table: str, row: Row) -> None:
        """Append one row, its values in the order of `COLUMNS[table]`; columns left out at the end stay empty."""
        self.tables[table].append((*row, *[None] * (len(COLUMNS[table]) - len(row))))

    @property
    def people(self) -> int:
        """How many persons there are."""
        return len(self.tables["person"])
