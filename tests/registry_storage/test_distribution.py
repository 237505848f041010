"""The schema under the rules of a hash-distributed PostgreSQL, checked without one (docs/scale.md).

The rules are those of Citus: a primary key or unique constraint of a distributed table holds the distribution column,
and a foreign key joins tables that lie together, or leads to a reference table.
"""

from __future__ import annotations

import pytest
from sqlalchemy import Table, UniqueConstraint

from population_registry.storage.tables import metadata

REFERENCE = {
    *("province", "commune", "number_prefix", "former_district", "former_ward", "commune_predecessor"),
    *("search_token", "population_manifest", "insurance_list"),
}
"""Small and rarely written: a copy on every node."""
BY_PERSON = {
    *(
        "person",
        "identity_document",
        "dwelling_owner",
        "membership",
        "residence",
        "kinship",
        "health_insurance",
    ),
    *("person_particulars", "guardianship", "custody", "death", "absence", "stay", "search_entry"),
}
"""Distributed by `person_id`, so that a person's rows lie together."""
BY_OTHERS = {
    "access_log": "entry_id",
    "receipt": "receipt_id",
    "receipt_withdrawal": "position",
    "paper_superseded": "position",
    "guessing_budget": "key",
    "tried_values": "key",
    "idempotent_answer": "key",
    "dpop_proof": "digest",
    "personal_number_alias": "number",
    "household": "household_id",
    "dwelling": "dwelling_id",
    **dict.fromkeys(("batch_job", "batch_part", "batch_chunk", "batch_row", "batch_result"), "batch_id"),
}
BENDING = {
    ("person", ("personal_number",)),
    ("person", ("social_insurance",)),
    ("household", ("file_number",)),
}
"""Unique across all nodes, so each needs a table of its own, distributed by that number (docs/scale.md)."""


def columns_of(table: Table) -> set[tuple[str, ...]]:
    """The columns of each primary key and unique constraint."""
    found = {tuple(column.name for column in table.primary_key.columns)}
    found |= {
        tuple(c.name for c in each.columns)
        for each in table.constraints
        if isinstance(each, UniqueConstraint)
    }
    return found | {tuple(c.name for c in index.columns) for index in table.indexes if index.unique}


@pytest.mark.parametrize("name", sorted(BY_PERSON | BY_OTHERS.keys()))
def test_keys_hold_the_distribution_column(name: str) -> None:
    """And the primary key begins with it; what bends is listed by name, so that nothing bends unseen."""
    table = metadata.tables[name]
    column = BY_OTHERS.get(name, "person_id")
    assert next(iter(table.primary_key.columns)).name == column
    bending = {(name, columns) for columns in columns_of(table) if column not in columns}
    assert bending == {each for each in BENDING if each[0] == name}


@pytest.mark.parametrize("name", sorted(BY_PERSON))
def test_references_of_a_person_stay_on_their_node(name: str) -> None:
    """Foreign keys lead to the same person's row or to a reference table; others are dropped when distributing."""
    leaving = {
        (key.parent.name, key.column.table.name)
        for key in metadata.tables[name].foreign_keys
        if key.column.table.name not in REFERENCE
        and (key.parent.name, key.column.name) != ("person_id", "person_id")
    }
    assert all(
        target in {"dwelling", "household"} or (target == "person" and column != "person_id")
        for column, target in leaving
    )


def test_what_grows_for_ever_is_partitioned_by_month() -> None:
    """Access log and receipts: the key holds the month's column too, as PostgreSQL itself asks."""
    for name, column in (("access_log", "at"), ("receipt", "issued_at")):
        table = metadata.tables[name]
        assert table.dialect_options["postgresql"]["partition_by"] == f"RANGE ({column})"
        assert column in {each.name for each in table.primary_key.columns}
