"""Guardians, custody, deaths: when it was so, and when the registry learned of it."""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, SmallInteger, String, Table, Text

from population_registry.storage.tables.schema import metadata, person_id, recorded_at

guardianship = Table(
    "guardianship",
    metadata,
    person_id(),
    Column("guardianship_no", SmallInteger, primary_key=True, autoincrement=False),
    Column("guardian_id", BigInteger, ForeignKey("person.person_id"), index=True),
    Column("guardian_name", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("appointed_by", Text, nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date),
    recorded_at(),
    comment="Guardians of minors without parents and of adults without capacity (Civil Code Art. 46-63)",
)

custody = Table(
    "custody",
    metadata,
    person_id(),
    Column("custody_no", SmallInteger, primary_key=True, autoincrement=False),
    Column("parent_id", BigInteger, ForeignKey("person.person_id"), index=True),
    Column("parent_name", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date),
    recorded_at(),
    comment="Which parent brings up a child after a divorce (Law 52/2014 Art. 81)",
)

death = Table(
    "death",
    metadata,
    person_id(),
    Column("kind", Text, nullable=False),
    Column("occurred_at", Date, nullable=False),
    recorded_at(),
    Column("certificate", Text),
    Column("commune_code", String(5), ForeignKey("commune.code")),
    comment="Deaths and court declarations: the day it happened, and when the registry knew",
)
