"""Dossiers as pure rules: every state, every move, every code (domain facts: public services, 4 and 5)."""

from datetime import date
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.portal_kit.dossiers import (
    CLOCK_PAUSES,
    CLOCK_RUNS,
    CODE,
    ENDED,
    MOVES,
    DossierState,
    MoveRefused,
    dossier_code,
    may_withdraw,
    move,
)

ALLOWED = {
    (1, 2), (1, 3), (1, 7), (2, 4), (2, 5), (2, 6), (2, 7), (2, 8), (4, 5), (4, 6), (4, 7), (4, 8), (4, 9),
    (5, 4), (5, 8), (5, 7), (6, 4), (6, 8), (6, 7), (7, 8), (9, 10),
}  # fmt: skip


@pytest.mark.parametrize(("state", "wanted"), list(product(DossierState, DossierState)))
def test_moves_are_those_of_the_national_catalogue(state: DossierState, wanted: DossierState) -> None:
    """Each of the hundred pairs is allowed or refused as the catalogue says (section 5)."""
    if (state.value, wanted.value) in ALLOWED:
        assert move(state, wanted) is wanted
    else:
        with pytest.raises(MoveRefused) as refusal:
            move(state, wanted)
        assert (refusal.value.state, refusal.value.wanted) == (state, wanted)


@given(st.lists(st.sampled_from(DossierState), max_size=30))
def test_whatever_is_tried_the_history_is_lawful(attempts: list[DossierState]) -> None:
    """Any sequence of attempts leaves a history of lawful moves, and nothing leaves an end."""
    history = [DossierState.SUBMITTED]
    for wanted in attempts:
        try:
            history.append(move(history[-1], wanted))
        except MoveRefused:
            continue
    assert all((one.value, other.value) in ALLOWED for one, other in pairwise(history))
    assert all(state not in ENDED for state in history[:-1])


def test_withdrawal_is_possible_until_a_decision_exists() -> None:
    """Decree 118/2025 Art. 21: not after the decision, not twice, not after an end."""
    withdrawable = {state for state in DossierState if may_withdraw(state)}
    assert {state.value for state in withdrawable} == {1, 2, 4, 5, 6}


def test_the_clock_runs_or_pauses_never_both() -> None:
    """The term runs in 2 and 4 and pauses in 5 and 6 (section 5); ends have no way out."""
    assert {state.value for state in CLOCK_RUNS} == {2, 4}
    assert {state.value for state in CLOCK_PAUSES} == {5, 6}
    assert all(not MOVES[state] for state in ENDED)


def test_codes_follow_the_circular() -> None:
    """Circular 04/2025/TT-VPCP Art. 23: agency, day of receipt, system, at least four digits of the day's number."""
    assert dossier_code("G01.899.05", date(2026, 11, 21), "01", 42) == "G01.899.05-261121-010042"
    assert dossier_code("G01.899.05", date(2026, 11, 21), "01", 12345) == "G01.899.05-261121-0112345"


@given(st.dates(date(2025, 1, 1), date(2099, 12, 31)), st.integers(1, 999_999))
def test_every_code_is_read_again(day: date, number: int) -> None:
    """What the portal makes, it also accepts in an address."""
    assert CODE.match(dossier_code("G34.899.01", day, "34", number))


@pytest.mark.attack
@pytest.mark.parametrize(
    "text", ["", "G01", "../etc/passwd", "G01.899.05-261121-010042\n", "G01-261121-１２３４", "x" * 500]
)
def test_other_texts_are_no_codes(text: str) -> None:
    """Line ends, foreign digits, paths and long texts never reach a query (attack 49)."""
    assert not CODE.match(text)
