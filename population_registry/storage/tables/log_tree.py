"""The Merkle tree over the access log: the order of its rows, their leaves, subtrees and signed heads."""

from sqlalchemy import BigInteger, Column, DateTime, Index, LargeBinary, SmallInteger, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from population_registry.storage.tables.schema import metadata

access_segment = Table(
    "access_segment",
    metadata,
    Column("first", BigInteger, primary_key=True, autoincrement=False),
    Column("entries", ARRAY(Uuid), nullable=False),
    Column("leaves", LargeBinary, nullable=False),
    Column("first_xact", BigInteger, nullable=False),
    Column("last_xact", BigInteger, nullable=False),
    Index("access_segment_last_xact_idx", "last_xact"),
    comment="Append-only; up to 256 rows of the access log in the order of the tree, with their leaf hashes",
)

access_node = Table(
    "access_node",
    metadata,
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    comment="Append-only; roots of complete subtrees of 256, 65536 … leaves",
)

access_head = Table(
    "access_head",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
    Column("signed", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("last_xact", BigInteger, nullable=False),
    Column("last_entry", Uuid, nullable=False),
    Column("cluster", BigInteger, nullable=False),
    comment="Append-only; signed heads of the tree, and the row up to which each reaches",
)
