"""Since when a card is in its state, and what households paid: the order of paying in a year, refunds."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("health_insurance", sa.Column("state_since", sa.Date(), nullable=True))
    op.create_table(
        "insurance_payment",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("insurance_no", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("household_id", sa.BigInteger(), nullable=False),
        sa.Column("financial_year", sa.SmallInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("months", sa.SmallInteger(), nullable=False),
        sa.Column("monthly", sa.Integer(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("dossier_code", sa.Text(), nullable=False),
        sa.Column("refunded", sa.Integer(), server_default="0", nullable=False),
        sa.Column("refunded_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "refunded BETWEEN 0 AND months * monthly", name=op.f("insurance_payment_refunded_check")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.person_id"],
            name=op.f("insurance_payment_person_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id", "insurance_no"],
            ["health_insurance.person_id", "health_insurance.insurance_no"],
            name="insurance_payment_card_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", "insurance_no", name=op.f("insurance_payment_pkey")),
        comment="Premiums of household insurance in đồng: the order of paying in a year, and what went back",
    )
    op.create_index(
        "insurance_payment_order_idx",
        "insurance_payment",
        ["household_id", "financial_year", "position"],
        unique=True,
    )


def downgrade() -> None:
    op.drop_table("insurance_payment")
    op.drop_column("health_insurance", "state_since")
