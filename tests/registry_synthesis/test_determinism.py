"""Same seed, same people, whoever makes them."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from population_registry.synthesis import AS_OF, MakingError
from population_registry.synthesis.copying import announced, copied
from population_registry.synthesis.making import main
from population_registry.synthesis.manifest import Digester, Hashed
from population_registry.synthesis.numbers import MOST_BLOCKS
from population_registry.synthesis.population import block_count, manifest_of, population, texts
from population_registry.synthesis.rows import BLOCK, COLUMNS
from population_registry.synthesis.workers import made_blocks

GOLDEN = "8a7a4137515a1242ca399c23574d7fe773a4ef26a8fae1dcb2ccfe310706dbb7"


def test_same_seed_and_size_give_the_same_manifest() -> None:
    """The manifest's SHA-256 depends on seed and size alone."""
    assert manifest_of(6, 1_000) == manifest_of(6, 1_000)


def test_another_seed_or_size_gives_another_manifest() -> None:
    """A digest that ignored its input would prove nothing."""
    assert len({manifest_of(seed, size).digest for seed in (6, 7) for size in (500, 501)}) == 4


def test_this_generation_of_the_code_gives_this_population() -> None:
    """Guards against rows changing unnoticed: whoever changes them raises GENERATION and this digest."""
    assert manifest_of(6, 500).digest == GOLDEN


@pytest.mark.parametrize("workers", [1, 2, 3])
async def test_any_number_of_workers_gives_the_same_rows(workers: int) -> None:
    """Blocks made by other processes have the bytes, and so the manifest, of those made here one after another."""
    size, digester = 3 * BLOCK + 70, Digester()
    async with made_blocks(6, size, workers=workers, as_of=AS_OF) as blocks:
        async for block in blocks:
            digester.take(block.tables)
            for name in COLUMNS:
                text = b"".join([chunk async for chunk in block.text(name)])
                assert text.count(b"\n") == block.tables[name].rows
    inputs = {"seed": 6, "size": size, "as_of": AS_OF.isoformat()}
    assert digester.manifest(inputs) == manifest_of(6, size)


async def test_a_worker_that_ends_early_is_noticed() -> None:
    """A process that breaks off is an error, never a smaller country."""

    async def read() -> None:
        async with made_blocks(-1, 3 * BLOCK, workers=1, as_of=AS_OF) as blocks:
            async for _ in blocks:
                pass

    with pytest.raises(MakingError, match="ended"):
        await read()


async def test_more_people_than_numbers_are_refused_at_once() -> None:
    """The reserved prefixes hold a little more than a hundred million people; nobody waits to learn that."""
    with pytest.raises(MakingError, match="100,900,000"):
        async with made_blocks(6, 100_900_001, workers=2, as_of=AS_OF):
            pass


def test_a_reader_who_leaves_ends_the_maker() -> None:
    """When nobody reads any more, the process stops making people and says so by its exit code."""

    class Closed(io.BytesIO):
        def writelines(self, _: object) -> None:
            raise BrokenPipeError

    assert main(["6", str(30 * BLOCK), "0", "1", AS_OF.isoformat()], Closed()) == 1


def test_memory_is_bounded_by_the_block() -> None:
    """A block holds ten thousand people, the last one the rest, whatever the size of the country."""
    assert [block.people for block in population(6, 2 * BLOCK + 1)] == [BLOCK, BLOCK, 1]
    assert [block.number for block in population(6, 5 * BLOCK, first=1, step=3)] == [1, 4]
    assert list(population(6, 0)) == list(population(6, BLOCK, first=1)) == []


def test_a_larger_country_begins_with_a_smaller_one() -> None:
    """A full block depends on seed and place alone, so people keep their numbers when the country grows."""
    small, large = next(population(6, BLOCK)), next(population(6, 9 * BLOCK))
    assert small == large


def test_a_country_of_a_hundred_million_has_numbers_for_everybody() -> None:
    """Each block has its share of every series of the reserved prefixes, up to a hundred million people."""
    assert block_count(100_000_000) <= MOST_BLOCKS
    last = next(population(6, 100_000_000, first=9_999))
    assert len(set(last.tables["person"][1])) == BLOCK
    assert not set(last.tables["person"][1]) & set(next(population(6, BLOCK)).tables["person"][1])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**40), st.integers(0, 400))
def test_exactly_as_many_people_as_asked(seed: int, size: int) -> None:
    """The last household is cut to fit, and every column has a value for each row."""
    for block in population(seed, size):
        assert block.people == size == len(block.tables["person"][0])
        for columns in block.tables.values():
            assert len({len(column) for column in columns}) == 1


def test_texts_hold_nothing_that_copy_would_misread() -> None:
    """No value holds a tab, a line end or a backslash but the NULL of COPY's text format."""
    (block,) = population(6, 2_000)
    for columns in block.tables.values():
        for column in columns:
            assert all(text == r"\N" or not set(text) & set("\t\n\r\\") for text in column)


def _hashed() -> Iterator[dict[str, Hashed]]:
    for block in population(6, 300):
        yield dict(texts(block))


def test_frames_announce_what_follows() -> None:
    """The line before a block tells rows, digest and length of each table; a broken line is refused."""
    output = io.BytesIO()
    assert main(["6", "300", "0", "1", AS_OF.isoformat()], output) == 0
    line, _, rest = output.getvalue().partition(b"\n")
    people, tables, tokens = announced(line)
    assert people == 300
    assert tokens == dict(next(population(6, 300)).tokens)
    assert sum(table.length for table in tables.values()) == len(rest)
    (expected,) = _hashed()
    assert {name: table.digest for name, table in tables.items()} == {
        name: table.digest for name, table in expected.items()
    }
    assert copied([["a", "b"], ["1", "2"]]).text == b"a\t1\nb\t2\n"
    for broken in (b"", b"[1", b"[1, [[1, 2, 3]], {}]", b"[1, []]"):
        with pytest.raises(ValueError, match="announced"):
            announced(broken)
