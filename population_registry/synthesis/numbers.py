"""Issues numbers that nobody has: reserved prefixes, no repetition, each block from its own share of every series."""

import numpy as np

from population_registry.synthesis.draws import Ints, ranks

PREFIXES = ("097", "098", "099")
PREFIX_OF_REGION = np.array([0, 2, 1])
"""Of north, centre and south."""

PERSONA_SERIALS = 1_000
"""Serials below this belong to the personas."""

SERIES = 1_000_000 - PERSONA_SERIALS
_STEP = 618_031  # coprime with the length of a series, so its serials never repeat
SHARE = 99
"""Serials of one prefix, sex and year of birth that belong to one block."""

MOST_BLOCKS = SERIES // SHARE
_OLD_SHARE = 2_300
"""Nine-digit numbers of a block: more than a block of 10,000 needs."""

_SOCIAL_STEP, _SOCIAL = 61_803_399, 100_000_000


class SeriesExhaustedError(RuntimeError):
    """There are more people than numbers of the reserved prefixes."""


def personal_numbers(block: int, prefix: Ints, sex: Ints, year: Ints) -> tuple[list[str], Ints]:
    """Numbers whose digits say this sex and year (Circular 59/2021 Art. 4), and the prefixes that they got.

    A prefix whose share is used up hands over to the next one: where a birth was registered says nothing else.

    Raises:
        SeriesExhaustedError: the block's share of all prefixes is used up, or there are too many blocks.
    """
    if block >= MOST_BLOCKS:
        raise SeriesExhaustedError("too many people for the reserved prefixes")
    prefix = prefix.copy()
    digits = (2 * (year // 100 - 19) + sex) * 100 + year % 100
    for _ in range(len(PREFIXES)):
        series = prefix * 1_000 + digits
        rank = ranks(series)
        if not (over := rank >= SHARE).any():
            serial = PERSONA_SERIALS + ((block * SHARE + rank) * _STEP + series * 314_159) % SERIES
            numbers = (97 + prefix) * 10**9 + digits * 10**6 + serial
            return [f"{number:012d}" for number in numbers.tolist()], prefix
        prefix[over] = (prefix[over] + 1) % len(PREFIXES)
    raise SeriesExhaustedError("a block's share of a series is used up")


def old_numbers(block: int, blocks: int, wanted: int) -> list[str]:
    """Nine-digit numbers, as many as wanted while the three million of the reserved prefixes last.

    They are enough for thirteen million people; in a larger country fewer people ever had one.
    """
    share = min(_OLD_SHARE, len(PREFIXES) * SERIES // blocks)
    places = block * share + np.arange(min(wanted, share))
    serial = PERSONA_SERIALS + (places // len(PREFIXES) * _STEP) % SERIES
    return [f"{number:09d}" for number in ((97 + places % len(PREFIXES)) * 10**6 + serial).tolist()]


def social_numbers(people: Ints) -> list[str]:
    """The social-insurance number of each person by their place in the country; provinces 97 and 98 do not exist."""
    serial = people * _SOCIAL_STEP % _SOCIAL
    return [f"{number:010d}" for number in ((97 + people // _SOCIAL) * _SOCIAL + serial).tolist()]
