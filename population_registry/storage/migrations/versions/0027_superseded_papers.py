"""A paper of an act that a later act of its dossier overtook has a place in the status list that says so."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0027"
down_revision: str | None = "0026"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

PROTECT_ROWS = """
CREATE TRIGGER paper_superseded_append_only BEFORE UPDATE OR DELETE ON paper_superseded
FOR EACH ROW EXECUTE FUNCTION refuse_changes()
"""
PROTECT_TABLE = """
CREATE TRIGGER paper_superseded_no_truncate BEFORE TRUNCATE ON paper_superseded
FOR EACH STATEMENT EXECUTE FUNCTION refuse_changes()
"""
BEFORE_NOW = """
INSERT INTO paper_superseded (position, confirmation_id, event_no, at)
SELECT r.status_position, c.confirmation_id, e.event_no, e.entered_at
  FROM confirmation c
  JOIN receipt r ON r.receipt_id = c.confirmation_id AND r.issued_at = c.issued_at
  CROSS JOIN LATERAL (
    SELECT event_no, entered_at FROM dossier_event
     WHERE dossier_code = c.dossier_code AND event_no > c.event_number
       AND form IN ('CT05', 'CT06', 'CT07', 'CT08', 'stop', '04')
     ORDER BY event_no LIMIT 1) e
 WHERE c.form IN ('CT04', 'CT05', '04') AND r.status_position IS NOT NULL
"""


def upgrade() -> None:
    op.create_table(
        "paper_superseded",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("confirmation_id", sa.Uuid(), nullable=False),
        sa.Column("event_no", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("paper_superseded_pkey")),
        comment="Papers of acts that a later act of their dossier overtook; a trigger refuses every change",
    )
    op.execute(BEFORE_NOW)
    op.execute(PROTECT_ROWS)
    op.execute(PROTECT_TABLE)
    op.execute("ALTER TABLE paper_superseded ENABLE ALWAYS TRIGGER paper_superseded_append_only")
    op.execute("ALTER TABLE paper_superseded ENABLE ALWAYS TRIGGER paper_superseded_no_truncate")


def downgrade() -> None:
    op.drop_table("paper_superseded")
