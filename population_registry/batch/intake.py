"""From a whole file to rows: read in constant memory, sent by COPY, budgets counted, pieces cut; all or nothing.

The budget of a batch is counted when it is taken in, for every row alike and before anything is looked up, so it says
nothing about anybody and no race between workers can stretch it (attack 50: a batch as a list of guesses).
"""

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from population_registry.batch.asking import NUMBER, SOCIAL
from population_registry.batch.decoding import Lines
from population_registry.batch.duplicates import mark_duplicates
from population_registry.batch.faults import FileFault, FileRefusedError, RowFault
from population_registry.batch.jobs import Job, Limits
from population_registry.batch.rows import Row, RowReader
from population_registry.verification.guessing import BudgetPolicy

ROWS_OF_A_CHUNK = 5_000
DAY = timedelta(days=1)
NUMBERS, PEOPLE = "batch:number", "batch:person"
"""Scopes of the counters: asks about one number, numbers asked under one name and birth date."""

_TWICE = """
WITH repeated AS MATERIALIZED (
  SELECT number FROM batch_row WHERE batch_id = $1 AND error IS NULL GROUP BY number HAVING count(*) > 1
), each AS (
  SELECT row_no, row_number() OVER (PARTITION BY number, social_insurance ORDER BY row_no) AS nth
    FROM batch_row JOIN repeated USING (number) WHERE batch_id = $1 AND error IS NULL
)
UPDATE batch_row r SET error = $2, error_column = $3 FROM each
 WHERE each.nth > 1 AND r.batch_id = $1 AND r.row_no = each.row_no
"""
_SPEND_NUMBERS = """
WITH asked AS MATERIALIZED (
  SELECT number, sha256(convert_to($2 || number, 'UTF8')) AS key, count(*)::int AS times
    FROM batch_row WHERE batch_id = $1 AND error IS NULL GROUP BY number
), spent AS (
  INSERT INTO guessing_budget AS budget (key, scope, window_start, spent)
  SELECT key, $3::text, $4::timestamptz, times FROM asked ORDER BY key
  ON CONFLICT (key, scope, window_start) DO UPDATE SET spent = budget.spent + excluded.spent
  RETURNING key, budget.spent
), beyond AS MATERIALIZED (
  SELECT number, spent.spent - times AS before FROM asked JOIN spent USING (key) WHERE spent.spent > $5
), each AS (
  SELECT row_no, before + row_number() OVER (PARTITION BY number ORDER BY row_no) AS nth
    FROM batch_row JOIN beyond USING (number) WHERE batch_id = $1 AND error IS NULL
)
UPDATE batch_row r SET error = $6, error_column = $7 FROM each
 WHERE each.nth > $5 AND r.batch_id = $1 AND r.row_no = each.row_no
"""
_SPEND_PEOPLE = """
WITH asked AS MATERIALIZED (
  SELECT name_key, birth_date, sha256(convert_to($2 || name_key || '|' || birth_date, 'UTF8')) AS key,
         count(*)::int AS times
    FROM batch_row WHERE batch_id = $1 AND error IS NULL GROUP BY name_key, birth_date
), spent AS (
  INSERT INTO guessing_budget AS budget (key, scope, window_start, spent)
  SELECT key, $3::text, $4::timestamptz, times FROM asked ORDER BY key
  ON CONFLICT (key, scope, window_start) DO UPDATE SET spent = budget.spent + excluded.spent
  RETURNING key, budget.spent
), beyond AS MATERIALIZED (
  SELECT name_key, birth_date FROM asked JOIN spent USING (key) WHERE spent.spent > $5
)
UPDATE batch_row r SET error = $6, error_column = $7 FROM beyond
 WHERE r.batch_id = $1 AND r.name_key = beyond.name_key AND r.birth_date = beyond.birth_date AND r.error IS NULL
"""
_ROWS_TODAY = "SELECT coalesce(sum(rows), 0)::bigint FROM batch_job WHERE client_id = $1 AND created_at > $2"


