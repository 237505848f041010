"""Passkeys."""

from alembic import op

revision = "0004"
down_revision = "0003"

STATEMENTS = (
    """
    CREATE TABLE passkey (
        credential_id BYTEA NOT NULL,
        account_id TEXT NOT NULL,
        user_handle BYTEA NOT NULL,
        public_key BYTEA NOT NULL,
        name BYTEA NOT NULL,
        created_at BIGINT NOT NULL,
        last_used_at BIGINT NOT NULL,
        sign_count BIGINT NOT NULL,
        backup_eligible BOOLEAN NOT NULL,
        backed_up BOOLEAN NOT NULL,
        hardware BOOLEAN NOT NULL,
        aaguid TEXT NOT NULL,
        transports TEXT[] NOT NULL,
        CONSTRAINT passkey_pk PRIMARY KEY (credential_id),
        CONSTRAINT passkey_account_id_fk FOREIGN KEY(account_id) REFERENCES account (account_id) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX passkey_account_ix ON passkey (account_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
