"""Portals tell the national portal nothing any more: the registry's synchronisation is the one way."""

from collections.abc import Sequence

from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """What was told before is in the synchronised dossiers as well."""
    op.execute("DROP TABLE IF EXISTS outgoing_news")
    op.execute("DROP TABLE IF EXISTS received_dossier")


def downgrade() -> None:
    """Tables of a way that nobody goes are not made again."""
