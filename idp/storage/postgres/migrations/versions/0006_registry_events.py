"""Events of the registry that were taken."""

from alembic import op

revision = "0006"
down_revision = "0005"

STATEMENTS = (
    """
    CREATE TABLE registry_event (
        jti TEXT NOT NULL,
        kind TEXT NOT NULL,
        account_id TEXT,
        family TEXT NOT NULL,
        at BIGINT NOT NULL,
        outcome TEXT NOT NULL,
        CONSTRAINT registry_event_pk PRIMARY KEY (jti, kind)
    )
    """,
    "CREATE INDEX registry_event_order_ix ON registry_event (account_id, family, at)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
