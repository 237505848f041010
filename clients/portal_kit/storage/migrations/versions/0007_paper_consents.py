"""The one-stop counter lists the paper consents that its staff recorded."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "paper_consent",
        sa.Column("paper_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("procedure_code", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by", sa.Text(), nullable=True),
        sa.Column("sealed_reviewer", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("paper_id", name=op.f("pk_paper_consent")),
    )
    op.create_index("ix_paper_consent_recorded_at", "paper_consent", ["recorded_at", "paper_id"])


def downgrade() -> None:
    op.drop_table("paper_consent")
