"""Officers whom a health facility registered for looking up cards."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "facility_officer",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("officer_hash", sa.LargeBinary(), nullable=False),
        sa.Column("name_hash", sa.LargeBinary(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "officer_hash", name=op.f("facility_officer_pkey")),
        comment="Officers of a facility: keyed hashes of number and name, so that the list names nobody",
    )


def downgrade() -> None:
    op.drop_table("facility_officer")
