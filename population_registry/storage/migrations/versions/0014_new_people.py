"""Children that are registered get identifiers of their own, apart from those of the synthetic population."""

from collections.abc import Sequence

from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.execute("CREATE SEQUENCE new_person MINVALUE 900000000000 START 900000000000")


def downgrade() -> None:
    op.execute("DROP SEQUENCE new_person")
