"""Events out: subscriptions, and each event on its way to each subscriber."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "event_subscription",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("kinds", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("quiet_until", sa.DateTime(timezone=True)),
        sa.Column("paused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("client_id", name=op.f("event_subscription_pkey")),
        comment="Where a client's events are pushed to, and which kinds (patterns of LIKE)",
    )
    op.create_table(
        "event_delivery",
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("delivery_no", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB()),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("tries", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("last_error", sa.Text()),
        sa.PrimaryKeyConstraint("recipient", "event_id", name=op.f("event_delivery_pkey")),
        comment="One event for one subscriber: waiting, delivered (then without its body) or dead",
    )
    op.create_index(
        "event_delivery_order_idx",
        "event_delivery",
        ["recipient", "stream", "delivery_no"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "event_delivery_due_idx", "event_delivery", ["next_at"], postgresql_where=sa.text("state = 'waiting'")
    )
    op.create_index(
        "event_delivery_ended_idx",
        "event_delivery",
        ["ended_at"],
        postgresql_where=sa.text("ended_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("event_delivery")
    op.drop_table("event_subscription")
