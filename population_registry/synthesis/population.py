"""The country as a row of blocks: same seed, size and day give the same rows, and so the same manifest."""

from collections.abc import Iterator
from datetime import date

from population_registry.synthesis.block import Block, BlockMaker
from population_registry.synthesis.copying import Copied, copied
from population_registry.synthesis.inputs import AS_OF
from population_registry.synthesis.manifest import Digester, Manifest
from population_registry.synthesis.rows import BLOCK


def block_count(size: int) -> int:
    """How many blocks a country of that size has; all but the last are full."""
    return -(-size // BLOCK)


def population(
    seed: int, size: int, *, as_of: date = AS_OF, first: int = 0, step: int = 1
) -> Iterator[Block]:
    """The blocks of a country of exactly `size` people: every `step`th from `first` on."""
    blocks = block_count(size)
    if first >= blocks:
        return
    maker = BlockMaker(seed, blocks, as_of)
    for number in range(first, blocks, step):
        yield maker.make(number, min(BLOCK, size - number * BLOCK))


def texts(block: Block) -> dict[str, Copied]:
    """The block's tables as COPY reads them."""
    return {name: copied(columns) for name, columns in block.tables.items()}


def manifest_of(seed: int, size: int, *, as_of: date = AS_OF) -> Manifest:
    """What the population of that seed, size and day will be, without a database."""
    digester = Digester()
    for block in population(seed, size, as_of=as_of):
        digester.take(texts(block))
    return digester.manifest({"seed": seed, "size": size, "as_of": as_of.isoformat()})
