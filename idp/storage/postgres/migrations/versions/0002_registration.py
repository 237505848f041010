"""Clients that share a recoverable secret, and initial access tokens for registration."""

from alembic import op

revision = "0002"
down_revision = "0001"

CHANGES = (
    "ALTER TABLE client ADD COLUMN sealed_secret BYTEA",
    """
    CREATE TABLE initial_access_token (
        token_hash BYTEA NOT NULL,
        note TEXT NOT NULL,
        expires_at BIGINT NOT NULL,
        uses_left BIGINT NOT NULL,
        CONSTRAINT initial_access_token_pk PRIMARY KEY (token_hash),
        CONSTRAINT initial_access_token_uses_left_ck CHECK (uses_left >= 0)
    )
    """,
)


def upgrade() -> None:
    for statement in CHANGES:
        op.execute(statement)
