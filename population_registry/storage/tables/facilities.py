"""Who may look up cards at the desk of a health facility: officers that the facility registered."""

from sqlalchemy import Column, DateTime, LargeBinary, Table, Text

from population_registry.storage.tables.schema import metadata

facility_officer = Table(
    "facility_officer",
    metadata,
    Column("client_id", Text, primary_key=True),
    Column("officer_hash", LargeBinary, primary_key=True),
    Column("name_hash", LargeBinary, nullable=False),
    Column("registered_at", DateTime(timezone=True), nullable=False),
    comment="Officers of a facility: keyed hashes of number and name, so that the list names nobody",
)
