"""Answers remembered for callers that repeat a request with the same Idempotency-Key."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "idempotent_answer",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("idempotent_answer_pkey")),
        comment="Answers to repeat: keyed hashes of key and request, the answer sealed; kept for a day",
    )
    op.create_index(op.f("idempotent_answer_at_idx"), "idempotent_answer", ["at"], unique=False)


def downgrade() -> None:
    op.drop_table("idempotent_answer")