@dataclass(slots=True)
class Intake:
    """Takes in one file. `reading` is a second connection, since COPY keeps the first one busy."""

    writing: Any
    reading: Any
    job: Job
    limits: Limits
    secret: bytes
    now: datetime
    _bounds: list[tuple[int, int, int]] = field(default_factory=list)
    _count: int = 0
    _first: int = 0
    _last: int = 0
    _digest: bytes = b""

    async def run(self) -> bool:
        """Inside the caller's transaction: rows, budgets, pieces, and the job set to work.

        Answers False when the job was cancelled meanwhile; then nothing may be committed.

        Raises:
            FileRefusedError: nothing of the file is asked.
        """
        await self.writing.copy_to_table("batch_row", source=self._lines(), columns=_COLUMNS, format="text")
        if not self._count:
            raise FileRefusedError(FileFault.EMPTY)
        if self.job.sha256 is not None and self._digest != self.job.sha256:
            raise FileRefusedError(FileFault.DIGEST_MISMATCH)
        await self._within_the_day()
        await self._spend()
        self._cut()
        await self.writing.executemany(
            "INSERT INTO batch_chunk (batch_id, chunk_no, first_row, last_row, rows) VALUES ($1, $2, $3, $4, $5)",
            [(self.job.batch_id, number, *bounds) for number, bounds in enumerate(self._bounds)],
        )
        await self.writing.execute("DELETE FROM batch_part WHERE batch_id = $1", self.job.batch_id)
        begun = await self.writing.fetchval(
            "UPDATE batch_job SET state = 'working', rows = $2, sha256 = $3 "
            "WHERE batch_id = $1 AND state = 'uploaded' RETURNING 1",
            self.job.batch_id,
            self._count,
            self._digest,
        )
        return begun is not None

    async def _lines(self) -> AsyncIterator[bytes]:
        """The rows as COPY reads them, piece by piece."""
        reader = RowReader(self.job.format, self.job.columns, f"{self.job.batch_id}\t")
        lines, digest = Lines(), hashlib.sha256()
        at = 0
        while True:
            content = await self.reading.fetchval(
                "SELECT content FROM batch_part WHERE batch_id = $1 AND at_byte = $2", self.job.batch_id, at
            )
            piece = content or b""
            at += len(piece)
            digest.update(piece)
            found = []
            for numbers, text in reader.copied(lines.feed(piece, last=content is None)):
                self._counted(numbers)
                found.append(text)
            if found:
                yield "".join(found).encode()
            if content is None:
                break
        reader.finish()
        self._digest = digest.digest()

    def _counted(self, numbers: Sequence[int]) -> None:
        room = ROWS_OF_A_CHUNK - self._count % ROWS_OF_A_CHUNK
        if len(numbers) > room:
            self._counted(numbers[:room])
            self._counted(numbers[room:])
            return
        if room == ROWS_OF_A_CHUNK:
            self._cut()
            self._first = numbers[0]
        self._count += len(numbers)
        self._last = numbers[-1]
        if self._count > self.limits.largest_rows:
            raise FileRefusedError(FileFault.TOO_MANY_ROWS)

    def _cut(self) -> None:
        """Close the piece that is being filled."""
        begun = len(self._bounds) * ROWS_OF_A_CHUNK
        if self._count > begun:
            self._bounds.append((self._first, self._last, self._count - begun))

    async def _within_the_day(self) -> None:
        """The rows of one client in a day; files of one client are counted one after the other."""
        await self.writing.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended($1, 36))", self.job.caller.client_id
        )
        today = await self.writing.fetchval(_ROWS_TODAY, self.job.caller.client_id, self.now - DAY)
        if today + self._count > self.limits.rows_per_day:
            raise FileRefusedError(FileFault.DAY_EXHAUSTED)

    async def _spend(self) -> None:
        job, column = self.job, self.job.columns[NUMBER]
        window = BudgetPolicy().window_start(self.now)
        secret = self.secret.hex()
        # Fresh rows have no statistics: nested loops over them would be quadratic, sorts larger than expected.
        await self.writing.execute("SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '64MB'")
        await self.writing.execute(_TWICE, job.batch_id, RowFault.NUMBER_TWICE.value, column)
        if SOCIAL in job.columns:
            await mark_duplicates(self.writing, job.batch_id)
        for spend, scope, most, fault in (
            (_SPEND_NUMBERS, NUMBERS, self.limits.asks, RowFault.BUDGET_EXHAUSTED),
            (_SPEND_PEOPLE, PEOPLE, self.limits.homonyms, RowFault.TOO_MANY_NUMBERS),
        ):
            await self.writing.execute(spend, job.batch_id, secret, scope, window, most, fault.value, column)
        await self.writing.execute("SET LOCAL enable_nestloop = on; RESET work_mem")


_COLUMNS = ("batch_id", *Row._fields)
