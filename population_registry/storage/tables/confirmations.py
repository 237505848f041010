"""Papers that were issued (CT07, and the papers of acts), the files made of them, which were overtaken."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from population_registry.storage.tables.schema import metadata

confirmation = Table(
    "confirmation",
    metadata,
    Column("confirmation_id", Uuid, primary_key=True),
    Column("code_hash", LargeBinary, nullable=False, unique=True),
    Column("ending_hash", LargeBinary, nullable=False),
    Column("subject_id", BigInteger, nullable=False, index=True),
    Column("client_id", Text, nullable=False),
    Column("procedure_code", Text, nullable=False),
    Column("dossier_code", Text),
    Column("issued_at", DateTime(timezone=True), nullable=False),
    Column("valid_until", DateTime(timezone=True)),
    Column("digests", JSONB, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("form", Text, nullable=False, server_default="CT07"),
    Column("event_number", Integer),
    UniqueConstraint("dossier_code", "event_number", name="one_paper_of_an_act"),
    comment="Papers given out: found by a keyed hash of the printed code, compared by keyed hashes of what they list",
)

paper_superseded = Table(
    "paper_superseded",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("confirmation_id", Uuid, nullable=False),
    Column("event_no", Integer, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    comment="Papers of acts that a later act of their dossier overtook; a trigger refuses every change",
)

confirmation_file = Table(
    "confirmation_file",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("confirmation_id", Uuid, ForeignKey("confirmation.confirmation_id"), nullable=False, index=True),
    comment="SHA-256 of every signed PDF handed out, so that a file is recognised without reading it",
)
