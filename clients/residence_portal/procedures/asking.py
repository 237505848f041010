"""Questions that several residence procedures put, and how their answers become the registry's inputs."""

from collections.abc import Mapping
from typing import Any, Final

from clients.portal_kit.question import Kind, Question, Section

AGENCY, SYSTEM = "G01.899.05", "01"
"""How this portal numbers what it files (Circular 04/2025/TT-VPCP Art. 23)."""
OWN_DATA: Final = (
    "number",
    "name",
    "birth_date",
    "permanent_address",
    "temporary_address",
    "current_address",
)
WITH_HOUSEHOLD: Final = (*OWN_DATA, "household")

PLACE: Final = Section(
    "form.dwelling", (Question("dwelling", Kind.PLACE, "form.place"),), text="form.dwelling_text"
)
EXEMPT: Final = Question("fee_exempt", Kind.FLAG, "form.fee_exempt", hint="form.fee_exempt_hint")


def people(*, relations: bool = False) -> Section:
    """Who takes part beside the person who files; adults among them are asked by the registry."""
    question = Question(
        "people", Kind.PEOPLE, "form.people_others", hint="form.people_others_hint", relations=relations
    )
    return Section("form.people", (question,), text="form.people_text")


def owner(when: tuple[str, frozenset[str]], *, optional: bool = False) -> Question:
    """The owner of the dwelling, whom the registry asks."""
    return Question(
        "owner",
        Kind.HOLDER,
        "form.owner_number",
        missing="form.owner_name_missing",
        when=when,
        optional=optional,
    )


HOUSEHOLD: Final = Question(
    "household", Kind.HOLDER, "form.household_number", hint="form.household_hint", optional=True
)


def head_of(inputs: dict[str, Any]) -> dict[str, Any]:
    """A household is entered by naming its head: `household: {head, name}`."""
    holder = inputs.get("household")
    if isinstance(holder, Mapping):
        inputs["household"] = {"head": holder["number"], "name": holder["name"]}
    return inputs
