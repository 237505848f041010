"""The labelled hard pairs: their file, the measure, and the table in docs/verification.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from population_registry.matching import Grade
from population_registry.pairs import judged_pairs, table, wrong

DOCUMENT = Path(__file__).parents[2] / "docs" / "verification.md"


@pytest.fixture(scope="module")
def pairs():
    """All pairs, judged once."""
    return judged_pairs()


def test_the_documents_table_is_what_the_command_prints(pairs):
    """docs/verification.md holds the figures of `python -m population_registry pairs`, to the letter."""
    assert "\n".join(table(pairs)) in DOCUMENT.read_text("utf-8")


def test_there_are_several_hundred_pairs_of_every_kind(pairs):
    """Names, dates, numbers and addresses, of the same and of others."""
    assert len(pairs) >= 500
    for kind in ("name", "date", "number", "address"):
        assert {pair.same for pair in pairs if pair.kind == kind} == {True, False}
    assert len({(pair.kind, pair.asked, pair.registered) for pair in pairs}) == len(pairs)


@pytest.mark.attack
def test_nothing_else_is_ever_taken_for_a_match(pairs):
    """Attack 50: no pair of two people or places is a `match`: look-alike letters, regional names, other houses."""
    sure = {Grade.EXACT, Grade.EQUAL_AFTER_NORMALISATION}
    assert not [pair for pair in pairs if not pair.same and pair.found.grade in sure]


def test_what_is_judged_otherwise_is_shown(pairs):
    """`--wrong` prints every pair that is judged otherwise than labelled, with the rule that made it."""
    lines = list(wrong(pairs))
    assert len(lines) == sum(pair.same is (pair.found.grade is Grade.DIFFERENT) for pair in pairs)
    assert any("typing slip" in line for line in lines)
