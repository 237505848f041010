"""Gives each member of a block a birth date, a name and a number, with the flaws that real registers have."""

from dataclasses import dataclass

import numpy as np

from population_registry.domain import MaritalStatus, PersonStatus, Relation
from population_registry.synthesis.codes import marital, relation
from population_registry.synthesis.days import ISO, NONE, YEAR, birthdays, year_begins
from population_registry.synthesis.draws import Bools, Draws, Ints, take
from population_registry.synthesis.families import GRANDPARENTS, Families
from population_registry.synthesis.names import NameMaker, Names
from population_registry.synthesis.numbers import PREFIX_OF_REGION, personal_numbers

NUMBER_MISMATCH = 0.003
"""Share of people whose number lawfully disagrees with their record (personal-id.md section 12)."""

NUMBER_REPLACED = 0.001
INCOMPLETE_BEFORE = 1975
_SEX_RATHER_THAN_YEAR = 0.5
_INCOMPLETE, _ONLY_YEAR = 0.045, 0.8
_NEW_YEAR = 0.06
_BORN_WHERE_RESIDENT = 0.72
_MOTHERS_FAMILY = 0.03
NO_FAMILY_PROVINCES = ("51", "52", "66")
_NO_FAMILY_NAME = 0.06
_GENERATIONS = 6

STATUS = list(PersonStatus)
ACTIVE, DECEASED, MISSING, LOST = (
    STATUS.index(kind)
    for kind in (
        PersonStatus.ACTIVE,
        PersonStatus.DECEASED,
        PersonStatus.MISSING_DECLARED,
        PersonStatus.NATIONALITY_LOST,
    )
)
_OLD, _VERY_OLD, _ADULT = 60, 80, 18
_DEATHS = (0.0006, 0.014, 0.05)
_MIDDLE_AGED, _WIDOWED = 50, (0.006, 0.03, 0.1)
_LOST_NATIONALITY, _MISSING = 0.0002, 0.0002


@dataclass(slots=True)
class People:
    """The members of a block with identity; days are numbers, `gone` is the day of death or loss."""

    born: Ints
    birth_texts: list[str]
    names: Names
    families: list[str]
    middles: list[str]
    givens: list[str]
    fulls: list[str]
    prefix: Ints
    numbers: list[str]
    replaced: Ints
    """Who had another number before; `former` holds it."""
    former: list[str]
    status: Ints
    gone: Ints


def birth_days(draws: Draws, age: Ints, as_of: int) -> Ints:
    """Days on which people of those completed years were born; 1 January is frequent before 1975."""
    last = birthdays(np.full(len(age), as_of), -age)
    born = last - draws.between(len(age), 0, 364)
    begins = year_begins(YEAR[born])
    default = (YEAR[born] < INCOMPLETE_BEFORE) & draws.chance(len(age), _NEW_YEAR)
    return np.where(default & (birthdays(last, -1) < begins), begins, born)


def births_as_recorded(draws: Draws, born: Ints) -> list[str]:
    """Birth dates in the record: about 1 % of all people, all of them born before 1975, lack day or month."""
    texts = take(ISO, born)
    lacking = (YEAR[born] < INCOMPLETE_BEFORE) & draws.chance(len(born), _INCOMPLETE)
    only_year = draws.chance(len(born), _ONLY_YEAR)
    for place in np.flatnonzero(lacking).tolist():
        texts[place] = texts[place][:4] if only_year[place] else texts[place][:7]
    return texts


def make_people(
    draws: Draws, maker: NameMaker, folk: Families, region: Ints, provinces: Bools, block: int, as_of: int
) -> People:
    """Everybody of a block; `region` is each person's, `provinces` says who may have no family name by custom."""
    count = len(folk.home)
    born = birth_days(draws, folk.age, as_of)
    names, nameless = _names(draws, maker, folk, region, provinces, YEAR[born])
    families, middles = take(maker.families, names.family), maker.middle_texts(names)
    givens = maker.given_texts(names, folk.sex, nameless)
    fulls = [
        f"{family} {middle} {given}" if family and middle else f"{family or middle} {given}".strip()
        for family, middle, given in zip(families, middles, givens, strict=True)
    ]
    status, gone = _status(draws, folk, as_of)
    prefix = np.where(
        draws.chance(count, _BORN_WHERE_RESIDENT), PREFIX_OF_REGION[region], draws.between(count, 0, 2)
    )
    replaced = np.flatnonzero(draws.chance(count, NUMBER_REPLACED) & (born < as_of - 30))
    said_sex, said_year = _as_the_number_says(draws, folk.sex, YEAR[born], YEAR[as_of])
    everyone = np.r_[np.arange(count), replaced]
    said = (prefix[everyone], np.r_[said_sex, folk.sex[replaced]], np.r_[said_year, YEAR[born][replaced]])
    numbers, got = personal_numbers(block, *said)
    return People(
        born=born,
        birth_texts=births_as_recorded(draws, born),
        names=names,
        families=families,
        middles=middles,
        givens=givens,
        fulls=fulls,
        prefix=got[:count],
        numbers=numbers[:count],
        replaced=replaced,
        former=numbers[count:],
        status=status,
        gone=gone,
    )


