"""Links by mail."""

from alembic import op

revision = "0009"
down_revision = "0008"

STATEMENTS = (
    """
    CREATE TABLE account_link (
        digest BYTEA NOT NULL,
        purpose TEXT NOT NULL,
        account_id TEXT,
        usable_from BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        record BYTEA,
        CONSTRAINT account_link_pk PRIMARY KEY (digest),
        CONSTRAINT account_link_account_id_fk FOREIGN KEY(account_id)
            REFERENCES account (account_id) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX account_link_account_ix ON account_link (account_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
