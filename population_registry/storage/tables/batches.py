"""Batches: the job, its file as it comes in, its rows, the pieces that workers take, the answers.

Rows and answers lead with `batch_id` and bear no foreign key: they come by COPY, go by retention, and may be
partitioned by hash of `batch_id` without a change to any statement.
"""

from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from population_registry.storage.tables.schema import metadata

batch_job = Table(
    "batch_job",
    metadata,
    Column("batch_id", Uuid, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("party_kind", Text),
    Column("officer", Text),
    Column("purpose", Text, nullable=False),
    Column("procedure_code", Text, nullable=False),
    Column("dossier_code", Text),
    Column("kind", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("columns", JSONB, nullable=False),
    Column("length", BigInteger),
    Column("sha256", LargeBinary),
    Column("state", Text, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("uploaded_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("erase_after", DateTime(timezone=True), nullable=False),
    Column("erased_at", DateTime(timezone=True)),
    Column("rows", Integer),
    Column("problem", JSONB),
    Column("tally", JSONB),
    Column("receipt", Text),
    Index("batch_job_client_id_created_at_idx", "client_id", "created_at"),
    Index("batch_job_erase_after_idx", "erase_after", postgresql_where=text("erased_at IS NULL")),
    comment="One file of questions under one purpose; the summary outlives its rows",
)


def _batch_id() -> Column[UUID]:
    return Column("batch_id", Uuid, ForeignKey("batch_job.batch_id", ondelete="CASCADE"), primary_key=True)


batch_part = Table(
    "batch_part",
    metadata,
    _batch_id(),
    Column("at_byte", BigInteger, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
    comment="The file as it comes in, until its rows are read",
)

batch_chunk = Table(
    "batch_chunk",
    metadata,
    _batch_id(),
    Column("chunk_no", Integer, primary_key=True, autoincrement=False),
    Column("first_row", Integer, nullable=False),
    Column("last_row", Integer, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
    Column("tally", JSONB),
    Column("done_at", DateTime(timezone=True)),
    Index("batch_chunk_open_idx", "chunk_no", "batch_id", postgresql_where=text("done_at IS NULL")),
    comment="Pieces of a batch; a worker holds the lock of the piece that it works on",
)

batch_row = Table(
    "batch_row",
    metadata,
    Column("batch_id", Uuid, primary_key=True),
    Column("row_no", Integer, primary_key=True, autoincrement=False),
    Column("ref", Text),
    Column("number", String(12)),
    Column("name", Text),
    Column("birth_date", String(10)),
    Column("others", Text),
    Column("social_insurance", String(10)),
    Column("unit", Text),
    Column("duplicate", Text),
    Column("plain", Boolean, nullable=False),
    Column("name_key", Text),
    Column("error", Text),
    Column("error_column", Text),
    comment="What was asked, line by line; erased after the retention time",
)

batch_result = Table(
    "batch_result",
    metadata,
    Column("batch_id", Uuid, primary_key=True),
    Column("row_no", Integer, primary_key=True, autoincrement=False),
    Column("identity", Text, nullable=False),
    Column("status", Text),
    Column("answer", Text),
    comment="What is answered; a row that is established as written has none of its own",
)
