"""The manifest of a population: how many rows of each table, their SHA-256, and one digest over all."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from population_registry.synthesis.rows import COLUMNS, Rows

GENERATION = 2
"""Raised whenever the same seed would give other rows."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """`digest` covers `detail`: the inputs, the generation of the code, rows and SHA-256 of each table."""

    detail: Mapping[str, object]
    digest: str


class Digester:
    """Takes batches as they pass and remembers only counts and hash states."""

    def __init__(self) -> None:
        self._hashes = {name: hashlib.sha256() for name in COLUMNS}
        self._counts = dict.fromkeys(COLUMNS, 0)

    def take(self, rows: Rows) -> None:
        """Count and hash one batch; batch limits leave no trace."""
        for name, lines in rows.tables.items():
            self._counts[name] += len(lines)
            self._hashes[name].update("".join(f"{line!r}\n" for line in lines).encode())

    def manifest(self, inputs: Mapping[str, object]) -> Manifest:
        """The manifest of everything taken so far."""
        tables = {
            name: {"rows": self._counts[name], "sha256": self._hashes[name].hexdigest()} for name in COLUMNS
        }
        detail = {"generation": GENERATION, "inputs": dict(inputs), "tables": tables}
        canonical = orjson.dumps(detail, option=orjson.OPT_SORT_KEYS)
        return Manifest(detail, hashlib.sha256(canonical).hexdigest())
