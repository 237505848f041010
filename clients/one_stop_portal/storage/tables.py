"""Tables of the counter: the paper consents that its staff recorded, and who held a case; names are sealed."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Identity, Index, LargeBinary, Table, Text, text

from clients.portal_kit.storage.tables import metadata

paper_consent = Table(
    "paper_consent",
    metadata,
    Column("paper_id", BigInteger, Identity(always=True), primary_key=True),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("code", Text, nullable=False),
    Column("procedure_code", Text, nullable=False),
    Column("recorded_by", Text, nullable=False),
    # Whose paper it is: nobody of another office reads it. Lines from before offices were known belong to none.
    Column("office", Text, nullable=False, server_default=""),
    Column("sealed", LargeBinary, nullable=False),
    # What a colleague found who compared the paper with this line; written once.
    Column("finding", Text),
    Column("reviewed_at", DateTime(timezone=True)),
    Column("reviewed_by", Text),
    Column("sealed_reviewer", LargeBinary),
    Index("ix_paper_consent_office", "office", "recorded_at", "paper_id"),
)

case_hand = Table(
    "case_hand",
    metadata,
    Column("hand_id", BigInteger, Identity(always=True), primary_key=True),
    Column("code", Text, nullable=False, index=True),
    Column("office", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("sealed_name", LargeBinary, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    # The one line of a case whose holder works on it now; lines are never removed.
    Column("holds", Boolean, nullable=False),
    Index("ix_case_hand_office", "office", "since"),
    Index("ix_case_hand_holds", "code", unique=True, postgresql_where=text("holds")),
)
