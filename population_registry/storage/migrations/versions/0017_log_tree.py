"""The Merkle tree over the access log, with signed heads."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

TABLES = ("access_segment", "access_node", "access_head")


def upgrade() -> None:
    op.create_table(
        "access_segment",
        sa.Column("first", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entries", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("leaves", sa.LargeBinary(), nullable=False),
        sa.Column("first_xact", sa.BigInteger(), nullable=False),
        sa.Column("last_xact", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("first", name=op.f("access_segment_pkey")),
        comment="Append-only; up to 256 rows of the access log in the order of the tree, with their leaf hashes",
    )
    op.create_index("access_segment_last_xact_idx", "access_segment", ["last_xact"])
    op.create_table(
        "access_node",
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "number", name=op.f("access_node_pkey")),
        comment="Append-only; roots of complete subtrees of 256, 65536 … leaves",
    )
    op.create_table(
        "access_head",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("signed", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_xact", sa.BigInteger(), nullable=False),
        sa.Column("last_entry", sa.Uuid(), nullable=False),
        sa.Column("cluster", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("access_head_pkey")),
        comment="Append-only; signed heads of the tree, and the row up to which each reaches",
    )
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_changes()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_changes()"
        )
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only")
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate")


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
