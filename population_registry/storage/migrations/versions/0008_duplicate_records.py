"""Rows of a reconciliation: the insurer's number, the unit that keeps the record, whether the file repeats it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("batch_row", sa.Column("social_insurance", sa.String(10), nullable=True))
    op.add_column("batch_row", sa.Column("unit", sa.Text(), nullable=True))
    op.add_column("batch_row", sa.Column("duplicate", sa.Text(), nullable=True))


def downgrade() -> None:
    for column in ("duplicate", "unit", "social_insurance"):
        op.drop_column("batch_row", column)
