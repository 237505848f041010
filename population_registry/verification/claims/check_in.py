"""The claim behind a hospital's check-in: how a card stands on a day, in the codes of the insurer's look-up.

Source: insurance.md sections 1, 4 and 5 of the domain facts. Unlike that look-up it never tells the right name: a
mismatch is one code, and wrong names are counted by the guessing budget. Its value is made by the endpoint, which
demands the officer's identity; the claim cannot be asked as JSON.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from population_registry.domain import HealthInsurance, PartialDate, PersonFacts, PersonStatus, ResidenceKind
from population_registry.domain.card_state import CardState, card_on
from population_registry.domain.dates import birthday
from population_registry.domain.insurance_groups import BENEFIT_DIGITS, CHILD, PERCENT
from population_registry.domain.shown_cards import newborn_code, parts_of
from population_registry.matching import (
    Grade,
    compare_dates,
    compare_names,
    compare_sex,
    normalise,
    strip_marks,
)
from population_registry.verification.answers import ClaimResult, Flag, Results, Why
from population_registry.verification.claims.rule import ClaimRule, Scene

NAME = "check_in"
FULL, LEAST = 100, 80
UNDER_SIX = 6
_OUTSIDE = "99"


@dataclass(frozen=True, slots=True)
class CheckIn:
    """What the desk knows: the day, the card shown (None: a number), the person's words; the medical id of a newborn.

    With `newborn` the subject is the mother, and `born` the child's day of birth.
    """

    on: date
    name: str
    birth: PartialDate
    card: str | None = None
    sex: str | None = None
    facility: str | None = None
    primary_level: bool = False
    newborn: str | None = None
    born: date | None = None


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What the desk needs of the card; given out, so logged as released."""

    code: str
    benefit_percent: int | None
    group: str | None = None
    card_code: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    facility: str | None = None
    five_years_since: date | None = None
    field: ClassVar[str | None] = "health_insurance"

    def document(self) -> dict[str, object]:
        """As JSON."""
        days = {"valid_from": self.valid_from, "valid_until": self.valid_until}
        days |= {"five_years_since": self.five_years_since}
        return {
            "benefit_percent": self.benefit_percent,
            "group": self.group,
            "card_code": self.card_code,
            "facility": self.facility,
            **{name: None if day is None else day.isoformat() for name, day in days.items()},
        }


def _read(value: Any) -> CheckIn:
    if isinstance(value, CheckIn):
        return value
    raise TypeError("the endpoint makes this claim")


def judge(asked: CheckIn, scene: Scene) -> ClaimResult:
    """One code: who it is, then which card it is, then how it stands; facts only where somebody is established."""
    wrong = _wrong_person(asked, scene.subject)
    if wrong is not None:
        return ClaimResult(Flag.MISMATCH, (wrong,))
    if asked.newborn is not None:
        return _newborn(asked, scene)
    wrong = _wrong_card(asked, scene.subject.insurances)
    if wrong is not None:
        return ClaimResult(Flag.MISMATCH, (wrong,))
    person = scene.subject.person
    died = person.status_since if person.status is PersonStatus.DECEASED else None
    found = card_on(scene.subject.insurances, asked.on, birth=person.birth, shown=asked.card, died=died)
    facts = _facts(found.state, found.card, asked, scene.subject) if scene.details else None
    return ClaimResult(Flag.MATCH if found.state.pays else Flag.MISMATCH, (found.state.value,), detail=facts)


def _wrong_person(asked: CheckIn, subject: PersonFacts) -> str | None:
    """060 wrong name, 061 wrong but with the right first letters, 070 birth date, 080 sex.

    A name or a date may be nearly right, not both (as for every verification).
    """
    person = subject.person
    name = compare_names(asked.name, person.name.full).grade
    birth = compare_dates(asked.birth, person.birth).grade
    if name is Grade.DIFFERENT or (name is Grade.NEAR and birth is Grade.NEAR):
        return "061" if same_initials(asked.name, person.name.full) else "060"
    if birth is Grade.DIFFERENT:
        return "070"
    if asked.sex is not None and compare_sex(asked.sex, person.sex.value).grade is Grade.DIFFERENT:
        return "080"
    return None


