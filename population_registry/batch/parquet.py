"""Results as Apache Parquet, in row groups: what a data platform reads column by column. Memory holds one group."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import repeat
from typing import Any, Final

import orjson

from population_registry.batch.asking import KEYS_OF_A_ROW, Kind
from population_registry.batch.rendering import Run, full_answer

ROWS_OF_A_GROUP: Final = 20_000


class _Sink:
    """Where the writer puts bytes until they are sent."""

    closed = False

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._at = 0

    def write(self, piece: Any) -> int:
        """Take bytes."""
        self._pieces.append(bytes(piece))
        self._at += len(self._pieces[-1])
        return len(self._pieces[-1])

    def tell(self) -> int:
        """How much was ever written."""
        return self._at

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> bytes:
        """What came since the last time."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


class _Groups:
    """Rows to row groups. The library is loaded with the first file: a process that writes none does without it."""

    def __init__(self, kind: Kind, columns: Mapping[str, str]) -> None:
        import pyarrow as pa
        from pyarrow.parquet import ParquetWriter

        self._arrow = pa
        self._claims = ["number", *(name for name in columns if name not in KEYS_OF_A_ROW)]
        word, words = pa.dictionary(pa.int32(), pa.string()), pa.list_(pa.string())
        fields = [("line", pa.int32()), ("ref", pa.string()), ("identity", word)]
        if kind is Kind.RECONCILE:
            fields.append(("status", word))
        for claim in self._claims:
            fields += [(claim, word), (f"{claim}_reasons", words)]
        fields += [("error", word), ("error_column", word)]
        self._reconciles = kind is Kind.RECONCILE
        self._schema = pa.schema(fields)
        self._sink = _Sink()
        self._writer = ParquetWriter(pa.PythonFile(self._sink, mode="w"), self._schema, compression="zstd")

    def group(self, runs: Sequence[Run]) -> bytes:
        """One row group."""
        values = []
        for numbers, refs, said in runs:
            made = self._said(*said)
            keys = repeat(None) if refs is None else refs
            values += [(number, key, *made) for number, key in zip(numbers, keys, strict=False)]
        arrays = [
            self._arrow.array(column, field.type)
            for column, field in zip(zip(*values, strict=True), self._schema, strict=True)
        ]
        self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))
        return self._sink.taken()

    def end(self) -> bytes:
        """The footer."""
        self._writer.close()
        return self._sink.taken()

    def _said(
        self, error: str | None, column: str | None, identity: str | None, status: str | None, answer: str
    ) -> tuple[Any, ...]:
        results = orjson.loads(full_answer(answer)) if error is None else {}
        flags: list[Any] = []
        for claim in self._claims:
            found = results.get(claim)
            flags += [None, None] if found is None else [found["flag"], found["reasons"]]
        return (identity, *([status] if self._reconciles else []), *flags, error, column)


async def parquet_file(
    pages: AsyncIterator[Sequence[Run]], kind: Kind, columns: Mapping[str, str]
) -> AsyncIterator[bytes]:
    """The whole file, a row group at a time; made beside the event loop."""
    groups = await asyncio.to_thread(_Groups, kind, columns)
    waiting: list[Run] = []
    count = 0
    async for runs in pages:
        waiting += runs
        count += sum(len(run.numbers) for run in runs)
        if count >= ROWS_OF_A_GROUP:
            yield await asyncio.to_thread(groups.group, waiting)
            waiting, count = [], 0
    if waiting:
        yield await asyncio.to_thread(groups.group, waiting)
    yield await asyncio.to_thread(groups.end)
