"""The papers of a dossier's acts (CT04, CT05, CT06, CT08 …) are issued and checked like a CT07: one of each act."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0026"
down_revision: str | None = "0025"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("confirmation", sa.Column("form", sa.Text(), nullable=False, server_default="CT07"))
    op.add_column("confirmation", sa.Column("event_number", sa.Integer(), nullable=True))
    op.alter_column("confirmation", "valid_until", nullable=True)
    op.create_unique_constraint("one_paper_of_an_act", "confirmation", ["dossier_code", "event_number"])


def downgrade() -> None:
    op.drop_constraint("one_paper_of_an_act", "confirmation")
    op.execute(
        "DELETE FROM confirmation_file f USING confirmation c "
        "WHERE c.confirmation_id = f.confirmation_id AND c.event_number IS NOT NULL"
    )
    op.execute("DELETE FROM confirmation WHERE event_number IS NOT NULL")
    op.alter_column("confirmation", "valid_until", nullable=False)
    op.drop_column("confirmation", "event_number")
    op.drop_column("confirmation", "form")
