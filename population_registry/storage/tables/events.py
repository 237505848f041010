"""Events out: who subscribed, and each event on its way to each subscriber."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from population_registry.storage.tables.schema import metadata

event_subscription = Table(
    "event_subscription",
    metadata,
    Column("client_id", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("kinds", ARRAY(Text), nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("quiet_until", DateTime(timezone=True)),
    Column("paused", Boolean, nullable=False, server_default=text("false")),
    comment="Where a client's events are pushed to, and which kinds (patterns of LIKE)",
)

event_delivery = Table(
    "event_delivery",
    metadata,
    Column("recipient", Text, primary_key=True),
    Column("event_id", Uuid, primary_key=True),
    Column("delivery_no", BigInteger, Identity(), nullable=False),
    Column("stream", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", JSONB),
    Column("happened_at", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False, server_default=text("'waiting'")),
    Column("tries", SmallInteger, nullable=False, server_default=text("0")),
    Column("next_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("last_error", Text),
    Index(
        "event_delivery_order_idx",
        "recipient",
        "stream",
        "delivery_no",
        postgresql_where=text("state = 'waiting'"),
    ),
    Index("event_delivery_due_idx", "next_at", postgresql_where=text("state = 'waiting'")),
    Index("event_delivery_ended_idx", "ended_at", postgresql_where=text("ended_at IS NOT NULL")),
    comment="One event for one subscriber: waiting, delivered (then without its body) or dead",
)
