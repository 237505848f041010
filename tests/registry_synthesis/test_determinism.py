"""Same seed, same people."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from population_registry.synthesis import manifest_of, population
from population_registry.synthesis.homes import HomeMaker
from population_registry.synthesis.population import AS_OF, BATCH
from population_registry.synthesis.rows import Rows

GOLDEN = "6b8ba2ff644d0ebad370593043d353e15b455b8ca286b7fff83318d1eb831b96"


def test_same_seed_and_size_give_the_same_manifest() -> None:
    """The manifest's SHA-256 depends on seed and size alone."""
    assert manifest_of(6, 1_000) == manifest_of(6, 1_000)


def test_another_seed_or_size_gives_another_manifest() -> None:
    """A digest that ignored its input would prove nothing."""
    assert len({manifest_of(seed, size).digest for seed in (6, 7) for size in (500, 501)}) == 4


def test_this_generation_of_the_code_gives_this_population() -> None:
    """Guards against rows changing unnoticed: whoever changes them raises GENERATION and this digest."""
    assert manifest_of(6, 500).digest == GOLDEN


def test_memory_is_bounded_by_the_batch() -> None:
    """A batch holds two thousand people and at most one household more, whatever the size of the country."""
    batches = [rows.people for rows in population(6, 7_000)]
    assert len(batches) == 4
    assert max(batches) < BATCH + 30


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**40), st.integers(0, 400))
def test_exactly_as_many_people_as_asked(seed: int, size: int) -> None:
    """The last household is cut to fit."""
    assert sum(rows.people for rows in population(seed, size)) == size


def test_batch_limits_leave_no_trace() -> None:
    """Households follow one another alike however the stream is cut."""
    maker, rows, left = HomeMaker(6, AS_OF), Rows(), 3_000
    while left > 20:
        left -= maker.write(rows, 20)
    streamed: list[object] = []
    for batch in population(6, 5_000):
        streamed += batch.tables["person"]
    assert streamed[: len(rows.tables["person"])] == rows.tables["person"]
