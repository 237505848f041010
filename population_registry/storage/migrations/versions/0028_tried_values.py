"""What one caller tried about one person in a day lies in one row, not in two for each claim (decision 0024).

Guesses of the day of this migration are counted anew; those of batches and of fetching papers stay counters.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0028"
down_revision: str | None = "0027"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "tried_values",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("marks", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("tried_values_pkey")),
        comment="Values that one caller tried about one person in one day: keyed hashes, each mark once",
    )
    op.create_index("tried_values_at_idx", "tried_values", ["at"], postgresql_using="brin")


def downgrade() -> None:
    op.drop_table("tried_values")
