"""DPoP proofs that were used: each serves once."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "dpop_proof",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("ends", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("dpop_proof_pkey")),
        comment="Proofs that were used (RFC 9449 section 11.1), kept until they would be too old anyway",
    )
    op.create_index(op.f("dpop_proof_ends_idx"), "dpop_proof", ["ends"], unique=False)


def downgrade() -> None:
    op.drop_table("dpop_proof")
