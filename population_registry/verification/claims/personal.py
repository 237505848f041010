"""Claims about the person alone: name, birth date, sex, old number, alive, Vietnamese nationality.

Name and birth date may also come as a card's machine-readable zone writes them (`papers`), never so from JSON.
"""

from population_registry.domain import (
    PartialDate,
    PersonStatus,
    normalise_number,
)
from population_registry.domain.mrz import ZoneBirth, ZoneName
from population_registry.matching import (
    compare_dates,
    compare_names,
    compare_numbers,
    compare_sex,
    compare_zone_births,
    compare_zone_names,
    normalise,
    read_sex,
)
from population_registry.verification.answers import (
    ClaimResult,
    Flag,
    Why,
    from_comparison,
    statement,
    unknown,
)
from population_registry.verification.claims.rule import ClaimRule, Scene, read_flag, read_words

_VIET_NAM = "VN"
_LONGEST_DATE = 10
_ADULT = 18
_OLD_LENGTHS = range(7, 13)


def _read_name(value: object) -> str | ZoneName:
    return value if isinstance(value, ZoneName) else read_words(value)


def _read_date(value: object) -> PartialDate | ZoneBirth:
    if isinstance(value, PartialDate | ZoneBirth):
        return value
    return PartialDate.parse(read_words(value, _LONGEST_DATE))


def _read_sex(value: object) -> str:
    sex = read_sex(read_words(value, _LONGEST_DATE))
    if sex is None:
        raise ValueError("a sex is expected")
    return sex.value


def _read_old_number(value: object) -> str:
    """A nine-digit or cancelled number; one that lost its leading zeros in a table is read, and never accepted."""
    digits = normalise_number(read_words(value, 40))
    if not (digits.isascii() and digits.isdigit() and len(digits) in _OLD_LENGTHS):
        raise ValueError("a number is expected")
    return digits


def _name_fingerprint(value: str | ZoneName) -> str:
    return value.line if isinstance(value, ZoneName) else normalise(value)


def judge_name(asked: str | ZoneName, scene: Scene) -> ClaimResult:
    """The full name, compared as Vietnamese writing demands."""
    if isinstance(asked, ZoneName):
        return from_comparison(compare_zone_names(asked, scene.subject.person.name))
    return from_comparison(compare_names(asked, scene.subject.person.name.full))


def judge_birth_date(asked: PartialDate | ZoneBirth, scene: Scene) -> ClaimResult:
    """The birth date; known parts decide."""
    if isinstance(asked, ZoneBirth):
        return from_comparison(compare_zone_births(asked, scene.subject.person.birth))
    return from_comparison(compare_dates(asked, scene.subject.person.birth))


def judge_sex(asked: str, scene: Scene) -> ClaimResult:
    """Recorded sex, never derived from the number (Decree 70/2024 Art. 11(7): both may lawfully disagree)."""
    return from_comparison(compare_sex(asked, scene.subject.person.sex.value))


def judge_old_number(asked: str, scene: Scene) -> ClaimResult:
    """Whether a nine-digit or cancelled number was this person's (replaces the paper of procedure 2.001178)."""
    former = tuple(number.value for number in scene.subject.former_numbers)
    if not former:
        return ClaimResult(Flag.MISMATCH, (Why.NOT_RECORDED.value,))
    return from_comparison(compare_numbers(asked, former))


def judge_alive(asked: bool, scene: Scene) -> ClaimResult:
    """Whether the person lives; a person declared missing is neither."""
    status = scene.subject.person.status
    if status is PersonStatus.MISSING_DECLARED:
        return unknown(Why.DECLARED_MISSING)
    return statement(asked=asked, found=status is not PersonStatus.DECEASED)


def judge_nationality(asked: bool, scene: Scene) -> ClaimResult:
    """Whether the person holds Vietnamese nationality today."""
    person = scene.subject.person
    holds = person.nationality == _VIET_NAM and person.status is not PersonStatus.NATIONALITY_LOST
    return statement(asked=asked, found=holds)


def judge_adult(asked: bool, scene: Scene) -> ClaimResult:
    """Whether the person has completed eighteen years today (Civil Code 2015 Art. 20); open if days are missing."""
    birth = scene.subject.person.birth
    certain, possible = (
        birth.certainly_reached(_ADULT, scene.today),
        birth.possibly_reached(_ADULT, scene.today),
    )
    return statement(asked=asked, found=certain) if certain is possible else unknown(Why.NOT_RECORDED)


RULES = (
    ClaimRule("name", _read_name, judge_name, fingerprint=_name_fingerprint),
    ClaimRule("birth_date", _read_date, judge_birth_date),
    ClaimRule("sex", _read_sex, judge_sex, fingerprint=None),
    ClaimRule("old_number", _read_old_number, judge_old_number),
    ClaimRule("adult", read_flag, judge_adult, fingerprint=None),
    ClaimRule("alive", read_flag, judge_alive, fingerprint=None),
    ClaimRule("nationality_vn", read_flag, judge_nationality, fingerprint=None),
)
