"""What officers did to an e-ID at the desk; nothing of it is changed or taken back."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

UNCHANGED = """
CREATE FUNCTION eid_act_unchanged() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.outcome IS NOT NULL
       OR (to_jsonb(OLD) - 'outcome' - 'ended_at') IS DISTINCT FROM (to_jsonb(NEW) - 'outcome' - 'ended_at') THEN
        RAISE EXCEPTION 'what was done stays as it is' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "eid_act",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("officer_id", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("case_code", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("compared", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("eid_act_pkey")),
        comment="What officers did to an e-ID, on which comparisons; a trigger lets nothing but the outcome be added",
    )
    op.create_index("eid_act_subject_id_at_idx", "eid_act", ["subject_id", "at"])
    op.execute(UNCHANGED)
    op.execute(
        "CREATE TRIGGER eid_act_unchanged BEFORE UPDATE OR DELETE ON eid_act "
        "FOR EACH ROW EXECUTE FUNCTION eid_act_unchanged()"
    )


def downgrade() -> None:
    op.drop_table("eid_act")
    op.execute("DROP FUNCTION eid_act_unchanged()")
