"""The stream of batches: same seed, size and day give the same rows, and so the same manifest."""

from collections.abc import Iterator
from datetime import date

from population_registry.synthesis.homes import HomeMaker
from population_registry.synthesis.manifest import Digester, Manifest
from population_registry.synthesis.rows import Rows

AS_OF = date(2026, 11, 1)
"""The day on which the population is as described; ages and terms count from here."""

BATCH = 2_000
"""People per batch: what is held in memory at a time."""


def population(seed: int, size: int, *, as_of: date = AS_OF) -> Iterator[Rows]:
    """Batches of rows for exactly `size` people, in an order that keeps references whole."""
    maker, left = HomeMaker(seed, as_of), size
    while left > 0:
        rows, wanted = Rows(), min(BATCH, left)
        while rows.people < wanted:
            left -= maker.write(rows, left)
        yield rows


def manifest_of(seed: int, size: int, *, as_of: date = AS_OF) -> Manifest:
    """What the population of that seed, size and day will be, without a database."""
    digester = Digester()
    for rows in population(seed, size, as_of=as_of):
        digester.take(rows)
    return digester.manifest({"seed": seed, "size": size, "as_of": as_of.isoformat()})
