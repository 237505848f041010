"""Draws communes by the provinces' shares, and invents addresses with neutral street names."""

from dataclasses import dataclass
from random import Random

from population_registry.storage.reference import read_rows
from population_registry.synthesis.sampling import Weighted

_SOUTH = frozenset({"Đông Nam Bộ", "Đồng bằng sông Cửu Long"})
_CENTRE = frozenset({"Nam Trung Bộ"})
_CENTRE_CODES = frozenset({"44", "46"})
_URBAN_WEIGHT = 2.2
_IN_ALLEYS = 0.6
_ALLEY = {"north": "ngõ", "centre": "kiệt", "south": "hẻm"}
_HAMLET = {"north": "Thôn", "centre": "Thôn", "south": "Ấp"}
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
class Place:
    """A commune to live in: its code, its region for names and words, whether it is a ward."""

    commune_code: str
    province_code: str
    region: str
    urban: bool


class Places:
    """Every commune of 2026, drawn by province share, wards more often than rural communes."""

    def __init__(self) -> None:
        shares = {row["code"]: float(row["population_share"]) for row in read_rows("provinces_34.csv")}
        regions = {
            row["code"]: _region(row["code"], row["region_vi"]) for row in read_rows("provinces_34.csv")
        }
        by_province: dict[str, list[tuple[Place, float]]] = {code: [] for code in shares}
        for row in read_rows("communes_2026.csv"):
            code, urban = row["province_code"], row["kind"] == "phuong"
            place = Place(row["code"], code, regions[code], urban)
            by_province[code].append((place, _URBAN_WEIGHT if urban else 1.0))
        self._provinces = Weighted(shares.items())
        self._communes = {code: Weighted(places) for code, places in by_province.items()}

    def draw(self, rng: Random) -> Place:
        """A commune somewhere in the country."""
        return self._communes[self._provinces.draw(rng)].draw(rng)

    @staticmethod
    def address(rng: Random, place: Place) -> str:
        """A house in that commune: number, alley and street in wards, hamlet elsewhere."""
        if not place.urban:
            return f"{_HAMLET[place.region]} {rng.choice(_HOMES)} {rng.randint(1, 12)}"
        house, street = rng.randint(1, 320), rng.choice(_STREETS)
        if rng.random() < _IN_ALLEYS:
            return f"Số {house}, {_ALLEY[place.region]} {rng.randint(2, 199)}, đường {street}"
        return f"Số {house}, đường {street}"


def _region(code: str, region: str) -> str:
    if region in _SOUTH:
        return "south"
    return "centre" if region in _CENTRE or code in _CENTRE_CODES else "north"
