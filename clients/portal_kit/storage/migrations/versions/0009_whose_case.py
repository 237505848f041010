"""Whose hands a case of the counter is in: one line for each colleague who held it, the last one does now."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "case_hand",
        sa.Column("hand_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("hand_id", name=op.f("pk_case_hand")),
    )
    op.create_index("ix_case_hand_code", "case_hand", ["code"])
    op.create_index("ix_case_hand_office", "case_hand", ["office", "since"])
    op.create_index(
        "ix_case_hand_holds", "case_hand", ["code"], unique=True, postgresql_where=sa.text("holds")
    )


def downgrade() -> None:
    op.drop_table("case_hand")
