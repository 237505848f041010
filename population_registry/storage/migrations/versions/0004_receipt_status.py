"""Receipts have a place in a status list, and can be withdrawn."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

PROTECT_ROWS = """
CREATE TRIGGER receipt_withdrawal_append_only BEFORE UPDATE OR DELETE ON receipt_withdrawal
FOR EACH ROW EXECUTE FUNCTION refuse_changes()
"""
PROTECT_TABLE = """
CREATE TRIGGER receipt_withdrawal_no_truncate BEFORE TRUNCATE ON receipt_withdrawal
FOR EACH STATEMENT EXECUTE FUNCTION refuse_changes()
"""


def upgrade() -> None:
    op.execute("CREATE SEQUENCE receipt_status_block MINVALUE 0 START 0")
    op.add_column("receipt", sa.Column("status_position", sa.BigInteger(), nullable=True))
    op.create_table(
        "receipt_withdrawal",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("receipt_withdrawal_pkey")),
        comment="Receipts that no longer hold; a trigger refuses every change",
    )
    op.execute(PROTECT_ROWS)
    op.execute(PROTECT_TABLE)
    op.execute("ALTER TABLE receipt_withdrawal ENABLE ALWAYS TRIGGER receipt_withdrawal_append_only")
    op.execute("ALTER TABLE receipt_withdrawal ENABLE ALWAYS TRIGGER receipt_withdrawal_no_truncate")


def downgrade() -> None:
    op.drop_table("receipt_withdrawal")
    op.drop_column("receipt", "status_position")
    op.execute("DROP SEQUENCE receipt_status_block")
