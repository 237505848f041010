"""People, their numbers, cards and kin."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    SmallInteger,
    String,
    Table,
    Text,
)

from population_registry.storage.tables.schema import metadata, person_id

person = Table(
    "person",
    metadata,
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    Column("personal_number", String(12), nullable=False, unique=True),
    Column("family_name", Text, nullable=False),
    Column("middle_name", Text, nullable=False),
    Column("given_name", Text, nullable=False),
    Column("birth_date", String(10), nullable=False),
    Column("sex", Text, nullable=False),
    Column("nationality", String(2), nullable=False),
    Column("marital_status", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("status_since", Date),
    Column("replaced_by", String(12)),
    Column("social_insurance", String(10), unique=True),
    Column("birth_registered_at", String(3), nullable=False),
    CheckConstraint("personal_number ~ '^[0-9]{12}$'", name="personal_number"),
    CheckConstraint("birth_date ~ '^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$'", name="birth_date"),
    CheckConstraint("given_name <> ''", name="given_name"),
    CheckConstraint("(status = 'active') = (status_since IS NULL)", name="status_since"),
    comment="One record of the population; birth dates may lack day and month",
)

personal_number_alias = Table(
    "personal_number_alias",
    metadata,
    Column("number", String(12), primary_key=True),
    person_id(key=False),
    Column("kind", Text, nullable=False),
    Column("until", Date),
    Column("reason", Text),
    comment="Nine-digit numbers and cancelled personal numbers, each still leading to its person",
)

identity_document = Table(
    "identity_document",
    metadata,
    person_id(),
    Column("document_no", SmallInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("number", String(12), nullable=False),
    Column("issued", Date, nullable=False),
    Column("expires", Date),
    Column("state", Text, nullable=False),
    Column("issued_by", Text),
    Column("state_since", Date),
)

kinship = Table(
    "kinship",
    metadata,
    person_id(),
    Column("kin_no", SmallInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("kin_person_id", BigInteger, ForeignKey("person.person_id"), index=True),
    Column("kin_name", Text, nullable=False),
    Column("since", Date),
)

person_particulars = Table(
    "person_particulars",
    metadata,
    person_id(),
    Column("other_name", Text),
    Column("birth_place", Text),
    Column("birth_registry", Text),
    Column("hometown", Text),
    Column("capacity", Text, nullable=False, server_default="full"),
    Column("phone", String(15)),
    Column("email", Text),
    Column("ethnic_group", String(2)),
    Column("religion", String(2)),
    Column("blood_group", String(2)),
    comment="The rest of the national record (Law on Identity Art. 9); the last three stay empty",
)
