"""Orders of payment, and what their bodies were told."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "payment_order",
        sa.Column("payee_url", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("page_digest", sa.LargeBinary(), nullable=False),
        sa.Column("dossier_code", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("payee", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("subject", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("back_to", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("bank", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refunds", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "amount > 0 AND refunded BETWEEN 0 AND amount", name=op.f("ck_payment_order_refunded")
        ),
        sa.CheckConstraint(
            "(state IN ('paid', 'refunded')) = (reference IS NOT NULL)",
            name=op.f("ck_payment_order_reference"),
        ),
        sa.PrimaryKeyConstraint("payee_url", "key", name=op.f("pk_payment_order")),
        sa.UniqueConstraint("page_digest", name=op.f("uq_payment_order_page_digest")),
        sa.UniqueConstraint("reference", name=op.f("uq_payment_order_reference")),
    )
    op.create_index(
        "ix_payment_order_live",
        "payment_order",
        ["payee_url", "dossier_code"],
        unique=True,
        postgresql_where=sa.text("state IN ('open', 'paid')"),
    )
    op.create_index(
        "ix_payment_order_untold", "payment_order", ["next_at"], postgresql_where=sa.text("told < sequence")
    )


def downgrade() -> None:
    op.drop_table("payment_order")
