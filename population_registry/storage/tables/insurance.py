"""Health insurance: the cards, what households paid for theirs, and the insurer's lists that renew the others."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
)

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
    Column("state_since", Date),
    CheckConstraint("benefit BETWEEN 1 AND 5", name="benefit"),
)

insurance_payment = Table(
    "insurance_payment",
    metadata,
    person_id(),
    Column("insurance_no", SmallInteger, primary_key=True, autoincrement=False),
    Column("household_id", BigInteger, nullable=False),
    Column("financial_year", SmallInteger, nullable=False),
    Column("position", SmallInteger, nullable=False),
    Column("months", SmallInteger, nullable=False),
    Column("monthly", Integer, nullable=False),
    Column("paid_on", Date, nullable=False),
    Column("dossier_code", Text, nullable=False),
    Column("refunded", Integer, nullable=False, server_default="0"),
    Column("refunded_on", Date),
    ForeignKeyConstraint(
        ["person_id", "insurance_no"],
        ["health_insurance.person_id", "health_insurance.insurance_no"],
        name="insurance_payment_card_fkey",
        ondelete="CASCADE",
    ),
    Index("insurance_payment_order_idx", "household_id", "financial_year", "position", unique=True),
    CheckConstraint("refunded BETWEEN 0 AND months * monthly", name="refunded"),
    comment="Premiums of household insurance in đồng: the order of paying in a year, and what went back",
)

insurance_list = Table(
    "insurance_list",
    metadata,
    Column("ended", Date, primary_key=True),
    Column("reached", BigInteger, nullable=False, server_default="0"),
    Column("renewed", BigInteger, nullable=False, server_default="0"),
    Column("finished_at", DateTime(timezone=True)),
    comment="The insurer's lists of who goes on being insured, by the last day of the cards that they renew",
)
