"""Where an account stands: issued, in use, locked, closed, and since when."""

from alembic import op

revision = "0005"
down_revision = "0004"

STATEMENTS = (
    "ALTER TABLE account ADD COLUMN noticed_at BIGINT",
    "ALTER TABLE account ADD COLUMN activated_at BIGINT",
    "ALTER TABLE account ADD COLUMN close_reason TEXT",
    "ALTER TABLE account DROP CONSTRAINT account_status_ck",
    """
    ALTER TABLE account ADD CONSTRAINT account_status_ck
        CHECK (status IN ('issued', 'active', 'locked', 'closed'))
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
