"""Tables of the national portal: dossiers as synchronised, notices, wishes for mail, ratings.

A person is found by a keyed hash of the personal number and by nothing else; words that may name somebody are sealed.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from clients.portal_kit.storage.tables import metadata

synced_dossier = Table(
    "synced_dossier",
    metadata,
    Column("code", Text, primary_key=True),
    Column("person_key", LargeBinary),
    Column("number", Integer, nullable=False),
    Column("lines", Integer, nullable=False, server_default="0"),
    Column("procedure_code", Text, nullable=False),
    Column("name_vi", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("filed_at", DateTime(timezone=True), nullable=False),
    Column("received_at", DateTime(timezone=True)),
    Column("due_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("returned_at", DateTime(timezone=True)),
    Column("channel", SmallInteger, nullable=False),
    Column("filing", Text, nullable=False),
    Column("assisted", Boolean, nullable=False),
    Column("unit", Text, nullable=False),
    Column("province", Text),
    Column("approved", Boolean),
    Column("punctuality", Text, nullable=False),
    Column("linked_to", Text),
    Column("reused", Boolean, nullable=False),
    Column("waits_for", ARRAY(Text), nullable=False, server_default="{}"),
    Column("sealed", LargeBinary),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("heard_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("ix_synced_dossier_person", "person_key", "changed_at"),
    Index("ix_synced_dossier_gap", "code", postgresql_where=text("lines < number")),
    Index("ix_synced_dossier_received", "received_at"),
)

synced_line = Table(
    "synced_line",
    metadata,
    Column("code", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("act", Text, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("entered_at", DateTime(timezone=True), nullable=False),
    Column("by", Text, nullable=False),
)

sync_mark = Table(
    "sync_mark",
    metadata,
    Column("name", Text, primary_key=True),
    Column("reached", DateTime(timezone=True), nullable=False),
)

notice = Table(
    "notice",
    metadata,
    Column("notice_id", BigInteger, Identity(), primary_key=True),
    Column("person_key", LargeBinary, nullable=False),
    Column("code", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("read_at", DateTime(timezone=True)),
    UniqueConstraint("code", "number"),
    Index("ix_notice_person", "person_key", "at"),
)

mail_wish = Table(
    "mail_wish",
    metadata,
    Column("person_key", LargeBinary, primary_key=True),
    Column("sealed_address", LargeBinary, nullable=False),
    Column("language", Text, nullable=False),
    Column("code_digest", LargeBinary),
    Column("code_until", DateTime(timezone=True)),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("agreed_at", DateTime(timezone=True)),
)

mail_due = Table(
    "mail_due",
    metadata,
    Column("mail_id", BigInteger, Identity(), primary_key=True),
    Column("person_key", LargeBinary, nullable=False),
    Column("code", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("sealed_code", LargeBinary),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", DateTime(timezone=True), nullable=False, server_default=func.now(), index=True),
    UniqueConstraint("code", "number"),
)

rating = Table(
    "rating",
    metadata,
    Column("code", Text, primary_key=True),
    Column("stars", SmallInteger, nullable=False),
    Column("procedure_code", Text, nullable=False),
    Column("province", Text),
    Column("month", Date, nullable=False),
)
