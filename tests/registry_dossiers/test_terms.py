"""The clock of a dossier and the late rule (public-services.md section 5, residence.md sections 3 and 11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from population_registry.dossiers import DossierState, Term
from population_registry.dossiers.terms import Punctuality, clock, due_day, punctuality
from population_registry.dossiers.working_days import VIET_NAM, is_working_day

S = DossierState


@dataclass(frozen=True)
class Line:
    """A line of history."""

    state: DossierState
    occurred_at: datetime


def at(day, hour=9):
    """A moment of November 2026 in Việt Nam; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, tzinfo=VIET_NAM)


def history(*moves):
    """Lines of (state, day)."""
    return [Line(state, at(day)) for state, day in moves]


def test_the_clock_starts_at_receipt():
    """Section 3: a dossier handed in online is received at the receipt act, not at submission."""
    assert clock(history((S.SUBMITTED, 16)), Term.days(3)).due_on is None
    found = clock(history((S.SUBMITTED, 16), (S.RECEIVED, 18)), Term.days(3))
    assert (found.received_on, found.due_on) == (date(2026, 11, 18), date(2026, 11, 23))


def test_the_clock_pauses_and_goes_on():
    """Section 11: state 5 stops the counting; what was left counts from the day of the answer."""
    moves = ((S.RECEIVED, 16), (S.PROCESSING, 16), (S.SUPPLEMENT_WANTED, 17))
    paused = clock(history(*moves), Term.days(3))
    assert (paused.running, paused.due_on, paused.used_half_days) == (False, None, 2)
    assert clock(history(*moves, (S.PROCESSING, 25)), Term.days(3)).due_on == date(2026, 11, 27)


@pytest.mark.parametrize(
    ("half_days", "begun", "due"),
    [
        (1, at(23, 9), date(2026, 11, 23)),
        (1, at(25, 13), date(2026, 11, 26)),
        (1, at(23, 13), date(2026, 11, 25)),
        (1, at(21, 9), date(2026, 11, 23)),
        (0, at(23, 13), date(2026, 11, 23)),
        (2, at(27, 13), date(2026, 11, 30)),
        (14, at(23, 9), date(2026, 12, 3)),
    ],
)
def test_half_days(half_days, begun, due):
    """Half a working day from before noon is today, later tomorrow; the 24th is a public holiday since 2026."""
    assert due_day(half_days, begun) == due


@pytest.mark.parametrize(
    ("moves", "said"),
    [
        (((S.SUBMITTED, 16),), Punctuality.NOT_STARTED),
        (((S.RECEIVED, 20),), Punctuality.RUNNING),
        (((S.RECEIVED, 16),), Punctuality.LATE),
        (((S.RECEIVED, 16), (S.DONE, 19)), Punctuality.ON_TIME),
        (((S.RECEIVED, 16), (S.DONE, 19), (S.RETURNED, 24)), Punctuality.ON_TIME),
        (((S.RECEIVED, 16), (S.DONE, 20)), Punctuality.LATE),
        (((S.RECEIVED, 16), (S.SUPPLEMENT_WANTED, 17)), Punctuality.PAUSED),
        (((S.RECEIVED, 16), (S.SUPPLEMENT_WANTED, 20)), Punctuality.LATE),
        (
            ((S.RECEIVED, 16), (S.SUPPLEMENT_WANTED, 17), (S.PROCESSING, 23), (S.DONE, 24)),
            Punctuality.ON_TIME,
        ),
        (
            (
                (S.RECEIVED, 16),
                (S.SUPPLEMENT_WANTED, 17),
                (S.PROCESSING, 17),
                (S.SUPPLEMENT_WANTED, 17),
                (S.PROCESSING, 17),
                (S.DONE, 18),
            ),
            Punctuality.LATE,
        ),
        (((S.SUBMITTED, 16), (S.NOT_RECEIVED, 17)), Punctuality.NOT_STARTED),
    ],
)
def test_late_rule(moves, said):
    """Index 2.1: state 9 counts, 10 does not; waiting for a supplement is subtracted; two requests make it late."""
    assert punctuality(history(*moves), Term.days(3), at(24)) is said


def test_late_entry_makes_nothing_late():
    """Section 5: judged by when acts occurred; an officer who enters Thursday's decision on Monday was on time."""
    moves = history((S.RECEIVED, 16), (S.DONE, 19))
    assert punctuality(moves, Term.days(3), at(30)) is Punctuality.ON_TIME


@given(
    st.integers(0, 30),
    st.integers(0, 700 * 24),
    st.lists(st.integers(0, 400), min_size=0, max_size=6),
)
def test_the_clock_never_counts_pauses(half_days, began, hours):
    """However often it pauses, half days used while paused are none, and a running clock has a working due day."""
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=began)
    lines, used_running = [Line(S.RECEIVED, moment)], 0
    for place, wait in enumerate(hours):
        before = clock(lines, Term(half_days)).used_half_days
        moment += timedelta(hours=wait)
        lines.append(Line(S.SUPPLEMENT_WANTED if place % 2 == 0 else S.PROCESSING, moment))
        after = clock(lines, Term(half_days))
        if after.running:
            assert after.used_half_days == before
            assert after.due_on is not None
            assert half_days - before <= 0 or is_working_day(after.due_on)
        else:
            assert after.due_on is None
            used_running = after.used_half_days
    assert clock(lines, Term(half_days)).used_half_days == used_running
