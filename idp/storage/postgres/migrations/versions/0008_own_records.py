"""Reports of misuse, requests that the centre decides, dependants."""

from alembic import op

revision = "0008"
down_revision = "0007"

STATEMENTS = (
    """
    CREATE TABLE misuse_report (
        account_id TEXT NOT NULL,
        source TEXT NOT NULL,
        reference TEXT NOT NULL,
        said BYTEA NOT NULL,
        state TEXT DEFAULT 'received' NOT NULL,
        at BIGINT NOT NULL,
        CONSTRAINT misuse_report_pk PRIMARY KEY (account_id, source, reference),
        CONSTRAINT misuse_report_state_ck CHECK (state IN ('received', 'looking', 'rightful', 'misuse')),
        CONSTRAINT misuse_report_account_id_fk FOREIGN KEY(account_id)
            REFERENCES account (account_id) ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE account_case (
        case_id TEXT NOT NULL,
        account_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        reason TEXT,
        file TEXT NOT NULL,
        requested_by TEXT NOT NULL,
        requested_at BIGINT NOT NULL,
        state TEXT NOT NULL,
        forwarded_by TEXT,
        decided_by TEXT,
        decided_at BIGINT,
        CONSTRAINT account_case_pk PRIMARY KEY (case_id),
        CONSTRAINT account_case_account_id_fk FOREIGN KEY(account_id)
            REFERENCES account (account_id) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX account_case_account_ix ON account_case (account_id)",
    """
    CREATE TABLE dependant (
        account_id TEXT NOT NULL,
        reference BYTEA NOT NULL,
        person BYTEA NOT NULL,
        relation TEXT NOT NULL,
        confirmed_at BIGINT NOT NULL,
        CONSTRAINT dependant_pk PRIMARY KEY (account_id, reference),
        CONSTRAINT dependant_account_id_fk FOREIGN KEY(account_id)
            REFERENCES account (account_id) ON DELETE CASCADE
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
