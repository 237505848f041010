"""The rest of the record of a block: particulars, former numbers, deaths, absences, stays."""

import numpy as np

from population_registry.domain import (
    AbsenceCategory,
    DeathKind,
    FormerNumberKind,
    NumberChange,
    StayHost,
)
from population_registry.matching.syllables import strip_marks
from population_registry.synthesis.days import ISO, MORNING, NONE, NULL, YEAR, number
from population_registry.synthesis.draws import Draws, Ints, Weights, take
from population_registry.synthesis.families import Families
from population_registry.synthesis.papers import CMND_ENDED
from population_registry.synthesis.people import ACTIVE, DECEASED, People
from population_registry.synthesis.places import Places

_PHONES, _PHONE_STEP = 10_000_000, 6_180_339
_WITH_PHONE, _WITH_EMAIL, _OTHER_NAME = 0.9, 0.35, 0.003
_BORN_AT_HOME = 0.72
_DEATH_KINDS = [DeathKind.DEATH.value, DeathKind.DECLARED_MISSING.value]
_LATE, _CERTIFIED = 0.05, 0.97
_CHANGES = [reason.value for reason in NumberChange]
_CHANGE = Weights([60, 30, 7, 3])
_ABSENT, _STAYING, _ADULT = 0.004, 0.02, 18
_CATEGORIES = [AbsenceCategory.DUTY.value, AbsenceCategory.LONG.value]
_DUTY_AGE = (18, 27)
_ABROAD = ("Nhật Bản", "Hàn Quốc", "Đài Loan", "Cộng hòa liên bang Đức", "Ngoài địa bàn tỉnh")
_DUTY = "Nghĩa vụ quân sự"
_HOSTS = [StayHost.HOUSEHOLD.value, StayHost.TOURIST_LODGING.value, StayHost.HEALTH_FACILITY.value]
_HOSTS += [StayHost.INDUSTRIAL_LODGING.value]
_HOST = Weights([45, 35, 12, 8])
_REASONS = ("Thăm người thân", "Du lịch", "Khám chữa bệnh", "Làm việc")
_ENDED = ISO[number(CMND_ENDED)]


def particulars_rows(
    draws: Draws,
    places: Places,
    folk: Families,
    people: People,
    homes: tuple[Ints, list[str]],
    country: Ints,
    ids: list[str],
) -> list[list[str]]:
    """The columns of the particulars; `homes`: former ward and capacity, `country`: places in the country."""
    count, (home_ward, capacity) = len(folk.home), homes
    elsewhere = places.any_former_ward(draws, count)
    near = draws.chance(count, _BORN_AT_HOME)
    born_in = np.where(near, home_ward, elsewhere)
    hometown = np.where(draws.chance(count, 0.5), born_in, elsewhere)
    for _ in range(3):
        hometown = np.where(folk.father >= 0, hometown[folk.father], hometown)
    there = [*places.former.place, NULL]
    grown = (folk.age >= _ADULT) & (people.status == ACTIVE)
    phoned, mailed = grown & draws.chance(count, _WITH_PHONE), grown & draws.chance(count, _WITH_EMAIL)
    known = draws.chance(count, _OTHER_NAME).tolist()
    phones = (country * _PHONE_STEP % _PHONES).tolist()
    folded = {
        text: strip_marks(text).lower().replace(" ", "").replace("'", "") for text in set(people.givens)
    }
    folded |= {text: strip_marks(text).lower() for text in set(people.families)}
    birth_place = take(there, born_in)
    return [
        ids,
        [given if other else NULL for given, other in zip(people.givens, known, strict=True)],
        birth_place,
        [NULL if text is NULL else f"UBND {text}" for text in birth_place],
        take(there, hometown),
        capacity,
        [f"000{phone:07d}" if has else NULL for phone, has in zip(phones, phoned.tolist(), strict=True)],
        [
            f"{folded[given]}{folded[family]}{phone}@example.vn.test" if has else NULL
            for given, family, phone, has in zip(
                people.givens, people.families, phones, mailed.tolist(), strict=True
            )
        ],
        *([NULL] * count for _ in range(3)),
    ]


