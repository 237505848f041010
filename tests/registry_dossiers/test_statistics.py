"""Statistics of dossiers: what counts where, and what strangers may not see (Decision 766/QĐ-TTg)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from population_registry.dossiers import DossierState, FeeState, Filing, Term
from population_registry.dossiers.statistics import (
    LEAST,
    NAMES,
    ROUNDED_TO,
    By,
    Cell,
    Counted,
    Step,
    Tally,
    grouped,
    merged,
    published,
    tally,
    tally_of,
    total,
)
from population_registry.dossiers.working_days import VIET_NAM

S = DossierState
NOW = datetime(2026, 11, 27, 15, tzinfo=VIET_NAM)


def at(day, hour=9):
    """A moment of November 2026 in Việt Nam; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, tzinfo=VIET_NAM)


def dossier(*moves, **changed):
    """A dossier of three working days with a history of (state, day)."""
    known = {
        "procedure": "1.004194",
        "commune": "00166",
        "filed_at": at(16),
        "filing": Filing.ONLINE,
        "assisted": False,
        "term": Term.days(3),
        "amount": 0,
        "fee": FeeState.NONE,
        "history": tuple(Step(state, at(day)) for state, day in moves),
    }
    return Counted(**known | changed)


def said(counted):
    """What is not nought."""
    return {name: getattr(counted, name) for name in NAMES if getattr(counted, name)}


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        (((S.SUBMITTED, 16),), {"waiting": 1}),
        (((S.SUBMITTED, 16), (S.NOT_RECEIVED, 17)), {"refused_intake": 1}),
        (((S.RECEIVED, 25),), {"received": 1, "waiting": 1}),
        (((S.RECEIVED, 16),), {"received": 1, "waiting": 1, "overdue": 1}),
        (
            ((S.RECEIVED, 16), (S.PROCESSING, 16), (S.DONE, 18)),
            {"received": 1, "on_time": 1, "decided": 1, "half_days": 4},
        ),
        (
            ((S.RECEIVED, 16), (S.PROCESSING, 16), (S.DONE, 23)),
            {"received": 1, "late": 1, "decided": 1, "half_days": 10},
        ),
        (
            ((S.RECEIVED, 16), (S.PROCESSING, 16), (S.DONE, 18), (S.RETURNED, 27)),
            {"received": 1, "on_time": 1, "decided": 1, "half_days": 4},
        ),
        (((S.RECEIVED, 16), (S.WITHDRAWAL_ASKED, 17), (S.STOPPED, 18)), {"received": 1, "on_time": 1}),
    ],
)
def test_what_one_dossier_adds(moves, expected):
    """Index 2.1: the end is that of state 9; 10 later makes nothing late; what waits too long is overdue."""
    assert said(tally_of(dossier(*moves), NOW)) == {"filed": 1, "online": 1, **expected}


def test_assisted_filing_counts_as_online_and_as_assisted():
    """Statistics that hide assistance mislead (public-services.md section 12); paper is not online."""
    helped = tally_of(dossier(assisted=True), NOW)
    paper = tally_of(dossier(filing=Filing.PAPER, amount=15_000, fee=FeeState.PAID), NOW)
    assert (helped.online, helped.assisted) == (1, 1)
    assert (paper.online, paper.payable, paper.paid) == (0, 1, 1)
    both = helped + paper
    assert (both.online_share, both.assisted_share, both.paid_share) == (0.5, 0.5, 1.0)
    assert Tally().online_share is None


def test_a_month_is_one_of_viet_nam():
    """What is filed at 23:30 UTC on 31 October belongs to November."""
    late = dossier(filed_at=datetime.fromisoformat("2026-10-31T23:30:00+00:00"))
    assert list(tally([late], NOW)) == [Cell("1.004194", "00166", "2026-11")]


def test_a_province_sums_its_communes():
    """By province, and what belongs to none under the empty key."""
    cells = tally([dossier(), dossier(commune="00004"), dossier(commune=None)], NOW)
    rows = grouped(cells, By.PROVINCE, lambda commune: "01" if commune else "")
    assert {name: row.filed for name, row in rows.items()} == {"": 1, "01": 2}


tallies = st.builds(
    lambda filed, late, online: Tally(filed=filed, late=min(late, filed), online=min(online, filed)),
    st.integers(0, 60),
    st.integers(0, 60),
    st.integers(0, 60),
)


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=3), tallies, max_size=12))
def test_no_small_group_is_told(rows):
    """No row, no remainder and no total tells of fewer than ten dossiers, and no count is exact."""
    shown = published(rows)
    hidden = [name for name in rows if name not in shown.rows and rows[name].filed]
    assert all(rows[name].filed >= LEAST for name in shown.rows)
    assert sum(rows[name].filed for name in hidden) in range(LEAST) if shown.total is None else True
    if shown.others is not None:
        assert sum(rows[name].filed for name in hidden) >= LEAST
    elif shown.total is not None:
        assert not hidden
    for each in (*shown.rows.values(), shown.others, shown.total):
        if each is not None:
            told = [getattr(each, name) for name in NAMES if name != "half_days"]
            assert all(count % ROUNDED_TO == 0 for count in told)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=30), st.integers(1, 5))
def test_the_order_of_counting_says_nothing(days, parts):
    """Counted at once or month by month and merged: the same cells."""
    many = [dossier(filed_at=at(1) - timedelta(days=each)) for each in days]
    apart = merged(tally(many[part::parts], NOW) for part in range(parts))
    assert apart == tally(many, NOW)
    assert total(grouped(apart, By.MONTH, str)).filed == len(days)
