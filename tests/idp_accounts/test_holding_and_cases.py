"""Who may hold an account, who acts for whom until when, and what the centre decides."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.accounts import cases
from idp.accounts.cases import Case, CaseKind, CaseState
from idp.accounts.holding import (
    Applicant,
    Dependant,
    age,
    birthday,
    may_hold,
    may_represent,
    may_use_account_of,
)
from idp.accounts.life import Actor, LockReason, NotAllowed
from idp.domain.account import AccountType

TODAY = date(2026, 11, 22)
CITIZEN, FOREIGNER = AccountType.CITIZEN, AccountType.FOREIGNER


def refusal(applicant: Applicant, level: int) -> str:
    """Why not; empty when it may be."""
    try:
        may_hold(applicant, level, TODAY)
    except NotAllowed as refused:
        return refused.code
    return ""


@pytest.mark.parametrize(
    ("kind", "born", "card", "represented", "level", "why"),
    [
        (CITIZEN, date(1994, 5, 17), True, False, 2, ""),
        (CITIZEN, date(1994, 5, 17), False, False, 1, "no_valid_card"),
        (CITIZEN, date(2012, 11, 22), True, False, 2, ""),
        (CITIZEN, date(2012, 11, 23), True, False, 1, "representative_needed"),
        (CITIZEN, date(2012, 11, 23), True, True, 2, ""),
        (CITIZEN, date(2020, 11, 23), True, True, 2, "too_young_for_level_2"),
        (CITIZEN, date(2020, 11, 23), True, True, 1, ""),
        (CITIZEN, None, True, False, 1, "birth_date_unknown"),
        (FOREIGNER, date(2021, 1, 1), True, True, 2, "too_young_for_level_2"),
        (AccountType.ORGANISATION, None, False, False, 1, ""),
        (AccountType.ORGANISATION, None, False, False, 2, "one_level_only"),
    ],
)
def test_who_may_hold_which_account(
    kind: AccountType,
    born: date | None,
    card: bool,
    represented: bool,
    level: int,
    why: str,
) -> None:
    """Decree 69/2024/NĐ-CP, Art. 7."""
    assert refusal(Applicant(kind, born, has_card=card, represented=represented), level) == why


@pytest.mark.attack
def test_acting_for_a_child_ends_on_the_birthday() -> None:
    """Attack 52: delegation after age-out; 14th and 18th birthday by the clock alone (Civil Code, 21)."""
    child = Dependant("099312000001", "Phạm An", date(2012, 11, 22), "child")
    assert may_use_account_of(child, TODAY - timedelta(days=1))
    assert not may_use_account_of(child, TODAY)
    assert may_represent(child, TODAY)
    assert not may_represent(child, date(2030, 11, 22))
    ward = Dependant("099060000001", "Phạm Bình", date(1960, 1, 1), "ward", ward=True)
    assert may_use_account_of(ward, TODAY)
    assert may_represent(ward, TODAY)


@given(st.dates(date(1900, 1, 1), date(2020, 1, 1)), st.integers(1, 30))
def test_a_birthday_is_the_first_day_of_an_age(born: date, years: int) -> None:
    """Whoever was born on 29 February too (Civil Code 2015, Art. 148)."""
    day = birthday(born, years)
    assert age(born, day) == years
    assert age(born, day - timedelta(days=1)) == years - 1


def asked() -> Case:
    """A lock that a body conducting proceedings asked for."""
    return Case("c1", "account", CaseKind.LOCK, LockReason.JUDICIAL_REQUEST, "12/QĐ-CSĐT", "officer-1", 1)


def code_of(act: object, *given: object, **named: object) -> str:
    """The code with which an act on a case is refused."""
    with pytest.raises(NotAllowed) as caught:
        act(*given, **named)  # type: ignore[operator]  # any act
    return caught.value.code


@pytest.mark.attack
def test_the_centre_decides_what_others_asked_for() -> None:
    """Attack 49: approver is not requester, nothing is decided twice, and a local officer decides nothing."""
    case = cases.forward(asked(), "officer-2", Actor.OFFICER)
    assert code_of(cases.decide, case, "officer-3", Actor.OFFICER, 2, approve=True) == "centre_only"
    for involved in ("officer-1", "officer-2"):
        assert code_of(cases.decide, case, involved, Actor.CENTRE, 2, approve=True) == "four_eyes"
    assert code_of(cases.decide, asked(), "centre", Actor.CENTRE, 2, approve=True) == "case_requested"
    done = cases.decide(case, "centre", Actor.CENTRE, 2, approve=True)
    assert (done.state, done.decided_by) == (CaseState.APPROVED, "centre")
    assert code_of(cases.decide, done, "other", Actor.CENTRE, 3, approve=False) == "case_approved"
    assert code_of(cases.forward, done, "other", Actor.OFFICER) == "case_approved"
    assert code_of(cases.withdraw, done, "officer-1") == "case_approved"


def test_a_person_takes_their_own_request_back() -> None:
    """Until somebody decided; nobody else can."""
    case = cases.own_close("c2", "account", 1)
    assert cases.withdraw(case, "account").state is CaseState.WITHDRAWN
    assert code_of(cases.withdraw, case, "somebody") == "not_for_this_actor"
    assert code_of(cases.forward, case, "officer", Actor.SUBJECT) == "not_for_this_actor"
