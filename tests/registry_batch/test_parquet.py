"""Results as Parquet: the rows of the other files, in row groups, in bounded memory."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Sequence
from itertools import groupby
from typing import Any

import pyarrow.parquet

from population_registry.batch.asking import Kind
from population_registry.batch.parquet import ROWS_OF_A_GROUP, parquet_file
from population_registry.batch.rendering import Run
from tests.registry_batch.test_quick_ways import ANSWERS, COLUMNS

PAGE = 2_000


async def pages(rows: Sequence[Sequence[Any]]) -> AsyncIterator[Sequence[Run]]:
    """The rows in runs, as the database gives them."""
    for at in range(0, len(rows), PAGE):
        page = [
            (said, list(same)) for said, same in groupby(rows[at : at + PAGE], lambda row: tuple(row[2:]))
        ]
        yield [Run([row[0] for row in same], [row[1] for row in same], said) for said, same in page]


async def written(
    rows: Sequence[Sequence[Any]], kind: Kind
) -> tuple[list[bytes], pyarrow.parquet.ParquetFile]:
    """The pieces of a file, and the file."""
    pieces = [piece async for piece in parquet_file(pages(rows), kind, COLUMNS)]
    return pieces, pyarrow.parquet.ParquetFile(io.BytesIO(b"".join(pieces)))


async def test_every_row_and_every_kind_of_row() -> None:
    """Answers, keys and errors stand in columns of their own; what a row does not have is null."""
    rows = [
        (2, "A-1", None, None, "established", "verified", ANSWERS[0]),
        (3, None, "number-twice", "so", None, None, ANSWERS[0]),
        (4, "Ấ\"',\n", None, None, "established", "verified", ANSWERS[1]),
    ]
    _, file = await written(rows, Kind.RECONCILE)
    first, second, third = file.read().to_pylist()
    assert first["line"] == 2
    assert (first["ref"], first["identity"], first["status"]) == ("A-1", "established", "verified")
    assert (first["name"], first["name_reasons"], first["birth_date"], first["error"]) == (
        "match",
        [],
        None,
        None,
    )
    assert (second["ref"], second["identity"], second["error"], second["error_column"]) == (
        None,
        None,
        "number-twice",
        "so",
    )
    assert (third["ref"], third["name"], third["name_reasons"]) == ("Ấ\"',\n", "close", ["tone", "i_y"])


async def test_rows_come_in_groups() -> None:
    """A group is sent when it is full, so memory holds one whatever the length of the file."""
    rows = [
        (n, None, None, None, "established", None, ANSWERS[n % 2]) for n in range(2 * ROWS_OF_A_GROUP + 1)
    ]
    pieces, file = await written(rows, Kind.VERIFY)
    assert file.num_row_groups == 3
    assert len(pieces) == 4
    assert file.read(["line"]).column("line").to_pylist() == list(range(2 * ROWS_OF_A_GROUP + 1))
    assert "status" not in file.schema_arrow.names


async def test_nothing_is_a_file_too() -> None:
    """A file without rows has its columns."""
    _, file = await written([], Kind.VERIFY)
    assert (file.metadata.num_rows, file.schema_arrow.names[:3]) == (0, ["line", "ref", "identity"])
