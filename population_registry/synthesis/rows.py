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
)
"""Every table of the population, in an order that keeps references whole."""

_NOT_DRAWN = frozenset(
    {
        *(
            "dwelling.ward_as_issued",
            "residence.ward_as_issued",
            "residence.end_reason",
            "residence.recorded_at",
        ),
        *("residence.end_recorded_at", "identity_document.issued_by", "identity_document.state_since"),
        *("kinship.since", "personal_number_alias.reason"),
    }
)

COLUMNS = {
    str(table.name): tuple(
        str(column.name)
        for column in table.columns
        if not column.info.get("by_events") and f"{table.name}.{column.name}" not in _NOT_DRAWN
    )
    for table in LOADED_TABLES
}
"""What is drawn of each table; a column that only events fill stays empty."""


def _lists() -> dict[str, list[Row]]:
    return {name: [] for name in COLUMNS}


@dataclass(slots=True)
class Rows:
    """A batch of rows by table name; it is filled, copied out and dropped."""

    tables: dict[str, list[Row]] = field(default_factory=_lists)

    def add(self, table: str, row: Row) -> None:
        """Append one row, its values in the order of `COLUMNS[table]`."""
        self.tables[table].append(row)

    @property
    def people(self) -> int:
        """How many persons the batch holds."""
        return len(self.tables["person"])
