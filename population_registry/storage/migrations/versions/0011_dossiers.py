"""Dossiers: applications, their history, consents, outbox; the ledger of what decisions changed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

APPEND_ONLY = ("dossier_event", "registry_change")
TABLES = (
    "person_hold",
    "registry_change",
    "dossier_number",
    "dossier_outbox",
    "dossier_consent",
    "dossier_event",
    "dossier",
)


def upgrade() -> None:

    op.create_table(
        "dossier",
        sa.Column("dossier_code", sa.String(length=40), nullable=False),
        sa.Column("procedure_code", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("commune_code", sa.String(length=5), nullable=True),
        sa.Column("applicant_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("assisted_by", sa.Text(), nullable=True),
        sa.Column("filing", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("inputs", postgresql.JSONB(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("half_days", sa.SmallInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("fee", postgresql.JSONB(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("decision", postgresql.JSONB(), nullable=True),
        sa.Column("result", postgresql.JSONB(), nullable=False),
        sa.Column("linked_to", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("dossier_code", name=op.f("dossier_pkey")),
        comment="Applications; state and version are compared in every update, so two acts never both win",
    )
    op.create_index(
        "dossier_applicant_id_filed_at_idx", "dossier", ["applicant_id", "filed_at"], unique=False
    )
    op.create_index(
        "dossier_commune_code_state_due_on_idx", "dossier", ["commune_code", "state", "due_on"], unique=False
    )
    op.create_index(
        "dossier_linked_to_idx",
        "dossier",
        ["linked_to"],
        unique=False,
        postgresql_where=sa.text("linked_to IS NOT NULL"),
    )
    op.create_table(
        "dossier_event",
        sa.Column("dossier_code", sa.String(length=40), nullable=False),
        sa.Column("event_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=True),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("dossier_code", "event_no", name=op.f("dossier_event_pkey")),
        comment="History of dossiers: when it happened, when it was entered; a trigger refuses every change",
    )
    op.create_table(
        "dossier_consent",
        sa.Column("dossier_code", sa.String(length=40), nullable=False),
        sa.Column("consent_no", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("any_of", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("dossier_code", "consent_no", name=op.f("dossier_consent_pkey")),
        comment="Who must agree to what a dossier asks for",
    )
    op.create_index(
        "dossier_consent_person_id_asked_at_idx", "dossier_consent", ["person_id", "asked_at"], unique=False
    )
    op.create_table(
        "dossier_outbox",
        sa.Column("dossier_code", sa.String(length=40), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("recipients", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("dossier_code", "event_id", name=op.f("dossier_outbox_pkey")),
        comment="What others are told, written with the act itself; whoever delivers sets delivered_at",
    )
    op.create_index(
        "dossier_outbox_created_at_idx",
        "dossier_outbox",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("delivered_at IS NULL"),
    )
    op.create_table(
        "dossier_number",
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("agency", "day", name=op.f("dossier_number_pkey")),
        comment="The last running number of an agency's day (Circular 04/2025 Art. 23)",
    )
    op.create_table(
        "registry_change",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("dossier_code", sa.String(length=40), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("after", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("person_id", "change_id", name=op.f("registry_change_pkey")),
        comment="What decisions changed, with the row before and after; a trigger refuses every change",
    )
    op.create_table(
        "person_hold",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("person_hold_pkey")),
        comment="Persons whose e-identity is locked: nothing filed with it is decided meanwhile",
    )

    op.execute("CREATE SEQUENCE new_home MINVALUE 9000000000 START 9000000000 MAXVALUE 9999999999")
    for table in APPEND_ONLY:
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
    op.execute("DROP SEQUENCE new_home")
