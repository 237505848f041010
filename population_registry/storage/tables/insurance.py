"""Health insurance."""

from sqlalchemy import CheckConstraint, Column, Date, SmallInteger, String, Table, Text

from population_registry.storage.tables.schema import metadata, person_id

health_insurance = Table(
    "health_insurance",
    metadata,
    person_id(),
    Column("insurance_no", SmallInteger, primary_key=True, autoincrement=False),
    Column("card_code", String(15), nullable=False, index=True),
    Column("group_code", String(2), nullable=False),
    Column("benefit", SmallInteger, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("facility", Text, nullable=False),
    Column("five_year_from", Date),
    Column("state", Text, nullable=False),
    CheckConstraint("benefit BETWEEN 1 AND 5", name="benefit"),
)
