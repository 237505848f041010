"""What the registry remembers of its own acts: accesses, receipts, guesses, answers, its making.

Access log and receipts grow for ever, so they lie in one partition for each month (`storage/months.py`).
"""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from population_registry.storage.tables.schema import metadata

access_log = Table(
    "access_log",
    metadata,
    Column("entry_id", Uuid, primary_key=True),
    Column("at", DateTime(timezone=True), primary_key=True),
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
    Column(
        "written_in", BigInteger, nullable=False, server_default=text("(pg_current_xact_id()::text)::bigint")
    ),
    Index("access_log_subject_id_at_idx", "subject_id", "at"),
    Index("access_log_written_in_idx", "written_in"),
    Index("access_log_officer_at_idx", "officer", "at", postgresql_where=text("officer IS NOT NULL")),
    comment="Who looked at whom and why; a trigger refuses every change; it outlives the person",
    postgresql_partition_by="RANGE (at)",
)

receipt = Table(
    "receipt",
    metadata,
    Column("receipt_id", Uuid, primary_key=True),
    Column("subject_id", BigInteger, index=True),
    Column("client_id", Text, nullable=False),
    Column("issued_at", DateTime(timezone=True), primary_key=True),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("key_id", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("status_position", BigInteger),
    comment="Signed receipts given out: the key, the end, and the SHA-256 of the bytes",
    postgresql_partition_by="RANGE (issued_at)",
)

receipt_withdrawal = Table(
    "receipt_withdrawal",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("receipt_id", Uuid, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("reason", Text, nullable=False),
    Column("withdrawn_by", Text, nullable=False),
    comment="Receipts that no longer hold; a trigger refuses every change",
)

guessing_budget = Table(
    "guessing_budget",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("scope", Text, primary_key=True),
    Column("window_start", DateTime(timezone=True), primary_key=True),
    Column("spent", Integer, nullable=False),
    Index("guessing_budget_window_start_idx", "window_start", postgresql_using="brin"),
    comment="Guesses spent, per keyed hash of whom they concern and per window",
)

tried_values = Table(
    "tried_values",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("marks", ARRAY(Text), nullable=False),
    Index("tried_values_at_idx", "at", postgresql_using="brin"),
    comment="Values that one caller tried about one person in one day: keyed hashes, each mark once",
)

idempotent_answer = Table(
    "idempotent_answer",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("request", LargeBinary, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Index("idempotent_answer_at_idx", "at", postgresql_using="brin"),
    comment="Answers to repeat: keyed hashes of key and request, the answer sealed; kept for a day",
)

dpop_proof = Table(
    "dpop_proof",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("ends", DateTime(timezone=True), nullable=False),
    Index("dpop_proof_ends_idx", "ends", postgresql_using="brin"),
    comment="Proofs that were used (RFC 9449 section 11.1), kept until they would be too old anyway",
)

population_manifest = Table(
    "population_manifest",
    metadata,
    Column("part", Text, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("detail", JSONB, nullable=False),
    comment="What the population was made from: seed, size, day, rows and SHA-256 of each part",
)
