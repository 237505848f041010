"""Fills the reference tables from the CSV files of `data/`; what is there already is brought up to date."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from population_registry.storage.connections import Connection

DATA = Path(__file__).parents[1] / "data"

RESERVED_PROVINCES = {"097": "01", "098": "79", "099": "48"}
"""Which province each reserved prefix stands for, so that rules about provinces can be tried."""


def read_rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of one CSV file of the data folder."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


async def load_reference(connection: Connection) -> None:
    """Insert or update provinces, communes, number prefixes, and the places of before 1 July 2025."""
    provinces = [(r["code"], r["name_vi"], r["type"]) for r in read_rows("provinces_34.csv")]
    communes = [
        (r["code"], r["name_vi"], r["kind"], r["province_code"]) for r in read_rows("communes_2026.csv")
    ]
    names = {code: name for code, name, _ in provinces}
    prefixes = [(r["pid_code"], r["new_code"], r["name_vi"], False) for r in read_rows("provinces.csv")]
    prefixes += [(prefix, code, names[code], True) for prefix, code in RESERVED_PROVINCES.items()]
    await connection.execute(
        "INSERT INTO province (code, name, kind) SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) "
        "ON CONFLICT (code) DO UPDATE SET name = excluded.name, kind = excluded.kind "
        "WHERE (province.name, province.kind) <> (excluded.name, excluded.kind)",
        *_columns(provinces),
    )
    await connection.execute(
        "INSERT INTO commune (code, name, kind, province_code) "
        "SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) "
        "ON CONFLICT (code) DO UPDATE SET name = excluded.name, kind = excluded.kind, "
        "province_code = excluded.province_code WHERE (commune.name, commune.kind, commune.province_code) "
        "<> (excluded.name, excluded.kind, excluded.province_code)",
        *_columns(communes),
    )
    await connection.execute(
        "INSERT INTO number_prefix (prefix, province_code, name, reserved) "
        "SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[]) "
        "ON CONFLICT (prefix) DO NOTHING",
        *_columns(prefixes),
    )
    await _load_former_places(connection)


async def _load_former_places(connection: Connection) -> None:
    """Insert what was before 1 July 2025, and what became of it; nothing of it changes any more."""
    districts = [
        (r["code"], r["full_name_vi"], r["province_pid_code"]) for r in read_rows("districts_pre2025.csv")
    ]
    wards = [(r["code"], r["full_name_vi"], r["district_code"]) for r in read_rows("wards_pre2025.csv")]
    became = [
        (r["new_code"], r["old_ward_code"], r["extent"]) for r in read_rows("commune_predecessors_2025.csv")
    ]
    for statement, rows in (
        ("former_district (code, name, prefix)", districts),
        ("former_ward (code, name, district_code)", wards),
        ("commune_predecessor (commune_code, ward_code, extent)", became),
    ):
        await connection.execute(
            f"INSERT INTO {statement} SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) "  # noqa: S608 — names are constants
            "ON CONFLICT DO NOTHING",
            *_columns(rows),
        )


def _columns(rows: Sequence[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]
