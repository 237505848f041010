"""What passes is found by its key; by its time it is only swept away, for which a summary of pages is enough.

A B-tree on the time costs a write for each row, and on a table that was empty when a session planned its statements
the planner took it for the key's own: every question then read all guesses of the day.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

PASSING = {"guessing_budget": "window_start", "idempotent_answer": "at", "dpop_proof": "ends"}


def upgrade() -> None:
    for table, column in PASSING.items():
        op.drop_index(f"{table}_{column}_idx", table)
        op.create_index(f"{table}_{column}_idx", table, [column], postgresql_using="brin")


def downgrade() -> None:
    for table, column in PASSING.items():
        op.drop_index(f"{table}_{column}_idx", table)
        op.create_index(f"{table}_{column}_idx", table, [column])
