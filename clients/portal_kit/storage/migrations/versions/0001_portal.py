"""The tables of a portal: sessions, drafts, dossiers with their history, news to send and news received."""

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
        "dossier",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("procedure_code", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("submission_key", sa.Text(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("fee", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("sealed_details", sa.LargeBinary(), nullable=False),
        sa.Column("checks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("receipts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_dossier")),
        sa.UniqueConstraint("subject", "submission_key", name=op.f("uq_dossier_subject")),
    )
    op.create_index("ix_dossier_subject_submitted", "dossier", ["subject", "submitted_at"], unique=False)
    op.create_table(
        "dossier_counter",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_dossier_counter")),
    )
    op.create_table(
        "draft",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("procedure_code", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_draft")),
    )
    op.create_index(op.f("ix_draft_created_at"), "draft", ["created_at"], unique=False)
    op.create_index(op.f("ix_draft_subject"), "draft", ["subject"], unique=False)
    op.create_table(
        "outgoing_news",
        sa.Column("news_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("dossier_code", sa.Text(), nullable=False),
        sa.Column("sealed_message", sa.LargeBinary(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("news_id", name=op.f("pk_outgoing_news")),
    )
    op.create_index(op.f("ix_outgoing_news_next_at"), "outgoing_news", ["next_at"], unique=False)
    op.create_table(
        "portal_session",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("sid", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_portal_session")),
    )
    op.create_index(op.f("ix_portal_session_sid"), "portal_session", ["sid"], unique=False)
    op.create_index(op.f("ix_portal_session_subject"), "portal_session", ["subject"], unique=False)
    op.create_table(
        "received_dossier",
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("person_key", sa.LargeBinary(), nullable=False),
        sa.Column("procedure_code", sa.Text(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("link", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("portal", "code", name=op.f("pk_received_dossier")),
    )
    op.create_index(op.f("ix_received_dossier_person_key"), "received_dossier", ["person_key"], unique=False)
    op.create_table(
        "spent_logout_token",
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("jti", name=op.f("pk_spent_logout_token")),
    )
    op.create_table(
        "dossier_event",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["code"], ["dossier.code"], name=op.f("fk_dossier_event_code_dossier")),
        sa.PrimaryKeyConstraint("code", "sequence", name=op.f("pk_dossier_event")),
    )


def downgrade() -> None:
    op.drop_table("dossier_event")
    op.drop_table("spent_logout_token")
    op.drop_index(op.f("ix_received_dossier_person_key"), table_name="received_dossier")
    op.drop_table("received_dossier")
    op.drop_index(op.f("ix_portal_session_subject"), table_name="portal_session")
    op.drop_index(op.f("ix_portal_session_sid"), table_name="portal_session")
    op.drop_table("portal_session")
    op.drop_index(op.f("ix_outgoing_news_next_at"), table_name="outgoing_news")
    op.drop_table("outgoing_news")
    op.drop_index(op.f("ix_draft_subject"), table_name="draft")
    op.drop_index(op.f("ix_draft_created_at"), table_name="draft")
    op.drop_table("draft")
    op.drop_table("dossier_counter")
    op.drop_index("ix_dossier_subject_submitted", table_name="dossier")
    op.drop_table("dossier")
