"""Dossiers that went on since a moment are found by it."""

from collections.abc import Sequence

from alembic import op

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_index("dossier_event_entered_at_idx", "dossier_event", ["entered_at"])


def downgrade() -> None:
    op.drop_index("dossier_event_entered_at_idx", table_name="dossier_event")
