"""Paper consents belong to the office whose staff recorded them; nobody of another office reads them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("paper_consent", sa.Column("office", sa.Text(), nullable=False, server_default=""))
    op.drop_index("ix_paper_consent_recorded_at", "paper_consent")
    op.create_index("ix_paper_consent_office", "paper_consent", ["office", "recorded_at", "paper_id"])


def downgrade() -> None:
    op.drop_index("ix_paper_consent_office", "paper_consent")
    op.create_index("ix_paper_consent_recorded_at", "paper_consent", ["recorded_at", "paper_id"])
    op.drop_column("paper_consent", "office")
