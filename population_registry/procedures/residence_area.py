"""The least floor area per person where people register in a rented, borrowed or lodging place.

Source: Law on Residence 68/2020 Art. 20(3)(b): set by the provincial council, never below 8 m². The councils' tables
are not at hand: 8 everywhere, 15 in wards of the cities directly under the centre (assumed, residence.md section 4).
"""

from collections.abc import Iterable
from typing import Final

from population_registry.domain import Dwelling
from population_registry.dossiers import Case, Check, CheckFlag

FLOOR_M2: Final = 8
CITY_WARD_M2: Final = 15
CITIES: Final = frozenset({"01", "31", "46", "48", "75", "79", "92"})
"""Hà Nội, Hải Phòng, Huế, Đà Nẵng, Đồng Nai, Thành phố Hồ Chí Minh, Cần Thơ."""
_WARD: Final = "phuong"


def least_areas(communes: Iterable[tuple[str, str, str]]) -> dict[str, int]:
    """m² per person by commune code, for those that ask more than the floor; from (code, kind, province)."""
    return {code: CITY_WARD_M2 for code, kind, province in communes if kind == _WARD and province in CITIES}


def area_check(
    case: Case, dwelling: Dwelling | None, commune: str, stated: float | None, movers: Iterable[int]
) -> Check:
    """Floor area by everybody registered there afterwards, the applicants included."""
    least = case.least_area.get(commune, FLOOR_M2)
    present = frozenset() if dwelling is None else case.occupants.get(dwelling.dwelling_id, frozenset())
    area = stated if dwelling is None else dwelling.floor_area_m2
    people = len(present | frozenset(movers))
    if not area or not people:
        return Check("area", CheckFlag.UNKNOWN, ("area_not_known",))
    if area / people >= least:
        return Check("area", CheckFlag.PASS)
    return Check("area", CheckFlag.FAIL, (f"less_than_{least}_m2_each",))
