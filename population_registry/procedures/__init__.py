"""Pure rules of administrative procedures, one module each: inputs, claims to verify, checks, deadline, charge."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from population_registry.procedures import insurance_household, residence_temporary
from population_registry.procedures.assessment import Assessment
from population_registry.verification.answers import Results


class Assess(Protocol):
    """Judges the inputs and the registry's results (None where nobody was asked about)."""

    def __call__(
        self, inputs: Any, results: Results | None, received_at: datetime, *, established: bool
    ) -> Assessment:
        """The assessment."""
        ...


@dataclass(frozen=True, slots=True)
class ProcedureRules:
    """What a procedure module offers, found by its code."""

    code: str
    read: Callable[[object], Any]
    claims: Callable[[Any, datetime], dict[str, Any]]
    assess: Assess


RULES: Mapping[str, ProcedureRules] = {
    module.CODE: ProcedureRules(module.CODE, module.read, module.claims, module.assess)
    for module in (residence_temporary, insurance_household)
}

__all__ = ["RULES", "Assessment", "ProcedureRules"]
