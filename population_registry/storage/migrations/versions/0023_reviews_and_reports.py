"""What reviewers say of single looks, and what citizens report."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

STATEMENTS = (
    """
CREATE FUNCTION look_review_unchanged() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what a reviewer said stays as it is' USING ERRCODE = 'integrity_constraint_violation';
END $$
""",
    """
CREATE TRIGGER look_review_unchanged BEFORE UPDATE OR DELETE ON look_review
    FOR EACH ROW EXECUTE FUNCTION look_review_unchanged()
""",
    """
CREATE FUNCTION misuse_report_unchanged() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.answered_at IS NOT NULL
       OR (to_jsonb(OLD) - 'state' - 'taken_by' - 'answered_by' - 'answered_at' - 'answer')
          IS DISTINCT FROM (to_jsonb(NEW) - 'state' - 'taken_by' - 'answered_by' - 'answered_at' - 'answer') THEN
        RAISE EXCEPTION 'a report and its answer stay as they are' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$
""",
    """
CREATE TRIGGER misuse_report_unchanged BEFORE UPDATE OR DELETE ON misuse_report
    FOR EACH ROW EXECUTE FUNCTION misuse_report_unchanged()
""",
)


def upgrade() -> None:
    op.create_table(
        "look_review",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("reviewed_by", sa.Text(), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.CheckConstraint("reviewed_by <> officer", name=op.f("look_review_other_reviewer_check")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("look_review_pkey")),
        comment="What reviewers said of single looks; the first word counts, a trigger refuses every change",
    )
    op.create_table(
        "misuse_report",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.Uuid()),
        sa.Column("officer", sa.Text()),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("entry", postgresql.JSONB(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("taken_by", sa.Text()),
        sa.Column("answered_by", sa.Text()),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("answer", sa.Text()),
        sa.CheckConstraint(
            "answered_by IS NULL OR answered_by IS DISTINCT FROM officer",
            name=op.f("misuse_report_other_answerer_check"),
        ),
        sa.PrimaryKeyConstraint("report_id", name=op.f("misuse_report_pkey")),
        comment="Looks that citizens say should not have been; a trigger keeps what was said and what was answered",
    )
    op.create_index("misuse_report_subject_id_idx", "misuse_report", ["subject_id"])
    op.create_index(
        "misuse_report_open_idx",
        "misuse_report",
        ["received_at"],
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("misuse_report")
    op.drop_table("look_review")
    op.execute("DROP FUNCTION misuse_report_unchanged()")
    op.execute("DROP FUNCTION look_review_unchanged()")
