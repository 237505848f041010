"""Short stays and declared absences."""

from sqlalchemy import Column, Date, SmallInteger, Table, Text

from population_registry.storage.tables.schema import address, metadata, person_id, recorded_at

absence = Table(
    "absence",
    metadata,
    person_id(),
    Column("absence_no", SmallInteger, primary_key=True, autoincrement=False),
    Column("category", Text, nullable=False),
    Column("destination", Text, nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date),
    Column("returned", Date),
    recorded_at(),
    comment="Declared absences (Law on Residence Art. 31)",
)

stay = Table(
    "stay",
    metadata,
    person_id(),
    Column("stay_no", SmallInteger, primary_key=True, autoincrement=False),
    Column("host", Text, nullable=False),
    *address(),
    Column("reason", Text, nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date, nullable=False),
    recorded_at(),
    comment="Notices of stays under 30 days (Law on Residence Art. 30)",
)
