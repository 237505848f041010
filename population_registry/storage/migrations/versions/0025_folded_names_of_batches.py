"""Rows of batches bear the folded name, which the engine hashes where it counts asks; as written means no answer."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0025"
down_revision: str | None = "0024"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

BEFORE = "What is answered; no answer beside the identity means that name and birth date match as written"
AFTER = "What is answered; a row that is established as written has none of its own"


def upgrade() -> None:
    op.add_column("batch_row", sa.Column("name_key", sa.Text(), nullable=True))
    op.drop_column("batch_row", "budget_key")
    op.create_table_comment("batch_result", AFTER, existing_comment=BEFORE)


def downgrade() -> None:
    op.add_column("batch_row", sa.Column("budget_key", sa.LargeBinary(), nullable=True))
    op.drop_column("batch_row", "name_key")
    op.create_table_comment("batch_result", BEFORE, existing_comment=AFTER)
