"""Public reference data: provinces, communes, the ward table; read once, answered from memory with an ETag."""

import hashlib
from dataclasses import dataclass
from functools import cache, cached_property

import orjson
from starlette.requests import Request
from starlette.responses import Response

from population_registry.matching import Gazetteer, Successors
from population_registry.operators.places import PlacesOfToday
from population_registry.procedures.residence_area import least_areas
from population_registry.storage.gazetteer import load_gazetteer
from population_registry.storage.reference import read_rows

MAX_AGE = 86_400


@dataclass(frozen=True, slots=True)
class Document:
    """Ready bytes and their entity tag."""

    body: bytes
    etag: str

    @classmethod
    def of(cls, value: object) -> "Document":
        """A JSON document."""
        body = orjson.dumps(value)
        return cls(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')

    def response(self, request: Request, *, max_age: int = MAX_AGE) -> Response:
        """The document, or 304 when the reader has it (RFC 9110 section 13.1.2)."""
        headers = {"ETag": self.etag, "Cache-Control": f"public, max-age={max_age}"}
        if self.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(self.body, headers=headers, media_type="application/json")


@dataclass(frozen=True)
class References:
    """Communes by province code, all provinces, which communes each old ward became, and all units by name."""

    communes: dict[str, Document]
    provinces: Document
    successors: Successors
    places: Gazetteer
    least_area: dict[str, int]

    @classmethod
    @cache
    def load(cls) -> "References":
        """Read the CSV files of the data folder; once in a process."""
        by_province: dict[str, list[dict[str, str]]] = {}
        for row in read_rows("communes_2026.csv"):
            by_province.setdefault(row["province_code"], []).append(
                {
                    "code": row["code"],
                    "name": row["name_vi"],
                    "kind": row["kind"],
                    "province_code": row["province_code"],
                }
            )
        provinces = [
            {"code": row["code"], "name": row["name_vi"], "kind": row["type"]}
            for row in read_rows("provinces_34.csv")
        ]
        pairs = (
            (row["new_code"], row["old_ward_code"]) for row in read_rows("commune_predecessors_2025.csv")
        )
        return cls(
            {code: Document.of({"communes": rows}) for code, rows in by_province.items()},
            Document.of({"provinces": provinces}),
            Successors.from_pairs((new, old) for new, old in pairs if old),
            load_gazetteer(),
            least_areas(
                (row["code"], row["kind"], row["province_code"]) for row in read_rows("communes_2026.csv")
            ),
        )

    @cached_property
    def places_of_today(self) -> PlacesOfToday:
        """What units of either time mean today, for searches."""
        wards = {row["code"]: row["district_code"] for row in read_rows("wards_pre2025.csv")}
        return PlacesOfToday.of(self.places, self.successors, wards)
