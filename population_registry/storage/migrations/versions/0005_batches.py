"""Batches: jobs, the file as it comes in, rows, pieces for workers, answers."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "batch_job",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("party_kind", sa.Text()),
        sa.Column("officer", sa.Text()),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("procedure_code", sa.Text(), nullable=False),
        sa.Column("dossier_code", sa.Text()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("columns", postgresql.JSONB(), nullable=False),
        sa.Column("length", sa.BigInteger()),
        sa.Column("sha256", sa.LargeBinary()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("erase_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True)),
        sa.Column("rows", sa.Integer()),
        sa.Column("problem", postgresql.JSONB()),
        sa.Column("tally", postgresql.JSONB()),
        sa.Column("receipt", sa.Text()),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("batch_job_pkey")),
        comment="One file of questions under one purpose; the summary outlives its rows",
    )
    op.create_index("batch_job_client_id_created_at_idx", "batch_job", ["client_id", "created_at"])
    op.create_index(
        "batch_job_erase_after_idx",
        "batch_job",
        ["erase_after"],
        postgresql_where=sa.text("erased_at IS NULL"),
    )
    op.create_table(
        "batch_part",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("at_byte", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batch_job.batch_id"], name=op.f("batch_part_batch_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("batch_id", "at_byte", name=op.f("batch_part_pkey")),
        comment="The file as it comes in, until its rows are read",
    )
    op.create_table(
        "batch_chunk",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("chunk_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_row", sa.Integer(), nullable=False),
        sa.Column("last_row", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("tally", postgresql.JSONB()),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batch_job.batch_id"], name=op.f("batch_chunk_batch_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("batch_id", "chunk_no", name=op.f("batch_chunk_pkey")),
        comment="Pieces of a batch; a worker holds the lock of the piece that it works on",
    )
    op.create_index(
        "batch_chunk_open_idx",
        "batch_chunk",
        ["chunk_no", "batch_id"],
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "batch_row",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("row_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ref", sa.Text()),
        sa.Column("number", sa.String(12)),
        sa.Column("name", sa.Text()),
        sa.Column("birth_date", sa.String(10)),
        sa.Column("others", sa.Text()),
        sa.Column("plain", sa.Boolean(), nullable=False),
        sa.Column("budget_key", sa.LargeBinary()),
        sa.Column("error", sa.Text()),
        sa.Column("error_column", sa.Text()),
        sa.PrimaryKeyConstraint("batch_id", "row_no", name=op.f("batch_row_pkey")),
        comment="What was asked, line by line; erased after the retention time",
    )
    op.create_table(
        "batch_result",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("row_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("status", sa.Text()),
        sa.Column("answer", sa.Text()),
        sa.PrimaryKeyConstraint("batch_id", "row_no", name=op.f("batch_result_pkey")),
        comment="What is answered; no answer beside the identity means that name and birth date match as written",
    )


def downgrade() -> None:
    for table in ("batch_result", "batch_row", "batch_chunk", "batch_part", "batch_job"):
        op.drop_table(table)
