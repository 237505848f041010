"""Where a block lives: dwellings and owners, households and members, registrations of today and before."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from population_registry.domain import (
    DwellingKind,
    EndReason,
    PersonStatus,
    Relation,
    ResidenceKind,
    Tenure,
)
from population_registry.synthesis.codes import RELATIONS, relation
from population_registry.synthesis.days import ISO, MORNING, NONE, NULL, birthdays, number
from population_registry.synthesis.draws import Bools, Draws, Ints, ranks, take
from population_registry.synthesis.families import TENANTS, Families
from population_registry.synthesis.people import STATUS, People
from population_registry.synthesis.places import Places

REFORM = number(date(2025, 7, 1))
"""Since then addresses have no district."""

TERM = 729
_RENTING = 0.05
_MOVED, _RENTED_BEFORE = 0.28, 0.3
_ADULT = 18
_APARTMENT = 0.2
_OWNERS_BOTH = 0.5
_DISPUTED = 0.004
_ROOM = np.array([round(people**0.8, 3) for people in range(64)])
"""How the area of a dwelling grows with the number of people."""

_RELATIONS = [kind.value for kind in RELATIONS]
_DWELLINGS = [DwellingKind.HOUSE.value, DwellingKind.APARTMENT.value]
_KINDS = [ResidenceKind.PERMANENT.value, ResidenceKind.TEMPORARY.value]
_PERMANENT, _TEMPORARY = 0, 1
_TENURES = [Tenure.OWNED.value, Tenure.FAMILY.value, Tenure.RENTED.value]
_OWNED, _FAMILY, _RENTED = range(3)
_REASONS = [NULL, EndReason.MOVED.value, EndReason.EXPIRED.value, EndReason.DEATH.value]
_REASONS += [EndReason.NATIONALITY_LOST.value]
_REASON_OF = {PersonStatus.DECEASED: 3, PersonStatus.MISSING_DECLARED: 3, PersonStatus.NATIONALITY_LOST: 4}
_GONE_FOR = np.array([_REASON_OF.get(status, 0) for status in STATUS])


@dataclass(frozen=True, slots=True)
class Spot:
    """One place per household: commune of today, address, and the same in the words of before July 2025."""

    commune: Ints
    ward: Ints
    text: list[str]
    formerly: list[str]


def spots(draws: Draws, places: Places, commune: Ints) -> Spot:
    """An address in each commune, with one of the older wards that the commune was made of."""
    ward, text = places.former_ward(draws, commune), places.addresses(draws, commune)
    formerly = [f"{here}, {tail}" for here, tail in zip(text, take(places.former.place, ward), strict=True)]
    return Spot(commune, ward, text, formerly)


class Homes:
    """The households of a block and how long everybody has been there."""

    def __init__(self, draws: Draws, places: Places, folk: Families, people: People, as_of: int) -> None:
        homes = len(folk.start)
        self._places, self._folk, self._people = places, folk, people
        self.head = np.zeros(homes, dtype=np.int64)
        heads = np.flatnonzero(folk.relation == relation(Relation.HEAD))
        self.head[folk.home[heads]] = heads
        renting = (folk.template == TENANTS) | draws.chance(homes, _RENTING)
        owners = np.flatnonzero(~renting)
        if not len(owners):
            renting[:] = False
            owners = np.arange(homes)
        self.renting = renting
        self.landlord = self.head[owners[draws.between(homes, 0, len(owners) - 1)]]
        grown = birthdays(people.born[self.head], _ADULT)
        settled = grown + draws.between(homes, 0, np.maximum(0, as_of - grown))
        self.since = np.where(renting, as_of - draws.between(homes, 1, TERM - 1), settled)
        begun = np.maximum(self.since[folk.home], people.born + 1)
        self.begun = np.where(people.gone == NONE, begun, np.minimum(begun, people.gone - 30))
        self._draw_history(draws)

    def _draw_history(self, draws: Draws) -> None:
        homes = len(self._folk.start)
        self._moved = draws.chance(homes, _MOVED) & ~self.renting
        self._earlier = self.since - draws.between(homes, 400, 9000)
        self._rented = draws.chance(homes, _RENTED_BEFORE) & self.renting
        self._former_term = self.since - draws.between(homes, 200, TERM + 120)
        self._late = draws.between(homes, 0, 7)

    def dwelling_rows(self, draws: Draws, spot: Spot, ids: list[str]) -> list[list[str]]:
        """The columns of the dwellings; `ids` are the households', each has one dwelling."""
        homes, size = len(ids), self._folk.size
        apartment = self._places.urban[spot.commune] & draws.chance(homes, _APARTMENT)
        bell = draws.normal(homes, 2400, 800, 0, 6000)
        area = np.maximum(80 * size, (bell * _ROOM[size]).astype(np.int64) // 10 + 120).tolist()
        disputed = draws.chance(homes, _DISPUTED)
        return [
            ids,
            take(_DWELLINGS, apartment.astype(np.int64)),
            take(self._places.code, spot.commune),
            spot.text,
            *self._formerly(spot, self.since, np.arange(homes)),
            [f"{tenths // 10}.{tenths % 10}" for tenths in area],
            take(["f", "t"], disputed.astype(np.int64)),
        ]

    def owner_rows(self, draws: Draws, ids: list[str], home_ids: list[str]) -> list[list[str]]:
        """The columns of the owners: the head, half of the spouses beside them, or a landlord from elsewhere."""
        spouse = self._folk.spouse[self.head]
        both = ~self.renting & (spouse >= 0) & draws.chance(len(spouse), _OWNERS_BOTH)
        first = np.where(self.renting, self.landlord, self.head)
        owner = np.r_[first, spouse[both]]
        home = np.r_[np.arange(len(spouse)), np.flatnonzero(both)]
        order = np.lexsort((home, owner))
        return [take(ids, owner[order]), take(home_ids, home[order])]

    def household_rows(self, spot: Spot, first: int, ids: list[str]) -> list[list[str]]:
        """The columns of the households; `first` is the number of the first one."""
        provinces = take(self._places.province, spot.commune)
        files = [f"{code}{number:010d}" for number, code in enumerate(provinces, first)]
        return [ids, files, take(_KINDS, self.renting.astype(np.int64)), ids]

    def membership_rows(self, ids: list[str], home_ids: list[str]) -> list[list[str]]:
        """The columns of who belongs to which household."""
        folk = self._folk
        return [
            ids,
            take(home_ids, folk.home),
            take(ISO, self.begun),
            take(_RELATIONS, folk.relation),
            take(ISO, self._people.gone),
        ]

    def standing_places(self, here: Spot, before: Spot) -> list[str]:
        """`@commune,@province` of every registration in force of each person; nothing for those who are gone."""
        code, province, renting = self._places.code, self._places.province, self.renting.tolist()
        texts = [
            f"@{code[now]},@{province[now]}" + (f",@{code[then]},@{province[then]}" if tenants else "")
            for now, then, tenants in zip(
                here.commune.tolist(), before.commune.tolist(), renting, strict=True
            )
        ]
        there = np.where(self._people.gone == NONE, self._folk.home, len(texts))
        return take([*texts, ""], there)

    def residence_rows(
        self, here: Spot, before: Spot, ids: list[str], home_ids: list[str]
    ) -> list[list[str]]:
        """The columns of all registrations; `before` is where movers lived and where tenants are at home."""
        folk, born, gone = self._folk, self._people.born, self._people.gone
        home, everyone = folk.home, np.arange(len(folk.home))
        renting = self.renting[home]
        reason = np.where(gone == NONE, 0, _GONE_FOR[self._people.status])
        tenure = np.where(everyone == self.head[home], _OWNED, _FAMILY)
        parts = [
            # who, kind, at home, tenure, since, until, ended, reason
            self._part(~renting, _PERMANENT, True, tenure, self.begun, NONE, gone, reason),
            self._part(renting, _PERMANENT, False, _FAMILY, born, NONE, gone, reason),
            self._part(
                renting,
                _TEMPORARY,
                True,
                _RENTED,
                self.begun,
                np.minimum(self.since[home], self.begun) + TERM,
                gone,
                reason,
            ),
        ]
        earlier = np.maximum(born + 1, self._earlier[home])
        moved = self._moved[home] & (self.begun == self.since[home]) & (earlier + 60 < self.begun)
        parts.append(self._part(moved, _PERMANENT, False, _FAMILY, earlier, NONE, self.begun, 1))
        earlier = np.maximum(born + 1, self._former_term[home])
        ends = self._former_term[home] + TERM
        again = self._rented[home] & (self.begun == self.since[home]) & (earlier + 30 < self.begun)
        left = np.where(ends < self.begun, 2, 1)
        parts.append(
            self._part(again, _TEMPORARY, False, _RENTED, earlier, ends, np.minimum(ends, self.begun), left)
        )
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
        order = np.lexsort((columns[4], columns[0]))
        person, kind, inside, tenure, since, until, ended, why = (column[order] for column in columns)
        return self._residences(
            here, before, (ids, home_ids), (person, kind, inside, tenure, since, until, ended, why)
        )

    @staticmethod
    def _part(who: Bools, *columns: int | bool | Ints) -> list[Ints]:
        person = np.flatnonzero(who)
        fixed = (
            np.full(len(person), c, dtype=np.int64) if isinstance(c, int) else c[person] for c in columns
        )
        return [person, *fixed]

    def _residences(
        self, here: Spot, before: Spot, ids: tuple[list[str], list[str]], columns: tuple[Ints, ...]
    ) -> list[list[str]]:
        person, kind, inside, tenure, since, until, ended, why = columns
        homes = len(self._folk.start)
        home = self._folk.home[person]
        both = Spot(
            np.r_[here.commune, before.commune],
            np.r_[here.ward, before.ward],
            here.text + before.text,
            here.formerly + before.formerly,
        )
        spot = np.where(inside == 1, home, home + homes)
        late = self._late[home]
        return [
            take(ids[0], person),
            list(map(str, (ranks(person) + 1).tolist())),
            take(_KINDS, kind),
            take(self._places.code, both.commune[spot]),
            take(both.text, spot),
            *self._formerly(both, since, spot),
            take([*ids[1], NULL], np.where(inside == 1, home, homes)),
            take(_TENURES, tenure),
            take(ISO, since),
            take(ISO, until),
            take(ISO, ended),
            take(_REASONS, why),
            take(MORNING, since + late),
            take(MORNING, np.where(ended == NONE, NONE, ended + late)),
        ]

    def _formerly(self, spot: Spot, since: Ints, places: Ints) -> list[list[str]]:
        """The address as then written and the ward of then, of what began before 1 July 2025."""
        then = (since < REFORM) & (spot.ward[places] >= 0)
        return [
            take([*spot.formerly, NULL], np.where(then, places, len(spot.formerly))),
            take([*self._places.former.code, NULL], np.where(then, spot.ward[places], -1)),
        ]
