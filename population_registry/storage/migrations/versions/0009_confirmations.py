"""Confirmations of residence (CT07), and the files that were made of them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "confirmation",
        sa.Column("confirmation_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("ending_hash", sa.LargeBinary(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("procedure_code", sa.Text(), nullable=False),
        sa.Column("dossier_code", sa.Text()),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digests", postgresql.JSONB(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("confirmation_id", name=op.f("confirmation_pkey")),
        sa.UniqueConstraint("code_hash", name=op.f("confirmation_code_hash_key")),
        comment=(
            "Papers given out: found by a keyed hash of the printed code, compared by keyed hashes of what they list"
        ),
    )
    op.create_index("confirmation_subject_id_idx", "confirmation", ["subject_id"])
    op.create_table(
        "confirmation_file",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("confirmation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["confirmation_id"],
            ["confirmation.confirmation_id"],
            name=op.f("confirmation_file_confirmation_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("confirmation_file_pkey")),
        comment="SHA-256 of every signed PDF handed out, so that a file is recognised without reading it",
    )
    op.create_index("confirmation_file_confirmation_id_idx", "confirmation_file", ["confirmation_id"])


def downgrade() -> None:
    op.drop_table("confirmation_file")
    op.drop_table("confirmation")