def alias_rows(
    draws: Draws, people: People, old: tuple[Ints, list[str]], ids: list[str], as_of: int
) -> list[list[str]]:
    """The columns of nine-digit numbers, and of personal numbers that were set anew (Decree 70/2024 Art. 11(7))."""
    holders, olds = old
    changed = people.replaced
    until = as_of - draws.between(len(changed), 1, np.minimum(600, as_of - people.born[changed]))
    reasons = take(_CHANGES, _CHANGE.pick(draws, len(changed)))
    return [
        olds + people.former,
        take(ids, np.r_[holders, changed]),
        [FormerNumberKind.CMND.value] * len(olds) + [FormerNumberKind.CANCELLED.value] * len(changed),
        [_ENDED] * len(olds) + take(ISO, until),
        [NULL] * len(olds) + reasons,
    ]


def death_rows(
    draws: Draws, places: Places, people: People, commune: Ints, ids: list[str], as_of: int
) -> list[list[str]]:
    """The columns of the deaths: the day it happened, and when the registry knew, sometimes a year later."""
    gone = np.flatnonzero((people.gone != NONE) & (people.status <= DECEASED + 1))
    delay = draws.between(len(gone), 1, 15)
    late = draws.chance(len(gone), _LATE)
    delay = np.where(late, draws.between(len(gone), 60, 400), delay)
    day, missing = people.gone[gone], people.status[gone] != DECEASED
    certified = draws.chance(len(gone), _CERTIFIED) & ~missing
    book = draws.between(len(gone), 1, 400)
    return [
        take(ids, gone),
        take(_DEATH_KINDS, missing.astype(np.int64)),
        take(ISO, day),
        take(MORNING, np.minimum(day + delay, as_of)),
        [
            f"{page}/{year}/TLKT" if has else NULL
            for page, year, has in zip(book.tolist(), YEAR[day].tolist(), certified.tolist(), strict=True)
        ],
        take(places.code, commune[gone]),
    ]


def absence_rows(draws: Draws, folk: Families, people: People, ids: list[str], as_of: int) -> list[list[str]]:
    """The columns of declared absences: military duty, or a year and more away (Law on Residence Art. 31)."""
    away = (folk.age >= _ADULT) & (folk.age < 60) & (people.status == ACTIVE)  # noqa: PLR2004 — of working age
    away = np.flatnonzero(away & draws.chance(len(folk.age), _ABSENT))
    count, age = len(away), folk.age[away]
    duty = (age >= _DUTY_AGE[0]) & (age <= _DUTY_AGE[1]) & (folk.sex[away] == 0)
    since = as_of - draws.between(count, 20, 900)
    length = np.where(duty, 730, draws.between(count, 365, 1500))
    over = since + length < as_of
    where = take(_ABROAD, draws.between(count, 0, len(_ABROAD) - 1))
    return [
        take(ids, away),
        ["1"] * count,
        take(_CATEGORIES, (~duty).astype(np.int64)),
        [_DUTY if called else place for called, place in zip(duty.tolist(), where, strict=True)],
        take(ISO, since),
        take(ISO, since + length),
        take(ISO, np.where(over, since + length, NONE)),
        take(MORNING, since - 1),
    ]


def stay_rows(draws: Draws, places: Places, people: People, ids: list[str], as_of: int) -> list[list[str]]:
    """The columns of notices of stays in the last year (Law on Residence Art. 30)."""
    away = np.flatnonzero(
        (people.status == ACTIVE) & draws.chance(len(ids), _STAYING) & (people.born < as_of - 400)
    )
    count = len(away)
    host, since = _HOST.pick(draws, count), as_of - draws.between(count, 1, 365)
    commune = places.draw(draws, count)
    return [
        take(ids, away),
        ["1"] * count,
        take(_HOSTS, host),
        take(places.code, commune),
        places.addresses(draws, commune),
        [NULL] * count,
        [NULL] * count,
        take(_REASONS, host),
        take(ISO, since),
        take(ISO, since + draws.between(count, 1, 29)),
        take(MORNING, since),
    ]
