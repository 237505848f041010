"""What a place of the criteria means today: communes, or whole provinces, of since July 2025."""

from collections.abc import Mapping
from dataclasses import dataclass

from population_registry.matching import Gazetteer, Successors
from population_registry.operators.criteria import Place


@dataclass(frozen=True, slots=True)
class PlacesOfToday:
    """Old units lead to the communes that their wards became part of; a divided ward leads to all its parts."""

    known: frozenset[str]
    by_old_ward: Mapping[str, frozenset[str]]
    by_old_district: Mapping[str, frozenset[str]]
    by_old_province: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, places: Gazetteer, successors: Successors, wards: Mapping[str, str]) -> "PlacesOfToday":
        """From the units of both times and the district of each old ward."""
        districts: dict[str, set[str]] = {}
        provinces: dict[str, set[str]] = {}
        became = {ward: successors.of(ward) & places.communes.keys() for ward in wards}
        for ward, district in wards.items():
            today = became[ward]
            districts.setdefault(district, set()).update(today)
            provinces.setdefault(places.districts.get(district, "").zfill(3), set()).update(today)
        return cls(
            frozenset(places.communes) | frozenset(places.provinces),
            became,
            {code: frozenset(found) for code, found in districts.items()},
            {code: frozenset(found) for code, found in provinces.items()},
        )

    def of_place(self, place: Place | None) -> tuple[str, ...] | None:
        """Codes of today; None without a place, empty for a code that no unit has or had."""
        if place is None:
            return None
        if place.kind in {"commune", "province"}:
            return (place.code,) if place.code in self.known else ()
        old = {
            "former_ward": self.by_old_ward,
            "former_district": self.by_old_district,
            "former_province": self.by_old_province,
        }
        return tuple(sorted(old[place.kind].get(place.code, ())))
