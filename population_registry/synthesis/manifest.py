"""The manifest of a population: how many rows of each table, their SHA-256, and one digest over all.

Each block of people has one SHA-256 per table; a table's digest is that of its blocks' digests in order. So any
number of processes can make and hash blocks, in any order, and nobody needs to see all rows.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import orjson

from population_registry.synthesis.rows import COLUMNS

GENERATION = 4
"""Raised whenever the same seed would give other rows."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """`digest` covers `detail`: the inputs, the generation of the code, rows and SHA-256 of each table."""

    detail: Mapping[str, object]
    digest: str


class Hashed(Protocol):
    """A table of one block: how many rows it has, and the SHA-256 of its text."""

    @property
    def rows(self) -> int:
        """Number of rows."""

    @property
    def digest(self) -> bytes:
        """SHA-256 of the rows as COPY reads them."""


class Digester:
    """Takes the blocks in order and remembers only counts and hash states."""

    def __init__(self) -> None:
        self._hashes = {name: hashlib.sha256() for name in COLUMNS}
        self._counts = dict.fromkeys(COLUMNS, 0)

    def take(self, block: Mapping[str, Hashed]) -> None:
        """Count one block, whose tables may be fewer than all."""
        for name, table in block.items():
            self._counts[name] += table.rows
            self._hashes[name].update(table.digest)

    def manifest(self, inputs: Mapping[str, object]) -> Manifest:
        """The manifest of everything taken so far."""
        tables = {
            name: {"rows": self._counts[name], "sha256": self._hashes[name].hexdigest()} for name in COLUMNS
        }
        detail = {"generation": GENERATION, "inputs": dict(inputs), "tables": tables}
        canonical = orjson.dumps(detail, option=orjson.OPT_SORT_KEYS)
        return Manifest(detail, hashlib.sha256(canonical).hexdigest())
