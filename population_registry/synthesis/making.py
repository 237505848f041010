"""A process that makes every nth block of a country and writes them to standard output, one frame after another.

`python -m population_registry.synthesis.making SEED SIZE FIRST STEP DAY`. One block is made while the one before is
still being read; nobody who stops reading can make it hold more.
"""

import fcntl
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from queue import Queue
from threading import Thread
from typing import BinaryIO

from population_registry.synthesis.copying import frame
from population_registry.synthesis.population import population, texts

_PIPE = 1 << 20


def frames(seed: int, size: int, first: int, step: int, as_of: date) -> Iterator[list[bytes]]:
    """The frames of these blocks."""
    for block in population(seed, size, as_of=as_of, first=first, step=step):
        yield list(frame(block.people, texts(block), block.tokens))


def main(arguments: list[str], output: BinaryIO) -> int:
    """Write the frames; answers 1 when the reader went away."""
    seed, size, first, step = map(int, arguments[:4])
    waiting: Queue[list[bytes] | None] = Queue(maxsize=1)
    reader_left = False

    def write() -> None:
        nonlocal reader_left
        while (parts := waiting.get()) is not None:
            try:
                if not reader_left:
                    output.writelines(parts)
                    output.flush()
            except BrokenPipeError:
                reader_left = True

    writer = Thread(target=write)
    writer.start()
    try:
        for parts in frames(seed, size, first, step, date.fromisoformat(arguments[4])):
            waiting.put(parts)
            if reader_left:
                break
    finally:
        waiting.put(None)
        writer.join()
    return int(reader_left)


if __name__ == "__main__":
    with suppress(OSError, AttributeError):
        fcntl.fcntl(
            sys.stdout, fcntl.F_SETPIPE_SZ, _PIPE
        )  # fewer, larger reads where the system has it (Linux)
    code = main(sys.argv[1:], sys.stdout.buffer)
    if code:
        with suppress(OSError):
            sys.stdout.close()
    sys.exit(code)
