"""Health insurance by age and household (groups of insurance.md section 1, shares assumed)."""

from datetime import date, timedelta
from random import Random

from population_registry.domain import InsuranceState, SocialInsuranceNumber, birthday, card_code
from population_registry.synthesis.sampling import Weighted

InsuranceRow = tuple[str, str, int, date, date, str, date | None, str]
"""Card code, group, benefit digit, from, until, facility, five-year date, state."""

BENEFIT = {
    "TE": 1,
    "HN": 2,
    "DT": 2,
    "BT": 2,
    "HT": 3,
    "CN": 3,
    "DN": 4,
    "HC": 4,
    "HS": 4,
    "SV": 4,
    "GD": 4,
}
"""The benefit digit written on the card of each group (Decision 1351/QĐ-BHXH)."""

NONE, INTERRUPTED = "none", "interrupted"
_SCHOOL, _STUDENT, _WORK, _OLD, _VERY_OLD = 6, 18, 23, 60, 75
_BY_AGE = {
    _SCHOOL: Weighted([("HS", 95.0), (NONE, 5.0)]),
    _STUDENT: Weighted([("SV", 45.0), ("DN", 30.0), ("GD", 12.0), (NONE, 10.0), (INTERRUPTED, 3.0)]),
    _WORK: Weighted([("DN", 40.0), ("HC", 9.0), ("GD", 36.0), (NONE, 10.0), (INTERRUPTED, 5.0)]),
    _OLD: Weighted([("HT", 34.0), ("GD", 54.0), (NONE, 9.0), (INTERRUPTED, 3.0)]),
    _VERY_OLD: Weighted([("HT", 30.0), ("BT", 60.0), ("GD", 7.0), (NONE, 3.0)]),
}
_OF_HOUSEHOLD = Weighted([("", 92.5), ("HN", 2.5), ("CN", 3.0), ("DT", 2.0)])
_FIVE_YEARS = timedelta(days=5 * 365 + 1)
_TE_UNTIL_AGE = 6
_SCHOOL_BEGINS = 9
"""September: a child who turns six before it keeps the card to the 30th (Law 25/2008 Art. 16(3))."""


def household_group(rng: Random) -> str:
    """The group that insures a whole household: poor, near-poor, minority in a hard area; mostly none."""
    return _OF_HOUSEHOLD.draw(rng)


def insure(  # noqa: PLR0911 — one return per kind of cover reads as the list it is
    rng: Random, number: str, province: str, born: date, shared: str, facility: str, as_of: date
) -> InsuranceRow | None:
    """The newest card of one person; None when never insured."""
    sixth = birthday(born, _TE_UNTIL_AGE)
    if sixth > as_of:
        until = date(sixth.year, 9, 30) if sixth.month < _SCHOOL_BEGINS else sixth
        return _row("TE", number, province, born, until, facility, as_of)
    if shared:
        return _row(
            shared, number, province, date(as_of.year, 1, 1), date(as_of.year, 12, 31), facility, as_of
        )
    age = (as_of - born).days // 365
    group = _BY_AGE[max((start for start in _BY_AGE if start <= age), default=_SCHOOL)].draw(rng)
    if group == NONE:
        return None
    if group == INTERRUPTED:
        until = as_of - timedelta(days=rng.randint(91, 700))
        return _row("GD", number, province, until - timedelta(days=364), until, facility, as_of)
    if group == "GD":
        begun = as_of - timedelta(days=rng.randint(0, 330))
        return _row(
            "GD", number, province, begun, begun + timedelta(days=364), facility, as_of, rng.randint(0, 9)
        )
    if group == "HS":
        begun = date(as_of.year if as_of.month > _SCHOOL_BEGINS else as_of.year - 1, _SCHOOL_BEGINS + 1, 1)
        return _row("HS", number, province, begun, begun + timedelta(days=364), facility, as_of)
    begun = date(as_of.year, 1, 1)
    return _row(group, number, province, begun, date(as_of.year, 12, 31), facility, as_of, rng.randint(0, 20))


def _row(
    group: str,
    number: str,
    province: str,
    begun: date,
    until: date,
    facility: str,
    as_of: date,
    years: int = 0,
) -> InsuranceRow:
    """`years` of cover came before this card; the five-year date follows from them (Law Art. 22(1)(d))."""
    code = card_code(group, BENEFIT[group], province, SocialInsuranceNumber(number))
    five = begun - timedelta(days=365 * years) + _FIVE_YEARS
    state = InsuranceState.IN_FORCE.value
    return (code, group, BENEFIT[group], begun, until, facility, five if five <= as_of else None, state)
