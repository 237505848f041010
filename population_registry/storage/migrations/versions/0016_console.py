"""The operators' console: officers, sessions, requests for other eyes, records opened in an emergency."""

from collections.abc import Sequence

from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

STATEMENTS = (
    """
CREATE TABLE officer (
    officer_id TEXT NOT NULL CONSTRAINT officer_pkey PRIMARY KEY,
    person_id BIGINT NOT NULL CONSTRAINT officer_person_id_fkey REFERENCES person (person_id) ON DELETE CASCADE,
    agency TEXT NOT NULL,
    role TEXT NOT NULL,
    territory TEXT,
    appointed_at TIMESTAMPTZ NOT NULL,
    dismissed_at TIMESTAMPTZ
)
""",
    """
CREATE UNIQUE INDEX officer_person_id_idx ON officer (person_id) WHERE dismissed_at IS NULL
""",
    """
COMMENT ON TABLE officer IS 'Who may work at the console; a person holds one office at a time'
""",
    """
CREATE TABLE console_session (
    digest BYTEA NOT NULL CONSTRAINT console_session_pkey PRIMARY KEY,
    officer_id TEXT NOT NULL CONSTRAINT console_session_officer_id_fkey
        REFERENCES officer (officer_id) ON DELETE CASCADE,
    subject TEXT NOT NULL,
    sid TEXT,
    sealed BYTEA NOT NULL,
    purpose TEXT,
    case_code TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
)
""",
    """
CREATE INDEX console_session_officer_id_idx ON console_session (officer_id)
""",
    """
COMMENT ON TABLE console_session IS
    'Sign-ins of officers; the browser holds 32 random bytes, the database their hash'
""",
    """
CREATE TABLE four_eyes_request (
    request_id UUID NOT NULL CONSTRAINT four_eyes_request_pkey PRIMARY KEY,
    kind TEXT NOT NULL,
    subject_id BIGINT NOT NULL,
    officer_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    case_code TEXT NOT NULL,
    content JSONB NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    state TEXT NOT NULL,
    decided_by TEXT,
    decided_at TIMESTAMPTZ,
    remark TEXT,
    used_at TIMESTAMPTZ,
    CONSTRAINT four_eyes_request_other_eyes_check CHECK (decided_by IS NULL OR decided_by <> officer_id)
)
""",
    """
CREATE INDEX four_eyes_request_subject_id_idx ON four_eyes_request (subject_id)
""",
    """
CREATE INDEX four_eyes_request_waiting_idx ON four_eyes_request (created_at) WHERE state = 'waiting'
""",
    """
COMMENT ON TABLE four_eyes_request IS
    'What needs a second officer; a trigger refuses every change of what was asked'
""",
    """
CREATE TABLE break_glass (
    entry_id UUID NOT NULL CONSTRAINT break_glass_pkey PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    officer_id TEXT NOT NULL,
    subject_id BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    case_code TEXT NOT NULL,
    reason TEXT NOT NULL,
    reviewed_by TEXT,
    reviewed_at TIMESTAMPTZ,
    justified TEXT,
    CONSTRAINT break_glass_other_reviewer_check CHECK (reviewed_by IS NULL OR reviewed_by <> officer_id)
)
""",
    """
CREATE INDEX break_glass_open_idx ON break_glass (at) WHERE reviewed_at IS NULL
""",
    """
COMMENT ON TABLE break_glass IS 'Records opened beyond the territory; each is reviewed by somebody else'
""",
    """
CREATE FUNCTION four_eyes_unchanged() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.kind, OLD.subject_id, OLD.officer_id, OLD.purpose, OLD.case_code, OLD.content, OLD.created_at,
        OLD.expires_at)
       IS DISTINCT FROM
       (NEW.kind, NEW.subject_id, NEW.officer_id, NEW.purpose, NEW.case_code, NEW.content, NEW.created_at,
        NEW.expires_at)
       OR (OLD.state <> 'waiting' AND (OLD.state, OLD.decided_by, OLD.decided_at)
                                      IS DISTINCT FROM (NEW.state, NEW.decided_by, NEW.decided_at)) THEN
        RAISE EXCEPTION 'what was asked or decided stays as it is' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$
""",
    """
CREATE TRIGGER four_eyes_unchanged BEFORE UPDATE ON four_eyes_request
    FOR EACH ROW EXECUTE FUNCTION four_eyes_unchanged()
""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE break_glass, four_eyes_request, console_session, officer")
    op.execute("DROP FUNCTION four_eyes_unchanged()")
