"""Cards of the year are renewed by the insurer's lists; which list was taken in how far (decision 0026)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0029"
down_revision: str | None = "0028"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "insurance_list",
        sa.Column("ended", sa.Date(), nullable=False),
        sa.Column("reached", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("renewed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("ended", name=op.f("insurance_list_pkey")),
        comment="The insurer's lists of who goes on being insured, by the last day of the cards that they renew",
    )


def downgrade() -> None:
    op.drop_table("insurance_list")
