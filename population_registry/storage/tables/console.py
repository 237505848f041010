"""The console: officers, their sign-ins, requests for other eyes, records opened in an emergency."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from population_registry.storage.tables.schema import metadata

officer = Table(
    "officer",
    metadata,
    Column("officer_id", Text, primary_key=True),
    Column("person_id", BigInteger, ForeignKey("person.person_id", ondelete="CASCADE"), nullable=False),
    Column("agency", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("territory", Text),
    Column("appointed_at", DateTime(timezone=True), nullable=False),
    Column("dismissed_at", DateTime(timezone=True)),
    Index("officer_person_id_idx", "person_id", unique=True, postgresql_where=text("dismissed_at IS NULL")),
    comment="Who may work at the console; a person holds one office at a time",
)

console_session = Table(
    "console_session",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column(
        "officer_id", Text, ForeignKey("officer.officer_id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("subject", Text, nullable=False),
    Column("sid", Text),
    Column("sealed", LargeBinary, nullable=False),
    Column("purpose", Text),
    Column("case_code", Text),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    comment="Sign-ins of officers; the browser holds 32 random bytes, the database their hash",
)

four_eyes_request = Table(
    "four_eyes_request",
    metadata,
    Column("request_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject_id", BigInteger, nullable=False, index=True),
    Column("officer_id", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("case_code", Text, nullable=False),
    Column("content", JSONB, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", DateTime(timezone=True)),
    Column("remark", Text),
    Column("used_at", DateTime(timezone=True)),
    CheckConstraint("decided_by IS NULL OR decided_by <> officer_id", name="other_eyes"),
    Index("four_eyes_request_waiting_idx", "created_at", postgresql_where=text("state = 'waiting'")),
    comment="What needs a second officer; a trigger refuses every change of what was asked",
)

break_glass = Table(
    "break_glass",
    metadata,
    Column("entry_id", Uuid, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("officer_id", Text, nullable=False),
    Column("subject_id", BigInteger, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("case_code", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("reviewed_by", Text),
    Column("reviewed_at", DateTime(timezone=True)),
    Column("justified", Text),
    CheckConstraint("reviewed_by IS NULL OR reviewed_by <> officer_id", name="other_reviewer"),
    Index("break_glass_open_idx", "at", postgresql_where=text("reviewed_at IS NULL")),
    comment="Records opened beyond the territory; each is reviewed by somebody else",
)

eid_act = Table(
    "eid_act",
    metadata,
    Column("entry_id", Uuid, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("officer_id", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("subject_id", BigInteger, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("case_code", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("compared", ARRAY(Text), nullable=False),
    Column("outcome", Text),
    Column("ended_at", DateTime(timezone=True)),
    Index("eid_act_subject_id_at_idx", "subject_id", "at"),
    comment="What officers did to an e-ID, on which comparisons; a trigger lets nothing but the outcome be added",
)

look_review = Table(
    "look_review",
    metadata,
    Column("entry_id", Uuid, primary_key=True),
    Column("officer", Text, nullable=False),
    Column("reviewed_by", Text, nullable=False),
    Column("reviewed_at", DateTime(timezone=True), nullable=False),
    Column("verdict", Text, nullable=False),
    Column("remark", Text, nullable=False),
    CheckConstraint("reviewed_by <> officer", name="other_reviewer"),
    comment="What reviewers said of single looks; the first word counts, a trigger refuses every change",
)

misuse_report = Table(
    "misuse_report",
    metadata,
    Column("report_id", Uuid, primary_key=True),
    Column("source", Text, nullable=False),
    Column("subject_id", BigInteger, nullable=False, index=True),
    Column("entry_id", Uuid),
    Column("officer", Text),
    Column("said", Text, nullable=False),
    Column("entry", JSONB, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("taken_by", Text),
    Column("answered_by", Text),
    Column("answered_at", DateTime(timezone=True)),
    Column("answer", Text),
    CheckConstraint("answered_by IS NULL OR answered_by IS DISTINCT FROM officer", name="other_answerer"),
    Index("misuse_report_open_idx", "received_at", postgresql_where=text("answered_at IS NULL")),
    comment="Looks that citizens say should not have been; a trigger keeps what was said and what was answered",
)
