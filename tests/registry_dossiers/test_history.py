"""The made-up year of dossiers: every one walked by the engine's acts, the same for the same seed and day."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from itertools import pairwise

from population_registry.dossiers.codes import is_code
from population_registry.dossiers.states import may_move
from population_registry.dossiers.terms import Punctuality, punctuality
from population_registry.synthesis.history import DAYS, PURPOSE, Applicant, history

TODAY = date(2026, 11, 22)
PEOPLE = [Applicant(number, "00166") for number in range(300)]


def test_every_dossier_is_one_that_the_engine_allows():
    """Only moves of the catalogue, times in order and in the past, codes that nobody has twice, marked as made up."""
    made = list(history(PEOPLE, seed=6, today=TODAY))
    assert len({each.code for each in made}) == len(made)
    for each in made:
        assert is_code(each.code)
        assert each.purpose == PURPOSE
        states = [event.state for event in each.history]
        assert all(a is b or may_move(a, b) for a, b in pairwise(states))
        moments = [event.occurred_at for event in each.history]
        assert moments == sorted(moments)
        assert moments[-1].date() < TODAY
        assert (TODAY - moments[0].date()).days <= DAYS + 15


def test_the_same_seed_makes_the_same_year():
    """Another seed makes another one; some are late, and most are not."""
    once, again, other = (list(history(PEOPLE, seed=seed, today=TODAY)) for seed in (6, 6, 7))
    assert once == again != other
    found = Counter(punctuality(each.history, each.term, datetime(2026, 11, 22, tzinfo=UTC)) for each in once)
    assert found[Punctuality.ON_TIME] > 4 * found[Punctuality.LATE] > 0
