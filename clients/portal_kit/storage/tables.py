"""Tables of a portal. Everything personal is sealed."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

portal_session = Table(
    "portal_session",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("subject", Text, nullable=False, index=True),
    Column("sid", Text, index=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("expires_at", DateTime(timezone=True), nullable=False),
)

spent_logout_token = Table(
    "spent_logout_token",
    metadata,
    Column("jti", Text, primary_key=True),
    Column("expires_at", DateTime(timezone=True), nullable=False),
)

dossier_counter = Table(
    "dossier_counter",
    metadata,
    Column("day", Date, primary_key=True),
    Column("value", Integer, nullable=False),
)

draft = Table(
    "draft",
    metadata,
    Column("code", Text, primary_key=True),
    Column("subject", Text, nullable=False, index=True),
    Column("procedure_code", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, index=True),
)

filed_dossier = Table(
    "filed_dossier",
    metadata,
    Column("code", Text, primary_key=True),
    Column("procedure_code", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("filed_at", DateTime(timezone=True), nullable=False),
    Column("sealed_details", LargeBinary, nullable=False),
    Column("receipts", JSONB, nullable=False),
    Index("ix_filed_dossier_subject_filed_at", "subject", "filed_at"),
)

taken_event = Table(
    "taken_event",
    metadata,
    Column("event_id", Text, primary_key=True),
    Column("taken_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

registry_dossier = Table(
    "registry_dossier",
    metadata,
    Column("code", Text, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("said", JSONB, nullable=False),
    Column("heard_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

payment = Table(
    "payment",
    metadata,
    Column("key", Text, primary_key=True),
    Column("dossier_code", Text, nullable=False, index=True),
    Column("subject", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("state", Text),
    Column("sequence", Integer, nullable=False),
    Column("page", Text),
    Column("reference", Text, unique=True),
    Column("paid_at", DateTime(timezone=True)),
    Column("refunded", BigInteger, nullable=False),
    Column("refund_reference", Text),
    Column("report", Text, nullable=False),
    # What is left to do: when to try again, how often it did not work, and why.
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("next_at", DateTime(timezone=True), nullable=False, server_default=func.now(), index=True),
    Column("last_error", Text),
    # One order of a dossier waits for its citizen at a time.
    Index(
        "ix_payment_waiting",
        "dossier_code",
        unique=True,
        postgresql_where=text("state IS NULL OR state = 'open'"),
    ),
)
