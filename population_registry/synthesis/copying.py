"""A block as PostgreSQL's COPY reads it, table by table, and the frames in which processes hand blocks on."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson

from population_registry.synthesis.rows import COLUMNS, Row


@dataclass(frozen=True, slots=True)
class Copied:
    """Rows of one table in COPY's text format, and their SHA-256."""

    rows: int
    digest: bytes
    text: bytes


@dataclass(frozen=True, slots=True)
class Announced:
    """What a frame says of one table before its bytes follow."""

    rows: int
    digest: bytes
    length: int


def copied(columns: Sequence[Sequence[str]]) -> Copied:
    """The text of one table from its columns; no value holds a tab, a line end or a backslash but NULL."""
    count = len(columns[0])
    lines = list(map("\t".join, zip(*columns, strict=True)))
    lines.append("")
    text = "\n".join(lines).encode()
    return Copied(count, hashlib.sha256(text).digest(), text)


def copied_rows(rows: Sequence[Row]) -> Copied:
    """Rows with Python's own values as one table, for a digest only."""
    text = "".join(f"{row!r}\n" for row in rows).encode()
    return Copied(len(rows), hashlib.sha256(text).digest(), text)


def frame(people: int, tables: Mapping[str, Copied], tokens: Mapping[str, int]) -> Iterator[bytes]:
    """A line of JSON (people; rows, digest, length of each of `COLUMNS`; tokens), then the bytes, in that order."""
    parts = [tables[name] for name in COLUMNS]
    told = [[part.rows, part.digest.hex(), len(part.text)] for part in parts]
    yield orjson.dumps([people, told, tokens], option=orjson.OPT_APPEND_NEWLINE)
    for part in parts:
        yield part.text


def announced(line: bytes) -> tuple[int, dict[str, Announced], dict[str, int]]:
    """Read the first line of a frame.

    Raises:
        ValueError: it is not one; whoever wrote it broke off.
    """
    try:
        people, told, tokens = orjson.loads(line)
        tables = {
            name: Announced(rows, bytes.fromhex(digest), length)
            for name, (rows, digest, length) in zip(COLUMNS, told, strict=True)
        }
        return people, tables, dict(tokens)
    except (orjson.JSONDecodeError, TypeError, ValueError) as error:
        raise ValueError("a block was announced badly") from error
