"""Draws communes by the provinces' shares, invents addresses with neutral street names, of today and of before."""

from dataclasses import dataclass

import numpy as np

from population_registry.storage.reference import read_rows
from population_registry.synthesis.draws import Bools, Draws, Ints, Weights, take

NORTH, CENTRE, SOUTH = range(3)
_SOUTH_REGIONS = frozenset({"Đông Nam Bộ", "Đồng bằng sông Cửu Long"})
_CENTRE_REGIONS = frozenset({"Nam Trung Bộ"})
_CENTRE_CODES = frozenset({"44", "46"})
_URBAN_WEIGHT = 2.2
_IN_ALLEYS = 0.6
_ALLEYS = ("ngõ", "kiệt", "hẻm")
_HAMLETS = ("Thôn", "Thôn", "Ấp")
_STREETS = (
    *(
        "Hoa Mai",
        "Hoa Sen",
        "Hoa Sữa",
        "Hoa Cúc",
        "Hoa Đào",
        "Hoa Phượng",
        "Bằng Lăng",
        "Tre Xanh",
        "Lúa Vàng",
    ),
    *(
        "Nhân Ái",
        "Trung Thực",
        "Cần Kiệm",
        "Hiếu Học",
        "Đoàn Kết",
        "Hòa Bình",
        "Tự Lực",
        "Thanh Liêm",
        "Chăm Chỉ",
    ),
)
_HOMES = ("Đông", "Tây", "Nam", "Bắc", "Trung", "Thượng", "Hạ", "Mới", "Đình", "Chợ", "Sông", "Đồng", "Vườn")


@dataclass(frozen=True, slots=True)
class Formerly:
    """The wards of before 1 July 2025 by number: code, full place, their province's two digits on insurance cards."""

    code: list[str]
    place: list[str]
    digits: list[str]


class Places:
    """Every commune of 2026 by number, and the older wards that each was made of."""

    def __init__(self) -> None:
        provinces = list(read_rows("provinces_34.csv"))
        regions = {row["code"]: _region(row["code"], row["region_vi"]) for row in provinces}
        share = {row["code"]: float(row["population_share"]) for row in provinces}
        communes = list(read_rows("communes_2026.csv"))
        within = dict.fromkeys(share, 0.0)
        weights = [_URBAN_WEIGHT if row["kind"] == "phuong" else 1.0 for row in communes]
        for row, weight in zip(communes, weights, strict=True):
            within[row["province_code"]] += weight
        self.code = [row["code"] for row in communes]
        self.province = [row["province_code"] for row in communes]
        self.region: Ints = np.array([regions[code] for code in self.province])
        self.urban: Bools = np.array([row["kind"] == "phuong" for row in communes])
        self._draw = Weights(
            share[code] * weight / within[code] for code, weight in zip(self.province, weights, strict=True)
        )
        self.former, self._first, self._count, self._wards = _predecessors(self.code)

    def draw(self, draws: Draws, count: int) -> Ints:
        """Communes somewhere in the country."""
        return self._draw.pick(draws, count)

    def former_ward(self, draws: Draws, commune: Ints) -> Ints:
        """One of the older wards that each commune was made of; -1 for the few of which none is known."""
        count = self._count[commune]
        place = self._first[commune] + draws.between(len(commune), 0, count - 1)
        return np.where(count > 0, self._wards[np.minimum(place, len(self._wards) - 1)], -1)

    def any_former_ward(self, draws: Draws, count: int) -> Ints:
        """Older wards of communes somewhere in the country."""
        return self.former_ward(draws, self.draw(draws, count))

    def addresses(self, draws: Draws, commune: Ints) -> list[str]:
        """A house in each commune: number, alley and street in wards, hamlet elsewhere."""
        homes = len(commune)
        house, alley = draws.between(homes, 1, 320), draws.between(homes, 2, 199)
        street, hamlet = draws.between(homes, 0, len(_STREETS) - 1), draws.between(homes, 0, len(_HOMES) - 1)
        alleys, region = draws.chance(homes, _IN_ALLEYS), self.region[commune]
        rows = zip(
            *(self.urban[commune].tolist(), alleys.tolist(), house.tolist(), alley.tolist()),
            *(take(_STREETS, street), take(_HOMES, hamlet), take(_ALLEYS, region), take(_HAMLETS, region)),
            strict=True,
        )
        return [
            (f"Số {number}, {small} {turn}, đường {road}" if inside else f"Số {number}, đường {road}")
            if ward
            else f"{kind} {name} {1 + turn % 12}"
            for ward, inside, number, turn, road, name, small, kind in rows
        ]


def _region(code: str, region: str) -> int:
    if region in _SOUTH_REGIONS:
        return SOUTH
    return CENTRE if region in _CENTRE_REGIONS or code in _CENTRE_CODES else NORTH


def _predecessors(communes: list[str]) -> tuple[Formerly, Ints, Ints, Ints]:
    """The older wards, and for each commune where its own begin in the list of predecessors and how many they are."""
    provinces = {
        row["pid_code"]: ("Thành phố " if row["type_before_2025_07"] == "thanh_pho" else "Tỉnh ")
        + row["name_vi"]
        for row in read_rows("provinces.csv")
    }
    districts = {row["code"]: row for row in read_rows("districts_pre2025.csv")}
    wards = list(read_rows("wards_pre2025.csv"))
    places = []
    for ward in wards:
        district = districts[ward["district_code"]]
        province = provinces[district["province_pid_code"]]
        places.append(f"{ward['full_name_vi']}, {district['full_name_vi']}, {province}")
    former = Formerly([ward["code"] for ward in wards], places, [ward["province_code"] for ward in wards])
    number = {code: place for place, code in enumerate(former.code)}
    mine: dict[str, list[int]] = {code: [] for code in communes}
    for row in read_rows("commune_predecessors_2025.csv"):
        mine[row["new_code"]].append(number[row["old_ward_code"]])
    count = np.array([len(mine[code]) for code in communes], dtype=np.int64)
    flat = np.array([ward for code in communes for ward in mine[code]], dtype=np.int64)
    return former, np.cumsum(count) - count, count, flat
