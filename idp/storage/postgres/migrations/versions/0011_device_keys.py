"""Device keys of the e-ID app."""

from alembic import op

revision = "0011"
down_revision = "0010"

STATEMENTS = (
    """
    CREATE TABLE device_key (
        device_id TEXT NOT NULL,
        account_id TEXT NOT NULL,
        x BYTEA NOT NULL,
        y BYTEA NOT NULL,
        name BYTEA NOT NULL,
        pin_hash TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        last_used_at BIGINT NOT NULL,
        tries INTEGER NOT NULL,
        tried_at BIGINT NOT NULL,
        CONSTRAINT device_key_pk PRIMARY KEY (device_id),
        CONSTRAINT device_key_account_id_fk FOREIGN KEY(account_id)
            REFERENCES account (account_id) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX device_key_account_ix ON device_key (account_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
