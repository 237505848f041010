"""Claims about the number that follows an old one (personal-id.md section 5, Decree 58/2026 Art. 5(7)).

The paper that confirmed a nine-digit number was abolished; an office that holds data under an old number asks here
whether it now belongs to that personal number, or, where the law lets it know, which number that is.
"""

from dataclasses import dataclass
from typing import ClassVar

from population_registry.domain import PersonalNumber, PersonFacts, PersonStatus
from population_registry.verification.answers import MATCH, ClaimResult, Flag, Why, mismatch
from population_registry.verification.claims.rule import ClaimRule, Scene, read_words

_LONGEST = 40


@dataclass(frozen=True, slots=True)
class CurrentNumber:
    """The number that stands today."""

    number: str
    field: ClassVar[str | None] = "number"

    def document(self) -> dict[str, object]:
        """As JSON."""
        return {"number": self.number}


def standing_number(person: PersonFacts) -> str | None:
    """The number by which the person is known today; None where it was cancelled without a successor."""
    record = person.person
    if record.status is PersonStatus.NUMBER_CANCELLED:
        return None if record.replaced_by is None else str(record.replaced_by)
    return str(record.number)


def _read_current(value: object) -> str:
    return str(PersonalNumber.parse(read_words(value, _LONGEST)))


def judge_current_number(asked: str, scene: Scene) -> ClaimResult:
    """Whether the number asked with (old, cancelled or current) belongs to that current number: yes or no."""
    current = standing_number(scene.subject)
    if current is None:
        return mismatch(Why.NUMBER_CANCELLED)
    return MATCH if current == asked else mismatch(Why.OTHER_NUMBER)


def _read_wish(value: object) -> bool:
    if value is not True:
        raise ValueError("true is expected")
    return True


def judge_released_number(_asked: bool, scene: Scene) -> ClaimResult:
    """The current number itself, for those whom the catalogue lets know it."""
    current = standing_number(scene.subject)
    if current is None:
        return mismatch(Why.NUMBER_CANCELLED)
    return ClaimResult(Flag.MATCH, detail=CurrentNumber(current))


RULES = (
    ClaimRule("current_number", _read_current, judge_current_number),
    ClaimRule("released_number", _read_wish, judge_released_number, fingerprint=None, discloses="number"),
)
