"""Dossiers are found by when they were filed, for statistics."""

from collections.abc import Sequence

from alembic import op

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_index("dossier_filed_at_idx", "dossier", ["filed_at", "dossier_code"])


def downgrade() -> None:
    op.drop_index("dossier_filed_at_idx", table_name="dossier")
