"""Registrations that the law ends by itself, noted with what was reported."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0024"
down_revision: str | None = "0023"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "residence_clearing",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("dossier_code", sa.String(length=40), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("residence_clearing_pkey")),
        comment="Whose registrations are to be deleted ex officio, and the dossier that reported it",
    )
    op.create_index("residence_clearing_reported_at_idx", "residence_clearing", ["reported_at"])


def downgrade() -> None:
    op.drop_table("residence_clearing")
