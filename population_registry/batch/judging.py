"""One row judged by the rule of one question (`verification.weigh`), and the status of a reconciliation. Pure.

Statuses: insurance.md section 6 of the domain facts (outcomes of matching with the population registry).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import orjson

from population_registry.batch.asking import NUMBER, REF, Kind
from population_registry.domain import PersonFacts, PersonStatus, RegistryFacts
from population_registry.matching import Successors
from population_registry.verification.answers import ClaimResult, Flag, Identity
from population_registry.verification.asking import Context, Question
from population_registry.verification.authorising import Permitted
from population_registry.verification.catalogue import Procedure
from population_registry.verification.claims import CLAIMS
from population_registry.verification.deciding import weigh

NAME, BIRTH, SEX = "name", "birth_date", "sex"
_DIFFERENCES = ((NAME, "name_diff"), (BIRTH, "dob_diff"), (SEX, "sex_diff"))


@dataclass(frozen=True, slots=True)
class Bench:
    """What every row of one batch is judged by."""

    context: Context
    procedure: Procedure
    told: bool
    kind: Kind
    today: date
    successors: Successors

    def judge(
        self, number: str, name: str, birth: str, others: str | None, found: PersonFacts | None
    ) -> tuple[str, str | None, str]:
        """Identity, status and the JSON of the results for one row."""
        values = {NAME: name, BIRTH: _birth(birth)}
        if others is not None:
            values |= {claim: CLAIMS[claim].value(value) for claim, value in orjson.loads(others).items()}
        permitted = Permitted(
            Question(self.context, number), self.procedure, values, is_self=False, told=self.told
        )
        people = {} if found is None else {number: found}
        facts = RegistryFacts((number,), people, {}, {})
        identity, results = weigh(permitted, facts, self.today, self.successors)
        status = status_of(identity, results, found) if self.kind is Kind.RECONCILE else None
        document = {claim: result.document() for claim, result in results.items()}
        return identity.value, status, orjson.dumps(document).decode()


@lru_cache(maxsize=65_536)
def _birth(text: str) -> Any:
    return CLAIMS[BIRTH].value(text)


def needs_papers(columns: Mapping[str, str]) -> bool:
    """Whether judging needs more of a person than the one row of `person`."""
    return not columns.keys() <= {NUMBER, REF, NAME, BIRTH, SEX, "alive", "adult", "nationality_vn"}


def status_of(identity: Identity, results: Mapping[str, ClaimResult], found: PersonFacts | None) -> str:
    """One word for a row of a reconciliation; only ever for a caller with the right to know who exists."""
    if identity is Identity.NO_SUCH_PERSON or found is None:
        return "pin_not_found"
    if found.person.status is PersonStatus.NUMBER_CANCELLED:
        return "pin_cancelled"
    for claim, status in _DIFFERENCES:
        if claim in results and results[claim].flag not in {Flag.MATCH, Flag.UNKNOWN}:
            return status
    if identity is not Identity.ESTABLISHED:
        return "name_diff"
    return "deceased" if found.person.status is PersonStatus.DECEASED else "verified"
