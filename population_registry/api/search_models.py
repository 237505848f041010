"""The shapes of officers' searches."""

from typing import Any

from pydantic import BaseModel, Field

from population_registry.api.models import Strict


class SearchRequest(Strict):
    """Who searches, why, by what. Personal data stand in the body only, never in an address."""

    officer: str | None = Field(
        default=None,
        max_length=64,
        description="Needed unless the token is the officer's own",
        examples=["CA-00166-01"],
    )
    purpose: str = Field(
        max_length=64, examples=["residence_dossier"], description="One of the purposes of officers"
    )
    case: str = Field(
        max_length=64, examples=["G01.899.05-261121-010042"], description="Dossier or case number"
    )
    criteria: dict[str, Any] = Field(
        examples=[{"name": "Lan nguyễn", "birth": "1994", "place": {"commune": "00166"}}],
        description="name, birth, place, head_of_household; or number; or household",
    )
    cursor: str | None = Field(default=None, max_length=1000)
    limit: int = Field(default=20, ge=1, le=50)


class FoundPerson(BaseModel):
    """One person of the list."""

    number: str
    name: str
    birth_date: str
    sex: str
    status: str
    permanent_commune: str | None


class SearchAnswer(BaseModel):
    """One page, in the order of official lists: given name first."""

    people: list[FoundPerson]
    total: int = Field(description="How many match in the officer's territory, at most 500")
    outside_territory: int = Field(description="How many were named exactly and belong to another territory")
    next_cursor: str | None
