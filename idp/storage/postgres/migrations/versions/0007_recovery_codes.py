"""Recovery codes."""

from alembic import op

revision = "0007"
down_revision = "0006"

STATEMENTS = (
    """
    CREATE TABLE recovery_code (
        account_id TEXT NOT NULL,
        code_hash BYTEA NOT NULL,
        CONSTRAINT recovery_code_pk PRIMARY KEY (account_id, code_hash),
        CONSTRAINT recovery_code_account_id_fk FOREIGN KEY(account_id)
            REFERENCES account (account_id) ON DELETE CASCADE
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
