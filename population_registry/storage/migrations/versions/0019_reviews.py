"""Look-ups of an officer are found by their officer."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_index(
        "access_log_officer_at_idx",
        "access_log",
        ["officer", "at"],
        postgresql_where=sa.text("officer IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("access_log_officer_at_idx", table_name="access_log")
