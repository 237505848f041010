"""Gives each member of a family a birth date, a name and a number, with the flaws that real registers have."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from population_registry.domain import PersonName, Sex, birthday
from population_registry.synthesis.families import Draft
from population_registry.synthesis.names import NameMaker
from population_registry.synthesis.numbers import PREFIX_OF_REGION, REGION_PREFIXES, NumberIssuer
from population_registry.synthesis.places import Place

NUMBER_MISMATCH = 0.003
"""Share of people whose number lawfully disagrees with their record (personal-id.md section 12)."""

INCOMPLETE_BEFORE = 1975
_SEX_RATHER_THAN_YEAR = 0.5
_INCOMPLETE = 0.045
_ONLY_YEAR = 0.8
_NEW_YEAR = 0.06
_BORN_WHERE_RESIDENT = 0.72
_FATHERS_NAME = 0.97
_NO_FAMILY_PROVINCES = frozenset({"51", "52", "66"})
_NO_FAMILY_NAME = 0.06


@dataclass(frozen=True, slots=True)
class Being:
    """A member with identity: the day of birth that everything is computed from, and what the record says of it."""

    person_id: int
    draft: Draft
    born: date
    birth_text: str
    name: PersonName
    number: str
    prefix: str


def birth_day(rng: Random, age: int, as_of: date) -> date:
    """A day on which somebody who has completed `age` years was born; 1 January is frequent before 1975."""
    last = birthday(as_of, -age)
    born = last - timedelta(days=rng.randrange(365))
    if (
        born.year < INCOMPLETE_BEFORE
        and rng.random() < _NEW_YEAR
        and birthday(last, -1) < born.replace(month=1, day=1)
    ):
        return born.replace(month=1, day=1)
    return born


def birth_as_recorded(rng: Random, born: date) -> str:
    """The birth date in the record: about 1 % of all people, all of them born before 1975, lack day or month."""
    if born.year < INCOMPLETE_BEFORE and rng.random() < _INCOMPLETE:
        return f"{born.year}" if rng.random() < _ONLY_YEAR else f"{born.year}-{born.month:02d}"
    return born.isoformat()


def give_birth_days(rng: Random, members: list[Draft], as_of: date) -> list[date]:
    """Birth days for a household."""
    return [birth_day(rng, draft.age, as_of) for draft in members]


class FamilyNames:
    """Family names inside one household: from the father in 97 of 100, also from a father who lives elsewhere."""

    def __init__(self, rng: Random, maker: NameMaker, region: str, members: list[Draft]) -> None:
        self._rng, self._maker, self._region, self._members = rng, maker, region, members
        self._known: dict[int, str] = {}
        self._absent: dict[int, str] = {}
        self._from_mother = rng.random() >= _FATHERS_NAME

    def of(self, index: int) -> str:
        """The family name of the member at that place."""
        if index not in self._known:
            self._known[index] = self._draw(self._members[index])
        return self._known[index]

    def _draw(self, draft: Draft) -> str:
        if draft.mother is not None and (self._from_mother or draft.father is None):
            if self._from_mother:
                return self.of(draft.mother)
            if draft.mother not in self._absent:
                self._absent[draft.mother] = self._maker.family(self._rng, self._region)
            return self._absent[draft.mother]
        if draft.father is not None:
            return self.of(draft.father)
        return self._maker.family(self._rng, self._region)


class PeopleMaker:
    """Turns drafts into beings; shared by all households, because numbers must never repeat."""

    def __init__(self) -> None:
        self.names = NameMaker()
        self.issuer = NumberIssuer()

    def make(
        self, rng: Random, members: list[Draft], place: Place, as_of: date, first_id: int
    ) -> list[Being]:
        """The household's members in order, with consecutive person ids from `first_id`."""
        days = give_birth_days(rng, members, as_of)
        families = FamilyNames(rng, self.names, place.region, members)
        nameless = place.province_code in _NO_FAMILY_PROVINCES and rng.random() < _NO_FAMILY_NAME
        taken: set[str] = set()
        beings = []
        for index, (draft, born) in enumerate(zip(members, days, strict=True)):
            if nameless:
                name = self.names.without_family(rng, draft.sex, born.year, taken)
            else:
                mothers = families.of(draft.mother) if draft.mother is not None else ""
                name = self.names.full(
                    rng, families.of(index), draft.sex, born.year, taken, mothers_family=mothers
                )
            taken.add(name.full)
            prefix = self._prefix(rng, place)
            number = self._number(rng, prefix, draft.sex, born.year, as_of.year)
            text = birth_as_recorded(rng, born)
            beings.append(Being(first_id + index, draft, born, text, name, number, prefix))
        return beings

    @staticmethod
    def _prefix(rng: Random, place: Place) -> str:
        if rng.random() < _BORN_WHERE_RESIDENT:
            return PREFIX_OF_REGION[place.region]
        return rng.choice(REGION_PREFIXES)

    def _number(self, rng: Random, prefix: str, sex: Sex, year: int, latest: int) -> str:
        """A number for that record; in 3 of 1,000 its digits tell another sex or year (Decree 70/2024 Art. 11(7))."""
        if rng.random() < NUMBER_MISMATCH:
            if rng.random() < _SEX_RATHER_THAN_YEAR:
                sex = Sex.MALE if sex is Sex.FEMALE else Sex.FEMALE
            else:
                year += rng.choice((-2, -1, 1, 2)) if year + 2 <= latest else -1
        return self.issuer.personal(prefix, sex, year)
