"""Access log and receipts lie in one partition for each month; each row of the log knows its transaction."""

from collections.abc import Sequence

from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

ACCESS_LOG = """
CREATE TABLE access_log (
  entry_id uuid NOT NULL,
  at timestamptz NOT NULL,
  subject_id bigint,
  client_id text NOT NULL,
  agency text NOT NULL,
  officer text,
  purpose text NOT NULL,
  procedure_code text NOT NULL,
  dossier_code text,
  fields jsonb NOT NULL,
  outcome text NOT NULL,
  receipt_id uuid,
  correlation_id text NOT NULL,
  written_in bigint NOT NULL DEFAULT (pg_current_xact_id()::text)::bigint,
  CONSTRAINT access_log_pkey PRIMARY KEY (entry_id, at)
) PARTITION BY RANGE (at)
"""
RECEIPT = """
CREATE TABLE receipt (
  receipt_id uuid NOT NULL,
  subject_id bigint,
  client_id text NOT NULL,
  issued_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  key_id text NOT NULL,
  digest bytea NOT NULL,
  status_position bigint,
  CONSTRAINT receipt_pkey PRIMARY KEY (receipt_id, issued_at)
) PARTITION BY RANGE (issued_at)
"""
MONTHS = """
DO $$
DECLARE
  month timestamp;
BEGIN
  FOR month IN
    SELECT DISTINCT date_trunc('month', {column} AT TIME ZONE 'UTC') FROM {table}_before
     WHERE {column} BETWEEN now() - interval '20 years' AND now() + interval '1 year'
  LOOP
    EXECUTE format(
      'CREATE TABLE %I PARTITION OF {table} FOR VALUES FROM (%L) TO (%L)',
      '{table}_' || to_char(month, 'YYYY_MM'), month || '+00', (month + interval '1 month') || '+00');
  END LOOP;
END $$
"""
PROTECT_ROWS = """
CREATE TRIGGER access_log_append_only BEFORE UPDATE OR DELETE ON access_log
FOR EACH ROW EXECUTE FUNCTION refuse_changes()
"""
PROTECT_TABLES = """
DO $$
DECLARE
  part regclass;
BEGIN
  FOR part IN SELECT relid FROM pg_partition_tree('access_log') LOOP
    EXECUTE format(
      'CREATE TRIGGER access_log_no_truncate BEFORE TRUNCATE ON %s '
      'FOR EACH STATEMENT EXECUTE FUNCTION refuse_changes()', part);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER access_log_no_truncate', part);
  END LOOP;
END $$
"""


def upgrade() -> None:
    for table in ("access_log", "receipt"):
        op.rename_table(table, f"{table}_before")
        op.execute(f"ALTER INDEX {table}_pkey RENAME TO {table}_before_pkey")
    op.execute(ACCESS_LOG)
    op.execute(RECEIPT)
    for table, column in (("access_log", "at"), ("receipt", "issued_at")):
        op.execute(MONTHS.format(table=table, column=column))
        op.execute(f"CREATE TABLE {table}_other PARTITION OF {table} DEFAULT")
    op.execute(
        "INSERT INTO access_log (entry_id, at, subject_id, client_id, agency, officer, purpose, procedure_code, "
        "dossier_code, fields, outcome, receipt_id, correlation_id) SELECT * FROM access_log_before"
    )
    op.execute(
        "INSERT INTO receipt (receipt_id, subject_id, client_id, issued_at, expires_at, key_id, digest, "
        "status_position) SELECT receipt_id, subject_id, client_id, issued_at, expires_at, key_id, digest, "
        "status_position FROM receipt_before"
    )
    op.execute("DROP TABLE access_log_before, receipt_before")
    op.create_index("access_log_subject_id_at_idx", "access_log", ["subject_id", "at"])
    op.create_index("access_log_written_in_idx", "access_log", ["written_in"])
    op.create_index("receipt_subject_id_idx", "receipt", ["subject_id"])
    op.execute(PROTECT_ROWS)
    op.execute("ALTER TABLE access_log ENABLE ALWAYS TRIGGER access_log_append_only")
    op.execute(PROTECT_TABLES)
    op.execute(
        "COMMENT ON TABLE access_log IS 'Who looked at whom and why; a trigger refuses every change; "
        "it outlives the person'"
    )
    op.execute(
        "COMMENT ON TABLE receipt IS 'Signed receipts given out: the key, the end, and the SHA-256 of the bytes'"
    )


def downgrade() -> None:
    for table, key in (("access_log", "entry_id"), ("receipt", "receipt_id")):
        op.execute(f"CREATE TABLE {table}_whole (LIKE {table} INCLUDING COMMENTS)")
        op.execute(f"INSERT INTO {table}_whole SELECT * FROM {table}")  # noqa: S608 -- constants
        op.execute(f"DROP TABLE {table}")
        op.rename_table(f"{table}_whole", table)
        op.create_primary_key(f"{table}_pkey", table, [key])
    op.drop_column("access_log", "written_in")
    op.create_index("access_log_subject_id_at_idx", "access_log", ["subject_id", "at"])
    op.create_index("receipt_subject_id_idx", "receipt", ["subject_id"])
    op.execute(PROTECT_ROWS)
    op.execute("ALTER TABLE access_log ENABLE ALWAYS TRIGGER access_log_append_only")
    op.execute(
        PROTECT_TABLES.replace("SELECT relid FROM pg_partition_tree('access_log')", "SELECT 'access_log'")
    )
