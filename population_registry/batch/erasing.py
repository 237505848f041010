"""Personal data of a batch go after the retention time, at once after a cancellation; the summary stays."""

from datetime import datetime
from typing import Any

SLICE = 20_000
"""Rows erased in one transaction."""
_OVER = """
SELECT batch_id, state FROM batch_job
 WHERE erased_at IS NULL AND erase_after <= $1 AND state NOT IN ('uploaded', 'working')
 ORDER BY erase_after LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_SLICE = f"""
SELECT max(row_no) FROM (
  SELECT row_no FROM batch_row WHERE batch_id = $1 ORDER BY row_no LIMIT {SLICE}) slice
"""  # noqa: S608 -- constant text
"""The last row of the next slice; none when no row is left."""


async def erase_some(connection: Any, now: datetime) -> bool:
    """Erase a slice of one batch whose time is over, inside the caller's transaction; False when there is none."""
    row = await connection.fetchrow(_OVER, now)
    if row is None:
        return False
    batch_id, state = row
    last = await connection.fetchval(_SLICE, batch_id)
    # A row and what was said of it go together: a row without an answer would read as established.
    for table in ("batch_result", "batch_row"):
        await connection.execute(
            f"DELETE FROM {table} WHERE batch_id = $1 AND row_no <= $2",  # noqa: S608 -- constant names
            batch_id,
            last,
        )
    if last is None:
        await connection.execute("DELETE FROM batch_result WHERE batch_id = $1", batch_id)
        await connection.execute("DELETE FROM batch_part WHERE batch_id = $1", batch_id)
        await connection.execute("DELETE FROM batch_chunk WHERE batch_id = $1", batch_id)
        await connection.execute(
            "UPDATE batch_job SET erased_at = $2, state = $3 WHERE batch_id = $1",
            batch_id,
            now,
            "expired" if state == "uploading" else state,
        )
    return True