def same_initials(asked: str, registered: str) -> bool:
    """Whether the words of both names begin with the same letters, without marks."""
    return _initials(asked) == _initials(registered) != ""


def _initials(name: str) -> str:
    return "".join(strip_marks(word)[:1] for word in normalise(name).split())


def _wrong_card(asked: CheckIn, cards: Iterable[HealthInsurance]) -> str | None:
    """051 no such card, 052 only its province differs, 053 only its benefit digit, 090 another facility."""
    known = [card for card in cards if card.valid_from <= asked.on] or list(cards)
    if asked.card is not None and known and all(card.card_code != asked.card for card in cards):
        group, digit, province = parts_of(asked.card)
        for card in known:
            of_group, of_digit, of_province = parts_of(card.card_code)
            if (group, digit) == (of_group, of_digit) and province != of_province:
                return "052"
            if (group, province) == (of_group, of_province) and digit != of_digit:
                return "053"
        return "051"
    current = [card for card in known if card.in_force(asked.on)]
    if asked.facility is not None and current and all(card.facility != asked.facility for card in current):
        return "090"
    return None


def percent_of(group: str, *, primary_level: bool) -> int:
    """What the law pays: everything at the primary level, else by group; it prevails over the digit (Art. 22)."""
    return FULL if primary_level else PERCENT.get(BENEFIT_DIGITS.get(group, 4), LEAST)


def _facts(state: CardState, card: HealthInsurance | None, asked: CheckIn, subject: PersonFacts) -> CardFacts:
    if state is CardState.CHILD_WITHOUT_CARD:
        return CardFacts(state.value, FULL, CHILD, valid_until=child_until(subject.person.birth.earliest()))
    if card is None:
        return CardFacts(state.value, None)
    paying = [each for each in subject.insurances if each.in_force(asked.on)] if state.pays else []
    percents = [percent_of(each.group, primary_level=asked.primary_level) for each in paying]
    five = card.five_year_from
    return CardFacts(
        state.value,
        max(percents, default=None),  # of several groups the highest (Art. 22)
        card.group,
        card.card_code,
        card.valid_from,
        card.valid_until,
        card.facility,
        five if five is not None and five <= asked.on else None,
    )


def child_until(born: date) -> date:
    """The last day of a child's cover: turning 72 months, or 30 September where school begins later (Art. 16(3))."""
    sixth = birthday(born, UNDER_SIX)
    return max(sixth, date(sixth.year, 9, 30))


def _newborn(asked: CheckIn, scene: Scene) -> ClaimResult:
    """130 with a temporary code, from birth until six; the mother is who was established."""
    assert asked.newborn is not None
    assert asked.born is not None
    if not asked.born <= asked.on <= child_until(asked.born):
        return ClaimResult(Flag.MISMATCH, (CardState.NONE.value,))
    if not scene.details:
        return ClaimResult(Flag.MATCH, (CardState.CHILD_WITHOUT_CARD.value,))
    home = scene.subject.residence(ResidenceKind.PERMANENT, asked.on)
    place = None if home is None else scene.places.describe(home.address.commune_code)
    code = newborn_code(_OUTSIDE if place is None else place["province_code"], asked.newborn)
    facts = CardFacts(
        CardState.CHILD_WITHOUT_CARD.value, FULL, CHILD, code, asked.born, child_until(asked.born)
    )
    return ClaimResult(Flag.MATCH, (CardState.CHILD_WITHOUT_CARD.value,), detail=facts)


def code_of(results: Results) -> str:
    """The code to answer: the claim's own, 100 where a budget is spent, otherwise nobody was found."""
    if any(Why.BUDGET_EXHAUSTED.value in each.reasons for each in results.values()):
        return "100"
    own = results[NAME]
    return CardState.NONE.value if own.flag is Flag.UNKNOWN else own.reasons[0]


def _fingerprint(asked: CheckIn) -> str:
    """Another name, date or sex is another guess; another day or card of the same person is none."""
    return f"{normalise(asked.name)}|{asked.birth}|{asked.sex or ''}"


RULES = (ClaimRule(NAME, _read, judge, fingerprint=_fingerprint, explains=True),)
