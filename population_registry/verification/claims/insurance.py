"""The claims about insurance: cover on a day, the social-insurance number (insurance.md sections 2, 3, 6 and 9)."""

from dataclasses import dataclass
from datetime import date, timedelta

from population_registry.domain import (
    HealthInsurance,
    InsuranceState,
    PersonFacts,
    SocialInsuranceNumber,
)
from population_registry.verification.answers import (
    MATCH,
    ClaimResult,
    Flag,
    InsuranceDetail,
    Why,
    mismatch,
    statement,
    unknown,
)
from population_registry.verification.claims.family import housemates, read_numbers
from population_registry.verification.claims.rule import ClaimRule, Scene, read_members, read_words

STATES = frozenset({"none", "active", "expired"})
HOUSEHOLD_GROUP = "GD"
LONG_INTERRUPTION = timedelta(days=90)
"""From ninety days without cover on, insurance starts anew (Law 25/2008 Art. 16(3))."""
_UNDER_SIX_MONTHS = 72
_YEARS_UNDER_SIX = _UNDER_SIX_MONTHS // 12


@dataclass(frozen=True, slots=True)
class Cover:
    """The statement that on a day the subject's insurance is in a state; `members` ask the same of housemates."""

    on: date
    state: str
    members: tuple[str, ...]


def read_cover(value: object) -> Cover:
    """A day, optionally the expected state (`active` when left out) and the numbers of housemates."""
    parts = read_members(value, allowed=frozenset({"on", "state", "members"}), required=frozenset({"on"}))
    state = parts.get("state", "active")
    if state not in STATES:
        raise ValueError("none, active or expired is expected")
    members = parts.get("members")
    return Cover(
        date.fromisoformat(read_words(parts["on"], 10)),
        state,
        () if members is None else read_numbers(members),
    )


def insurance_detail(person: PersonFacts, day: date) -> InsuranceDetail:
    """State, length of interruption, family of the group, end of cover and age group on that day."""
    current = person.insurance(day)
    last = current or _last_before(person, day)
    if last is None:
        state, interruption, family, until = "none", "never", "none", None
    else:
        gap = timedelta(0) if current else day - _end(last) - timedelta(days=1)
        state = "active" if current else "expired"
        interruption = "none" if gap <= timedelta(0) else "under_90"
        interruption = "from_90" if gap >= LONG_INTERRUPTION else interruption
        family = "household" if last.group == HOUSEHOLD_GROUP else "other"
        until = _end(last).isoformat()
    young = not person.person.birth.possibly_reached(_YEARS_UNDER_SIX, day)
    return InsuranceDetail(state, interruption, family, until, "under_6" if young else "other")


def _end(period: HealthInsurance) -> date:
    return period.last_day or period.valid_until


def _last_before(person: PersonFacts, day: date) -> HealthInsurance | None:
    past = [
        period
        for period in person.insurances
        if _end(period) < day and period.state is not InsuranceState.WITHDRAWN
    ]
    return max(past, key=_end, default=None)


def judge_cover(asked: Cover, scene: Scene) -> ClaimResult:
    """Whether the insurance is in the state asked; coarse facts only where the catalogue grants them.

    Members get a flag only when they belong to the subject's household; about others nothing is said.
    """
    own = insurance_detail(scene.subject, asked.on)
    flag = statement(asked=True, found=own.state == asked.state)
    inside = housemates(asked.members, scene) if asked.members else ()
    flags: list[Flag] = []
    details: list[InsuranceDetail | None] = []
    for number, at_home in zip(asked.members, inside, strict=True):
        member = scene.facts.get(number) if at_home else None
        found = None if member is None else insurance_detail(member, asked.on)
        details.append(found)
        if found is None:
            flags.append(Flag.UNKNOWN)
        else:
            flags.append(Flag.MATCH if found.state == asked.state else Flag.MISMATCH)
    reasons = flag.reasons if all(inside) else (*flag.reasons, Why.NOT_IN_HOUSEHOLD.value)
    return ClaimResult(
        flag.flag,
        reasons,
        tuple(flags),
        own if scene.details else None,
        tuple(details) if scene.details else (),
    )


def _read_social_number(value: object) -> str:
    return SocialInsuranceNumber(read_words(value, 10)).value


def judge_social_number(asked: str, scene: Scene) -> ClaimResult:
    """Whether the ten digits are the person's; a person without a recorded number says nothing against them."""
    recorded = scene.subject.person.social_insurance
    if recorded is None:
        return unknown(Why.NOT_RECORDED)
    return MATCH if recorded == asked else mismatch(Why.OTHER_NUMBER)


RULES = (
    ClaimRule("social_insurance_number", _read_social_number, judge_social_number),
    ClaimRule(
        "health_insurance",
        read_cover,
        judge_cover,
        others=lambda asked: asked.members,
        fingerprint=lambda asked: " ".join(sorted(asked.members)),
    ),
)
