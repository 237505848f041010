"""Command for matching: `python -m population_registry pairs` measures it on the labelled hard pairs of `data/`.

Each pair was written by a rule that stands beside it, and labelled by what is true: one person or place, or two. The
pairs are hard on purpose and of no frequency, so the figures compare versions of the rules; they promise nothing of
everyday data, where most values are simply equal.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from population_registry.domain import PartialDate
from population_registry.domain.dates import PartialDateError
from population_registry.matching import (
    Comparison,
    Gazetteer,
    Grade,
    Successors,
    compare_addresses,
    compare_dates,
    compare_names,
    compare_numbers,
)
from population_registry.storage.gazetteer import load_gazetteer
from population_registry.storage.reference import read_rows

FILE = "hard_pairs.csv"
_MATCH = frozenset({Grade.EXACT, Grade.EQUAL_AFTER_NORMALISATION})


@dataclass(frozen=True, slots=True)
class Pair:
    """Two values of one kind, the rule that made them, the truth, and what the matching says."""

    kind: str
    asked: str
    registered: str
    rule: str
    same: bool
    found: Comparison


@dataclass(frozen=True, slots=True)
class Measure:
    """How often a judgement was right: precision of what was taken for the same, recall of what is the same."""

    right: int
    taken: int
    same: int

    def __str__(self) -> str:
        """Precision and recall in percent."""
        return f"{_percent(self.right, self.taken)} | {_percent(self.right, self.same)}"


def _percent(part: int, whole: int) -> str:
    return "–" if whole == 0 else f"{100 * part / whole:.1f} %"


def judged_pairs() -> tuple[Pair, ...]:
    """Every pair of the file, judged."""
    judges = _judges(load_gazetteer(), _successors())
    return tuple(
        Pair(
            row["kind"],
            row["asked"],
            row["registered"],
            row["rule"],
            row["same"] == "yes",
            judges[row["kind"]](row["asked"], row["registered"]),
        )
        for row in read_rows(FILE)
    )


def _judges(places: Gazetteer, successors: Successors) -> Mapping[str, Callable[[str, str], Comparison]]:
    def address(asked: str, registered: str) -> Comparison:
        commune, text, as_issued = registered.split("|")
        return compare_addresses(asked, text, commune, as_issued or None, places, successors)

    return {
        "name": compare_names,
        "date": _dates,
        "number": lambda asked, registered: compare_numbers(asked, (registered,)),
        "address": address,
    }


def _dates(asked: str, registered: str) -> Comparison:
    try:
        return compare_dates(PartialDate.parse(asked), PartialDate.parse(registered))
    except PartialDateError:
        return Comparison(Grade.DIFFERENT)  # refused at the door: no such day


def _successors() -> Successors:
    rows = ((row["new_code"], row["old_ward_code"]) for row in read_rows("commune_predecessors_2025.csv"))
    return Successors.from_pairs((new, old) for new, old in rows if old)


def measure(pairs: Iterable[Pair], grades: frozenset[Grade]) -> Measure:
    """Taking these grades for the same person or place."""
    every = list(pairs)
    taken = [pair for pair in every if pair.found.grade in grades]
    return Measure(sum(pair.same for pair in taken), len(taken), sum(pair.same for pair in every))


def table(pairs: Iterable[Pair]) -> Iterator[str]:
    """The lines of the table in docs/verification.md."""
    every = list(pairs)
    yield "| kind | pairs (same + other) | `match`: precision | recall | `match` or `close`: precision | recall |"
    yield "|---|---|---|---|---|---|"
    kinds = list(dict.fromkeys(pair.kind for pair in every))
    for kind in (*kinds, None):
        chosen = [pair for pair in every if kind in {None, pair.kind}]
        same = sum(pair.same for pair in chosen)
        sure, wide = measure(chosen, _MATCH), measure(chosen, _MATCH | {Grade.NEAR})
        named = "all" if kind is None else kind
        yield f"| {named} | {same} + {len(chosen) - same} | {sure} | {wide} |"


def wrong(pairs: Iterable[Pair]) -> Iterator[str]:
    """One line for each pair that is not judged as it is labelled: taken for the same though other, or refused."""
    for pair in pairs:
        if pair.same is not (pair.found.grade is not Grade.DIFFERENT):
            reasons = " ".join(reason.value for reason in pair.found.reasons)
            said = f"{pair.found.grade.value} {reasons}".strip()
            yield f"{pair.kind}: {pair.asked!r} ~ {pair.registered!r}: {said}; {pair.rule}"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `pairs`."""
    parser.add_argument("--wrong", action="store_true", help="also the pairs that are judged otherwise")


def run(options: argparse.Namespace) -> None:
    """Print the table, and on request the pairs that are judged otherwise."""
    pairs = judged_pairs()
    lines = [*table(pairs), *(["", *wrong(pairs)] if options.wrong else [])]
    sys.stdout.write("\n".join(lines) + "\n")
