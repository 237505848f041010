"""One block of the country: ten thousand people who depend on seed and number of the block alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from population_registry.domain import Sex
from population_registry.synthesis import days
from population_registry.synthesis.codes import MARITAL
from population_registry.synthesis.cover import Cover, household_groups
from population_registry.synthesis.draws import Draws, Ints, take
from population_registry.synthesis.events import (
    absence_rows,
    alias_rows,
    death_rows,
    particulars_rows,
    stay_rows,
)
from population_registry.synthesis.families import draw_families
from population_registry.synthesis.homes import Homes, spots
from population_registry.synthesis.kin import Care, custody_rows, kinship_rows
from population_registry.synthesis.links import link_households
from population_registry.synthesis.names import NameMaker
from population_registry.synthesis.numbers import PREFIXES, old_numbers, social_numbers
from population_registry.synthesis.papers import document_rows, draw_old_holders
from population_registry.synthesis.people import LOST, NO_FAMILY_PROVINCES, STATUS, make_people
from population_registry.synthesis.places import Places
from population_registry.synthesis.rows import BLOCK, COLUMNS, FIRST_ID
from population_registry.synthesis.searchable import search_rows, token_counts

NUMBER_WITHOUT_COVER = 0.3
_SEXES = [Sex.MALE.value, Sex.FEMALE.value]
_STATUS = [status.value for status in STATUS]
_MARITAL = [status.value for status in MARITAL]
_FACILITIES = [f"Cơ sở khám chữa bệnh số {number:02d} (mô phỏng)" for number in range(1, 100)]

Columns = list[list[str]]
"""The columns of one table, each with one text per row as COPY reads it."""


@dataclass(frozen=True, slots=True)
class Block:
    """Everything of `people` people, table by table in the order of `COLUMNS`."""

    number: int
    people: int
    tables: dict[str, Columns]
    tokens: Mapping[str, int]
    """How many entries bear each token of the search."""


class BlockMaker:
    """Makes any block of the country of one seed; whoever makes it and in whatever order, its rows are the same.

    `blocks` is how many the country has: only when it outgrows the nine-digit numbers does a block depend on it.
    """

    def __init__(self, seed: int, blocks: int, as_of: date) -> None:
        self._seed, self._blocks, self._as_of = seed, blocks, days.number(as_of)
        self._names, self._places = NameMaker(), Places()
        self._without_family = np.array([code in NO_FAMILY_PROVINCES for code in self._places.province])

    def make(self, number: int, count: int) -> Block:
        """The block of that number with `count` people."""
        draws, as_of, places = Draws(self._seed, number), self._as_of, self._places
        folk = draw_families(draws, count)
        link_households(draws, folk)
        commune = places.draw(draws, len(folk.start))
        here, before = (spots(draws, places, each) for each in (commune, places.draw(draws, len(commune))))
        theirs = commune[folk.home]
        people = make_people(
            *(draws, self._names, folk, places.region[theirs], self._without_family[theirs]),
            *(number, as_of),
        )
        first = FIRST_ID + number * BLOCK
        ids, home_ids = _texts(first, count), _texts(first, len(commune))
        homes = Homes(draws, places, folk, people, as_of)
        holders = draw_old_holders(draws, people.born)
        olds = old_numbers(number, self._blocks, len(holders))
        old = (holders[: len(olds)], olds)
        care = Care(draws, folk, people, as_of)
        shared = household_groups(draws, len(commune))[folk.home]
        cover = Cover(draws, people.born, shared, as_of)
        country = number * BLOCK + np.arange(count)
        social = social_numbers(country)
        known = cover.known(draws, NUMBER_WITHOUT_COVER)
        facility = draws.between(len(commune), 0, len(_FACILITIES) - 1)[folk.home]
        until = np.where(people.gone == days.NONE, as_of, people.gone)
        tables: dict[str, Columns] = {
            "person": [
                *(ids, people.numbers, people.families, people.middles, people.givens, people.birth_texts),
                *(take(_SEXES, folk.sex), ["VN"] * count, take(_MARITAL, folk.marital)),
                *(take(_STATUS, people.status), take(days.ISO, people.gone), [days.NULL] * count),
                [text if has else days.NULL for text, has in zip(social, known.tolist(), strict=True)],
                take(PREFIXES, people.prefix),
            ],
            "dwelling": homes.dwelling_rows(draws, here, home_ids),
            "household": homes.household_rows(here, first, home_ids),
            "personal_number_alias": alias_rows(draws, people, old, ids, as_of),
            "identity_document": document_rows(
                draws, people.born, until, people.status == LOST, people.numbers, old, ids
            ),
            "dwelling_owner": homes.owner_rows(draws, ids, home_ids),
            "membership": homes.membership_rows(ids, home_ids),
            "residence": homes.residence_rows(here, before, ids, home_ids),
            "kinship": kinship_rows(draws, folk, people, care, ids, as_of),
            "health_insurance": cover.rows(
                ids, social, self._card_digits(here.ward[folk.home]), take(_FACILITIES, facility), people.gone
            ),
            "person_particulars": particulars_rows(
                *(draws, places, folk, people, (here.ward[folk.home], care.capacities()), country, ids)
            ),
            "guardianship": care.rows(ids, people.fulls),
            "custody": custody_rows(draws, folk, people, ids, as_of),
            "death": death_rows(draws, places, people, theirs, ids, as_of),
            "absence": absence_rows(draws, folk, people, ids, as_of),
            "stay": stay_rows(draws, places, people, ids, as_of),
            "search_entry": search_rows(people, homes.standing_places(here, before), ids),
        }
        tokens = token_counts(tables["search_entry"][-1])
        return Block(number, count, {name: tables[name] for name in COLUMNS}, tokens)

    def _card_digits(self, ward: Ints) -> list[str]:
        """The province on insurance cards: still the numbers of before July 2025."""
        return take([*self._places.former.digits, "01"], ward)


def _texts(first: int, count: int) -> list[str]:
    return list(map(str, range(first, first + count)))
