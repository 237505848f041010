"""Household health insurance: the premium table, the order of members, the first day of the card."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from population_registry.dossiers.working_days import VIET_NAM
from population_registry.procedures.insurance_household import assess, card_start, claims, read
from population_registry.procedures.premium import NoBaseSalaryError, base_salary, monthly_premium
from population_registry.verification.answers import MATCH, ClaimResult, Flag, InsuranceDetail
from population_registry.verification.refusals import Refusal

MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=VIET_NAM)
NEVER = InsuranceDetail("none", "never", "none", None, "other")
CHILD = InsuranceDetail("none", "never", "none", None, "under_6")
WORKER = InsuranceDetail("active", "none", "other", "2026-12-31", "other")
MEMBER = InsuranceDetail("active", "none", "household", "2026-12-31", "other")
SHORT = InsuranceDetail("expired", "under_90", "household", "2026-10-01", "other")
LONG = InsuranceDetail("expired", "from_90", "household", "2026-05-31", "other")
DETAILS = st.sampled_from([NEVER, CHILD, WORKER, MEMBER, SHORT, LONG, None])


def judged(details, months=12, **inputs):
    """The assessment of members with these details."""
    numbers = [f"0990000000{n:02d}" for n in range(len(details))]
    results = {
        "name": MATCH,
        "birth_date": MATCH,
        "alive": MATCH,
        "household_members": ClaimResult(Flag.MATCH, members=(Flag.MATCH,) * len(details)),
        "health_insurance": ClaimResult(Flag.MATCH, members=(), member_details=tuple(details)),
    }
    given_inputs = {"members": numbers, "months": months, "paid_on": "2026-11-16"} | inputs
    return assess(read(given_inputs), results, MONDAY, established=True)


def test_premium_table():
    """insurance.md section 2: 113,850 / 79,695 / 68,310 / 56,925 / 45,540 đồng a month at 2,530,000."""
    day = date(2026, 11, 16)
    assert [monthly_premium(order, day) for order in range(1, 8)] == [
        113850,
        79695,
        68310,
        56925,
        45540,
        45540,
        45540,
    ]
    assert [monthly_premium(order, day) * 12 for order in range(1, 6)] == [
        1366200,
        956340,
        819720,
        683100,
        546480,
    ]


@pytest.mark.parametrize(
    ("day", "amount"),
    [(date(2024, 7, 1), 2_340_000), (date(2026, 6, 30), 2_340_000), (date(2026, 7, 1), 2_530_000)],
)
def test_base_salary_by_date(day, amount):
    """Decree 73/2024 and Decree 161/2026."""
    assert base_salary(day) == amount


def test_no_base_salary_before_the_table():
    """A day before the oldest known amount is refused, not guessed."""
    with pytest.raises(NoBaseSalaryError):
        base_salary(date(2024, 6, 30))


@pytest.mark.parametrize(
    ("detail", "begins", "rule"),
    [
        (NEVER, date(2026, 12, 16), "after_30_days"),
        (LONG, date(2026, 12, 16), "after_30_days"),
        (SHORT, date(2026, 11, 16), "short_interruption"),
        (MEMBER, date(2027, 1, 1), "renewal"),
        (None, date(2026, 12, 16), "after_30_days"),
    ],
)
def test_first_day_of_the_card(detail, begins, rule):
    """Law 25/2008 Art. 16(3): renewal follows on; under 90 days from payment; otherwise after 30 days."""
    assert card_start(detail, date(2026, 11, 16)) == (begins, rule)


def test_only_those_who_join_count_in_the_order():
    """A worker and a child under six do not move the others down the table (Decree 188/2025 Art. 6(5)(b))."""
    found = judged([WORKER, NEVER, CHILD, SHORT]).document()
    members = found["premium"]["members"]
    assert [member["included"] for member in members] == [False, True, False, True]
    assert [member.get("share_percent") for member in members] == [None, 100, None, 70]
    checks = {check["code"]: check["flag"] for check in found["checks"]}
    assert checks["not_otherwise_insured"] == "fail"
    assert checks["age"] == "fail"


def test_members_who_paid_earlier_this_year_come_first():
    """The order goes on within the year."""
    assert judged([NEVER], already_paid=2).document()["premium"]["members"][0]["share_percent"] == 60


def test_five_working_days():
    """Decree 188/2025 Art. 11: issued within five working days (24 November 2026 is a public holiday)."""
    assert judged([NEVER]).document()["deadline"]["due_on"] == "2026-11-23"


@settings(deadline=None)  # the first use of the calendar reads it
@given(st.lists(DETAILS, min_size=1, max_size=20), st.sampled_from([3, 6, 12]))
def test_premium_properties(details, months):
    """The total is the sum of its parts, shares never rise along the order, only those who may join pay."""
    premium = judged(details, months).document()["premium"]
    payers = [member for member in premium["members"] if member["included"]]
    assert premium["total"] == sum(member["amount"] for member in payers)
    shares = [member["share_percent"] for member in payers]
    assert shares == sorted(shares, reverse=True)
    assert len(payers) == sum(detail in {NEVER, MEMBER, SHORT, LONG} for detail in details)


def test_question_to_the_registry():
    """The registry is asked about the household and, on the day of payment, about every member's insurance."""
    inputs = read({"members": ["099000000001"], "months": 3, "paid_on": "2026-11-16"})
    asked = claims(inputs, MONDAY)
    assert asked["household_members"] == ["099000000001"]
    assert asked["health_insurance"] == {"on": "2026-11-16", "state": "active", "members": ["099000000001"]}


@pytest.mark.parametrize(
    "wrong",
    [
        {"months": 4},
        {"months": True},
        {"paid_on": "2024-01-01"},
        {"members": []},
        {"members": [1]},
        {"members": ["099000000001"] * 21},
        {"members": None},
        {"already_paid": -1},
        {"facility": "x" * 201},
    ],
)
def test_inputs_are_strict(wrong):
    """A wrong input is refused."""
    with pytest.raises(Refusal):
        read({"members": ["099000000001"], "months": 3, "paid_on": "2026-11-16"} | wrong)
