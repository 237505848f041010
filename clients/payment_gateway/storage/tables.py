"""The one table of the payment gateway. It holds no name and no number of a person: a dossier's code and a sum."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
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
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "pk": "pk_%(table_name)s",
    }
)

payment_order = Table(
    "payment_order",
    metadata,
    Column("payee_url", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("page_digest", LargeBinary, nullable=False, unique=True),
    Column("dossier_code", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("payee", JSONB, nullable=False),
    Column("subject", JSONB, nullable=False),
    Column("back_to", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("bank", Text),
    Column("reference", Text, unique=True),
    Column("paid_at", DateTime(timezone=True)),
    Column("refunds", JSONB, nullable=False),
    Column("refunded", BigInteger, nullable=False),
    # What the body has been told: the sequence that it confirmed, when to try again, and why it did not work.
    Column("told", Integer, nullable=False, server_default="0"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("next_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("last_error", Text),
    CheckConstraint("amount > 0 AND refunded BETWEEN 0 AND amount", name="refunded"),
    CheckConstraint("(state IN ('paid', 'refunded')) = (reference IS NOT NULL)", name="reference"),
    # One live order of a body for one dossier: nobody pays twice, whatever the browser does.
    Index(
        "ix_payment_order_live",
        "payee_url",
        "dossier_code",
        unique=True,
        postgresql_where=text("state IN ('open', 'paid')"),
    ),
    Index("ix_payment_order_untold", "next_at", postgresql_where=text("told < sequence")),
)
