"""Dwellings and owners, households and members, residence."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Numeric,
    SmallInteger,
    String,
    Table,
    Text,
)

from population_registry.storage.tables.schema import address, metadata, person_id, recorded_at

dwelling = Table(
    "dwelling",
    metadata,
    Column("dwelling_id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    *address(),
    Column("floor_area_m2", Numeric(7, 1), nullable=False),
    Column("disputed", Boolean, nullable=False),
)

dwelling_owner = Table(
    "dwelling_owner",
    metadata,
    person_id(),
    Column(
        "dwelling_id",
        BigInteger,
        ForeignKey("dwelling.dwelling_id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        index=True,
    ),
)

household = Table(
    "household",
    metadata,
    Column("household_id", BigInteger, primary_key=True, autoincrement=False),
    Column("file_number", String(12), nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("dwelling_id", BigInteger, ForeignKey("dwelling.dwelling_id"), nullable=False, index=True),
)

membership = Table(
    "membership",
    metadata,
    person_id(),
    Column(
        "household_id",
        BigInteger,
        ForeignKey("household.household_id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        index=True,
    ),
    Column("since", Date, primary_key=True),
    Column("relation", Text, nullable=False),
    Column("until", Date),
)

residence = Table(
    "residence",
    metadata,
    person_id(),
    Column("residence_no", SmallInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    *address(),
    Column("dwelling_id", BigInteger, ForeignKey("dwelling.dwelling_id"), index=True),
    Column("tenure", Text, nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date),
    Column("ended", Date),
    Column("end_reason", Text),
    recorded_at(),
    Column("end_recorded_at", DateTime(timezone=True)),
    comment="Registrations of residence; ended ones are kept with ground and time (Law 68/2020 Art. 24, 29)",
)
