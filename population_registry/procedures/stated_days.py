"""Days of a filing that cannot be: a period that ends before it begins, a thing that happened after today.

They are refused at filing, before anybody is looked up, naming the place. What contradicts the record (a death before
the birth) is left to the checks: whoever could have a filing refused by it would learn birth dates. Inputs of
dossiers that were filed before are read as they are.
"""

from datetime import date
from typing import Any

from population_registry.dossiers import Procedure
from population_registry.verification.refusals import malformed


def refuse_impossible_days(procedure: Procedure, inputs: Any, today: date) -> None:
    """Nothing, where the stated days can be.

    Raises:
        Refusal: `invalid-request`, naming the later day's place; `reason`: `period_reversed` or `in_the_future`.
    """
    stated = procedure.days(inputs)
    for begins, place, ends in stated.periods:
        if ends < begins:
            raise malformed(f"inputs.{place}", "period_reversed")
    for place, day in stated.happened.items():
        if day > today:
            raise malformed(f"inputs.{place}", "in_the_future")
