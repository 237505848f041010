"""Makes the gazetteer of both times from the CSV files of `data/`."""

from collections.abc import Iterator
from functools import cache

from population_registry.matching import Gazetteer, Tier, Unit
from population_registry.storage.reference import read_rows

_KIND_WORDS = {
    "Phường": "phuong",
    "Xã": "xa",
    "Thị trấn": "thi_tran",
    "Quận": "quan",
    "Huyện": "huyen",
    "Thị xã": "thi_xa",
    "Thành phố": "thanh_pho",
}


@cache
def load_gazetteer() -> Gazetteer:
    """Provinces, districts and wards of before 1 July 2025, provinces and communes of today; read once (0.4 s)."""
    became = {row["pid_code"][1:]: row["new_code"] for row in read_rows("provinces.csv")}
    return Gazetteer.of(_units(), became)


def _units() -> Iterator[tuple[Tier, Unit]]:
    for row in read_rows("provinces.csv"):
        kind = row["type_before_2025_07"]
        yield Tier.PROVINCE, Unit(row["pid_code"][1:], row["name_vi"], kind, "", old=True)
    for row in read_rows("provinces_34.csv"):
        yield Tier.PROVINCE, Unit(row["code"], row["name_vi"], row["type"], "", old=False)
    for row in read_rows("districts_pre2025.csv"):
        yield Tier.DISTRICT, _named(row["code"], row["full_name_vi"], row["province_code"])
    for row in read_rows("wards_pre2025.csv"):
        yield Tier.COMMUNE, _named(row["code"], row["full_name_vi"], row["district_code"])
    for row in read_rows("communes_2026.csv"):
        unit = Unit(row["code"], row["name_vi"], row["kind"], row["province_code"], old=False)
        yield Tier.COMMUNE, unit


def _named(code: str, full_name: str, above: str) -> Unit:
    """A unit of before July 2025; its kind is the beginning of its name."""
    for words, kind in _KIND_WORDS.items():
        if full_name.startswith(f"{words} "):
            return Unit(code, full_name.removeprefix(f"{words} "), kind, above, old=True)
    return Unit(code, full_name, None, above, old=True)
