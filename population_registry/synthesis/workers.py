"""The blocks of a country in order, made in this process or by several others."""

import asyncio
import sys
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import date
from os import environ
from pathlib import Path

from population_registry.synthesis.block import Block
from population_registry.synthesis.copying import Announced, Copied, announced
from population_registry.synthesis.inputs import MakingError
from population_registry.synthesis.numbers import MOST_BLOCKS
from population_registry.synthesis.population import block_count, population, texts
from population_registry.synthesis.rows import BLOCK

_ROOT = Path(__file__).parents[2]
_CHUNK = 1 << 19


class Made(ABC):
    """A block on its way: its tables must be read in order, each once."""

    people: int
    tables: Mapping[str, Announced | Copied]
    tokens: Mapping[str, int]

    @abstractmethod
    def text(self, name: str) -> AsyncIterator[bytes]:
        """The bytes of one table."""


class _Here(Made):
    def __init__(self, block: Block) -> None:
        self.people, self.tokens = block.people, block.tokens
        self.tables = self._tables = texts(block)

    async def text(self, name: str) -> AsyncIterator[bytes]:
        yield self._tables[name].text


class _Elsewhere(Made):
    def __init__(self, line: bytes, reader: asyncio.StreamReader) -> None:
        self.people, self._lengths, self.tokens = announced(line)
        self.tables, self._reader = self._lengths, reader

    async def text(self, name: str) -> AsyncIterator[bytes]:
        left = self._lengths[name].length
        while left:
            if not (chunk := await self._reader.read(min(left, _CHUNK))):
                raise MakingError("a process that makes the population ended in the middle of a block")
            left -= len(chunk)
            yield chunk


@asynccontextmanager
async def made_blocks(
    seed: int, size: int, *, workers: int, as_of: date
) -> AsyncIterator[AsyncIterator[Made]]:
    """The blocks of a country, one after another; `workers` processes make them, none for a country of one block.

    Raises:
        MakingError: there are more people than numbers, or a process ended too early (while iterating).
    """
    blocks = block_count(size)
    if blocks > MOST_BLOCKS:
        raise MakingError(f"the reserved prefixes have numbers for {MOST_BLOCKS * BLOCK:,} people at most")
    if blocks <= 1 or not workers:
        yield _made_here(seed, size, as_of)
        return
    count = min(workers, blocks)
    processes = [await _start(seed, size, first, count, as_of) for first in range(count)]
    try:
        yield _read(processes, blocks)
    finally:
        for process in processes:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _made_here(seed: int, size: int, as_of: date) -> AsyncIterator[Made]:
    for block in population(seed, size, as_of=as_of):
        yield _Here(block)


async def _start(seed: int, size: int, first: int, step: int, as_of: date) -> asyncio.subprocess.Process:
    words = ("-m", "population_registry.synthesis.making", *map(str, (seed, size, first, step)), str(as_of))
    path = environ.get("PYTHONPATH")
    return await asyncio.create_subprocess_exec(
        *(sys.executable, *words),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        limit=_CHUNK,
        env={**environ, "PYTHONPATH": f"{_ROOT}:{path}" if path else str(_ROOT)},
    )


async def _read(processes: list[asyncio.subprocess.Process], blocks: int) -> AsyncIterator[Made]:
    for number in range(blocks):
        reader = processes[number % len(processes)].stdout
        assert reader is not None
        line = await reader.readline()
        try:
            made = _Elsewhere(line, reader)
        except ValueError as error:
            raise MakingError("a process that makes the population ended before its work was done") from error
        yield made
