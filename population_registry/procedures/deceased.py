"""What procedures after a death are told: who died."""

from dataclasses import dataclass

from population_registry.domain import PersonFacts
from population_registry.dossiers import Case
from population_registry.procedures.inputs import read_inputs
from population_registry.verification.asking import read_number


@dataclass(frozen=True, slots=True)
class Inputs:
    """The number of the person who died."""

    deceased: str


def read(raw: object) -> Inputs:
    """Inputs from JSON.

    Raises:
        Refusal: `invalid-request`, naming the place under `inputs`.
    """
    given = read_inputs(raw, required={"deceased"}, optional=set())
    return Inputs(read_number(given["deceased"], "inputs.deceased"))


def deceased_of(case: Case) -> PersonFacts | None:
    """The record of the person who died; None where there is none."""
    return case.person(case.inputs.deceased)
