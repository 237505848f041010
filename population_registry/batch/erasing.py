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


async def erase_some(connection: Any, now: datetime) -> bool:
    """Erase a slice of one batch whose time is over, inside the caller's transaction; False when there is none."""
    row = await connection.fetchrow(_OVER, now)
    if row is None:
        return False
    batch_id, state = row
    left = 0
    for table in ("batch_result", "batch_row"):
        tag = await connection.execute(
            f"DELETE FROM {table} WHERE batch_id = $1 AND row_no IN "  # noqa: S608 -- constant names
            f"(SELECT row_no FROM {table} WHERE batch_id = $1 ORDER BY row_no LIMIT {SLICE})",
            batch_id,
        )
        left = max(left, int(tag.rsplit(" ", 1)[1]))
    if left < SLICE:
        await connection.execute("DELETE FROM batch_part WHERE batch_id = $1", batch_id)
        await connection.execute("DELETE FROM batch_chunk WHERE batch_id = $1", batch_id)
        await connection.execute(
            "UPDATE batch_job SET erased_at = $2, state = $3 WHERE batch_id = $1",
            batch_id,
            now,
            "expired" if state == "uploading" else state,
        )
    return True
