"""The apology of an authority that is late: owed, given once with a day that can be kept, owed again after it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from population_registry.dossiers import DossierRefusal, DossierRefused, DossierState, Form
from population_registry.dossiers import acts as done
from population_registry.dossiers.apologising import apologise, appointed_of, owes_apology
from population_registry.dossiers.terms import Punctuality, punctuality
from tests.registry_dossiers.filed import START, filed, moment

DAYS = 24 * 60
SORRY = "Cán bộ thụ lý nghỉ ốm"


def monday_after(weeks: int) -> date:
    """A Monday so many weeks after the start of the tests' time."""
    day = START.date() + timedelta(weeks=weeks)
    return day - timedelta(days=day.weekday())


def test_who_is_late_apologises_with_a_new_day() -> None:
    """public-services.md section 5, form 04: owed once the term is over, until the promised day; late stays."""
    dossier = done.receive(filed(), moment(5))
    late = moment(40 * DAYS)
    assert not owes_apology(dossier, moment(5).entered_at)
    assert owes_apology(dossier, late.entered_at)
    after = apologise(dossier, late, SORRY, monday_after(7))
    assert (after.state, after.history[-1].form) == (DossierState.PROCESSING, Form.APOLOGY)
    assert after.history[-1].detail == {"reason": SORRY, "appointed_on": monday_after(7).isoformat()}
    assert appointed_of(after) == monday_after(7)
    assert not owes_apology(after, late.entered_at)
    assert owes_apology(after, moment(60 * DAYS).entered_at)
    assert punctuality(after.history, after.term, late.entered_at) is Punctuality.LATE


@pytest.mark.parametrize(
    ("minutes", "day", "code"),
    [
        (10, monday_after(7), DossierRefusal.STATE),
        (40 * DAYS, monday_after(1), DossierRefusal.MOMENT),
        (40 * DAYS, monday_after(8) - timedelta(days=1), DossierRefusal.MOMENT),
    ],
)
def test_no_apology_without_cause_or_with_a_day_that_cannot_be_kept(
    minutes: int, day: date, code: DossierRefusal
) -> None:
    """Nobody apologises in time, promises yesterday, or a Sunday."""
    with pytest.raises(DossierRefused) as refused:
        apologise(done.receive(filed(), moment(5)), moment(minutes), SORRY, day)
    assert refused.value.code is code


def test_the_citizens_turn_owes_nothing() -> None:
    """While a supplement is awaited the clock pauses: it is not the authority that keeps the citizen waiting."""
    dossier = done.ask_supplement(done.receive(filed(), moment(5)), moment(10), "Bổ sung hợp đồng thuê")
    assert not owes_apology(dossier, moment(40 * DAYS).entered_at)
