"""The registry's tables. Keys lead with `person_id`, the distribution key, where a row is one person's."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    String,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)


def _person_id(*, key: bool = True) -> Column[int]:
    return Column(
        "person_id",
        BigInteger,
        ForeignKey("person.person_id", ondelete="CASCADE"),
        primary_key=key,
        autoincrement=False,
        nullable=False,
        index=not key,
    )


def _address() -> tuple[Column[str], Column[str], Column[str]]:
    return (
        Column("commune_code", String(5), ForeignKey("commune.code"), nullable=False),
        Column("address", Text, nullable=False),
        Column("address_as_issued", Text),
    )


province = Table(
    "province",
    metadata,
    Column("code", String(2), primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    comment="Provinces and cities since 1 July 2025",
)

number_prefix = Table(
    "number_prefix",
    metadata,
    Column("prefix", String(3), primary_key=True),
    Column("province_code", String(2), ForeignKey("province.code"), nullable=False),
    Column("name", Text, nullable=False),
    Column("reserved", Boolean, nullable=False),
    comment="First three digits of a personal number: places of before July 2025, and prefixes of nobody",
)

commune = Table(
    "commune",
    metadata,
    Column("code", String(5), primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("province_code", String(2), ForeignKey("province.code"), nullable=False, index=True),
    comment="Wards, communes and special zones, state of 30 April 2026",
)

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
    _person_id(key=False),
    Column("kind", Text, nullable=False),
    Column("until", Date),
    comment="Nine-digit numbers and cancelled personal numbers, each still leading to its person",
)

identity_document = Table(
    "identity_document",
    metadata,
    _person_id(),
    Column("document_no", SmallInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("number", String(12), nullable=False),
    Column("issued", Date, nullable=False),
    Column("expires", Date),
    Column("state", Text, nullable=False),
)

dwelling = Table(
    "dwelling",
    metadata,
    Column("dwelling_id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    *_address(),
    Column("floor_area_m2", Numeric(7, 1), nullable=False),
    Column("disputed", Boolean, nullable=False),
)

dwelling_owner = Table(
    "dwelling_owner",
    metadata,
    _person_id(),
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
    _person_id(),
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
    _person_id(),
    Column("residence_no", SmallInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    *_address(),
    Column("dwelling_id", BigInteger, ForeignKey("dwelling.dwelling_id"), index=True),
    Column("tenure", Text, nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date),
    Column("ended", Date),
    comment="Registrations of residence; ended ones are kept",
)

kinship = Table(
    "kinship",
    metadata,
    _person_id(),
    Column("kin_no", SmallInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("kin_person_id", BigInteger, ForeignKey("person.person_id"), index=True),
    Column("kin_name", Text, nullable=False),
)

health_insurance = Table(
    "health_insurance",
    metadata,
    _person_id(),
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

access_log = Table(
    "access_log",
    metadata,
    Column("entry_id", Uuid, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("subject_id", BigInteger),
    Column("client_id", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("officer", Text),
    Column("purpose", Text, nullable=False),
    Column("procedure_code", Text, nullable=False),
    Column("dossier_code", Text),
    Column("fields", JSONB, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("receipt_id", Uuid),
    Column("correlation_id", Text, nullable=False),
    Index("access_log_subject_id_at_idx", "subject_id", "at"),
    comment="Who looked at whom and why; a trigger refuses every change; it outlives the person",
)

receipt = Table(
    "receipt",
    metadata,
    Column("receipt_id", Uuid, primary_key=True),
    Column("subject_id", BigInteger, index=True),
    Column("client_id", Text, nullable=False),
    Column("issued_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("key_id", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    comment="Signed receipts given out: the key, the end, and the SHA-256 of the bytes",
)

guessing_budget = Table(
    "guessing_budget",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("scope", Text, primary_key=True),
    Column("window_start", DateTime(timezone=True), primary_key=True, index=True),
    Column("spent", Integer, nullable=False),
    comment="Guesses spent, per keyed hash of whom they concern and per window",
)

idempotent_answer = Table(
    "idempotent_answer",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("request", LargeBinary, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, index=True),
    comment="Answers to repeat: keyed hashes of key and request, the answer sealed; kept for a day",
)

population_manifest = Table(
    "population_manifest",
    metadata,
    Column("part", Text, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("detail", JSONB, nullable=False),
    comment="What the population was made from: seed, size, day, rows and SHA-256 of each part",
)
