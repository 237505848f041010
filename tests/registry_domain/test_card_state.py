"""What a card is worth on a day, as a hospital asks at check-in."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from population_registry.domain import CardState, HealthInsurance, InsuranceState, PartialDate, card_on
from population_registry.domain.insurance_groups import BENEFIT_DIGITS, Payer, payer_of, waits

ADULT, BABY = PartialDate(1990), PartialDate(2024, 3, 1)
DAY = date(2026, 11, 23)


def card(group="GD", begins=date(2026, 1, 1), ends=date(2026, 12, 31), state="in_force", since=None):
    """A card of that group."""
    digit = BENEFIT_DIGITS[group]
    code = f"{group}{digit}019900000101"
    return HealthInsurance(code, group, digit, begins, ends, "x", None, InsuranceState(state), since)


@pytest.mark.parametrize(
    ("cards", "state", "pays"),
    [
        ([card()], "000", True),
        ([card("QN")], "001", True),
        ([card("CA")], "002", True),
        ([card(ends=date(2026, 11, 22))], "010", False),
        ([], "050", False),
        ([card(state="withdrawn")], "110", False),
        ([card(state="reduced", since=date(2026, 11, 1))], "120", False),
        ([card(state="moved_out", since=date(2026, 11, 1))], "121", False),
        ([card(state="moved_within", since=date(2026, 11, 1))], "122", False),
        ([card(state="reincreased", since=date(2026, 11, 1))], "123", False),
        ([card(state="stopped", since=date(2026, 11, 23))], "124", False),
        ([card(state="stopped", since=date(2026, 11, 24))], "000", True),
        ([card(begins=date(2026, 12, 1), ends=date(2027, 11, 30))], "not_begun", False),
    ],
)
def test_state_of_the_card(cards, state, pays):
    """The code of the look-up for each state, and whether the hospital is paid (insurance.md section 5)."""
    found = card_on(cards, DAY, birth=ADULT)
    assert (found.state, found.state.pays) == (CardState(state), pays)


def test_a_state_holds_from_its_day_on():
    """A visit before the card was stopped stays paid: the question is about a day, not about today."""
    stopped = card(state="stopped", since=date(2026, 6, 1))
    assert card_on([stopped], date(2026, 5, 31), birth=ADULT).state is CardState.VALID
    assert card_on([stopped], date(2026, 6, 1), birth=ADULT).state is CardState.STOPPED
    assert card_on([stopped], date(2027, 1, 1), birth=ADULT).state is CardState.STOPPED
    assert stopped.last_day == date(2026, 5, 31)


def test_a_card_stopped_before_it_began_pays_for_no_day():
    """Whoever dies or moves to another group within the 30 days was never covered by that card."""
    stopped = card(begins=date(2026, 12, 1), ends=date(2027, 11, 30), state="stopped", since=DAY)
    assert stopped.last_day is None
    assert card_on([stopped], date(2026, 12, 5), birth=ADULT).state is CardState.STOPPED


def test_a_child_without_a_card_is_treated_all_the_same():
    """Code 130: a child under six needs no card (Decree 188/2025 Art. 37), from the sixth birthday on it does."""
    assert card_on([], DAY, birth=BABY).state is CardState.CHILD_WITHOUT_CARD
    assert card_on([], date(2030, 3, 1), birth=BABY).state is CardState.NONE


def test_an_old_card_leads_to_the_new_one():
    """003: the card shown has expired, 004: it still pays; either way the better card is what counts."""
    old = card("GD", date(2025, 1, 1), date(2025, 12, 31))
    new = card("HN")
    expired = card_on([old, new], DAY, birth=ADULT, shown=old.card_code)
    assert (expired.state, expired.card) == (CardState.REPLACED_EXPIRED, new)
    both = card_on([card("GD"), new], DAY, birth=ADULT, shown=card("GD").card_code)
    assert (both.state, both.card) == (CardState.REPLACED_VALID, new)
    assert card_on([old, new], DAY, birth=ADULT, shown=new.card_code).state is CardState.VALID


def test_of_several_groups_the_highest_counts():
    """Law 25/2008 Art. 22: 100 % of the poor household before 80 % of the enterprise, whichever is newer."""
    found = card_on([card("DN", date(2026, 6, 1)), card("HN")], DAY, birth=ADULT)
    assert found.card is not None
    assert found.card.group == "HN"


def test_no_card_pays_from_the_day_of_death():
    """The card is invalid from the date of death, also while its row does not say so yet (insurance.md section 9)."""
    died = date(2026, 11, 20)
    assert card_on([card()], died, birth=ADULT, died=died).state is CardState.STOPPED
    assert card_on([card()], date(2026, 11, 19), birth=ADULT, died=died).state is CardState.VALID


@given(
    st.lists(
        st.builds(
            card,
            group=st.sampled_from(["GD", "DN", "HN", "QN"]),
            begins=st.dates(date(2025, 1, 1), date(2026, 12, 31)),
            ends=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
            state=st.sampled_from([each.value for each in InsuranceState]),
            since=st.none() | st.dates(date(2025, 1, 1), date(2027, 12, 31)),
        )
    ),
    st.dates(date(2024, 12, 1), date(2028, 1, 31)),
)
def test_every_day_has_a_state_and_it_pays_exactly_when_a_card_does(cards, day):
    """No history of cards is without an answer, and the answer agrees with the cards."""
    found = card_on(cards, day, birth=ADULT)
    assert found.state.pays is any(each.in_force(day) for each in cards)
    if found.state.pays:
        assert found.card is not None
        assert found.card.last_day is not None
        assert found.card.valid_from <= day <= found.card.last_day


def test_groups_and_their_payers():
    """Art. 12: employers, the insurer, the State budget, subsidised, themselves; only the last two wait 30 days."""
    assert [payer_of(group) for group in ("DN", "HT", "TE", "HS", "GD")] == list(Payer)
    assert [group for group in ("DN", "HT", "TE", "HN", "CN", "HS", "SV", "GD") if waits(group)] == [
        "CN",
        "HS",
        "SV",
        "GD",
    ]
    assert (BENEFIT_DIGITS["TE"], BENEFIT_DIGITS["CN"], BENEFIT_DIGITS["GD"]) == (1, 3, 4)