def _names(
    draws: Draws, maker: NameMaker, folk: Families, region: Ints, provinces: Bools, year: Ints
) -> tuple[Names, Bools]:
    homes = len(folk.start)
    nameless = (provinces[folk.start] & draws.chance(homes, _NO_FAMILY_NAME))[folk.home]
    family = _family_names(draws, maker, folk, region)
    family[nameless] = 0
    mothers = np.where(folk.mother >= 0, family[folk.mother], 0)
    names = maker.draw(draws, family, folk.sex, year, np.where(nameless, 0, mothers))
    names.first[nameless] = names.second[nameless] = 0
    # Nobody bears the full name of another of the household, nor of a brother or sister elsewhere.
    groups = (folk.home, np.where(folk.mother >= 0, len(folk.home) + folk.mother, folk.home))
    while (same := _namesakes(names.whole() * 2 + folk.sex * nameless, groups)).any():
        maker.give(draws, names, folk.sex, year, same)
    return names, nameless


def _namesakes(names: Ints, groups: tuple[Ints, Ints]) -> Bools:
    found = np.zeros(len(names), dtype=np.bool_)
    for group in groups:
        order = np.lexsort((names, group))
        same = (names[order][1:] == names[order][:-1]) & (group[order][1:] == group[order][:-1])
        found[order[1:][same]] = True
    return found


def _family_names(draws: Draws, maker: NameMaker, folk: Families, region: Ints) -> Ints:
    """Family names: from the father in 97 of 100, also from a father whom nobody knows."""
    family = maker.family(draws, region)
    unknown = maker.family(draws, region)
    mothers = draws.chance(len(folk.start), _MOTHERS_FAMILY)[folk.home]
    from_father = (folk.father >= 0) & ~(mothers & (folk.mother >= 0))
    from_mother = (folk.mother >= 0) & ~from_father
    for _ in range(_GENERATIONS):
        family = np.where(from_father, family[folk.father], family)
        family = np.where(from_mother, np.where(mothers, family[folk.mother], unknown[folk.mother]), family)
    return family


def _as_the_number_says(draws: Draws, sex: Ints, year: Ints, latest: int) -> tuple[Ints, Ints]:
    """In 3 of 1,000 the digits tell another sex or year (Decree 70/2024 Art. 11(7))."""
    count = len(sex)
    wrong, other_sex = draws.chance(count, NUMBER_MISMATCH), draws.chance(count, _SEX_RATHER_THAN_YEAR)
    shift = np.array([-2, -1, 1, 2])[draws.between(count, 0, 3)]
    shift = np.where(year + 2 <= latest, shift, -1)
    return np.where(wrong & other_sex, 1 - sex, sex), np.where(wrong & ~other_sex, year + shift, year)


def _widow(draws: Draws, folk: Families) -> Bools:
    """Who of the older couples died; husbands and wives who are left are widowed."""
    dead: Bools
    share = np.array(_WIDOWED)[(folk.age >= _OLD).astype(np.int64) + (folk.age >= _VERY_OLD)]
    dead = (folk.spouse >= 0) & (folk.age >= _MIDDLE_AGED) & (folk.template[folk.home] != GRANDPARENTS)
    dead &= (folk.relation != relation(Relation.HEAD)) & draws.chance(len(folk.age), share)
    dead = dead & ~dead[folk.spouse]
    left = folk.spouse[dead]
    folk.marital[left] = marital(MaritalStatus.WIDOWED)
    folk.spouse[left] = -1
    folk.spouse[dead] = -1
    return dead


def _status(draws: Draws, folk: Families, as_of: int) -> tuple[Ints, Ints]:
    """Who died, is declared missing or lost nationality, and when; heads are all there, most of the married too."""
    count, chance = len(folk.age), draws.uniform(len(folk.age))
    widowing = _widow(draws, folk)
    bound = (folk.relation == relation(Relation.HEAD)) | (folk.spouse >= 0)
    deaths = np.array(_DEATHS)[(folk.age >= _OLD).astype(np.int64) + (folk.age >= _VERY_OLD)]
    adult = folk.age >= _ADULT
    status = np.full(count, ACTIVE)
    status[adult & (chance >= 1 - _LOST_NATIONALITY)] = LOST
    status[adult & (chance >= 1 - _LOST_NATIONALITY - _MISSING) & (status == ACTIVE)] = MISSING
    status[adult & (chance < deaths)] = DECEASED
    status[bound] = ACTIVE
    status[widowing] = DECEASED
    return status, np.where(status == ACTIVE, NONE, as_of - draws.between(count, 1, 700))
