"""One row judged by the rule of one question (`verification.weigh`), and the status of a reconciliation. Pure.

Statuses: insurance.md section 6 of the domain facts (outcomes of matching with the population registry).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from population_registry.batch.asking import KEYS_OF_A_ROW, SOCIAL, Kind
from population_registry.domain import PersonFacts, PersonStatus, RegistryFacts
from population_registry.matching import Successors, compare_dates, compare_names
from population_registry.matching.grades import EXACT
from population_registry.verification.answers import ClaimResult, Flag, Identity
from population_registry.verification.asking import Context, Question
from population_registry.verification.authorising import Permitted
from population_registry.verification.catalogue import Procedure
from population_registry.verification.claims import CLAIMS
from population_registry.verification.deciding import weigh

NAME, BIRTH, SEX = "name", "birth_date", "sex"
_DIFFERENCES = ((NAME, "name_diff"), (BIRTH, "dob_diff"), (SEX, "sex_diff"))


PIN_TWICE, SOCIAL_TWICE = "duplicate_pin", "duplicate_bhxh"
"""One personal number on two social-insurance numbers; one social-insurance number on two people, or one person
with two of them."""


class Asked(NamedTuple):
    """One row as it was taken in; `duplicate` is what the whole file said of it."""

    number: str
    name: str
    birth: str
    others: str | None = None
    social_insurance: str | None = None
    duplicate: str | None = None


class Recorded(NamedTuple):
    """Of the person that a row's number leads to, what name and birth date are judged by."""

    family: str
    middle: str
    given: str
    birth: str
    status: str
    found_by: str


Said = tuple[str, str | None, str]
"""Identity, status and the JSON of the results for one row."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What every row of one batch is judged by."""

    context: Context
    procedure: Procedure
    told: bool
    kind: Kind
    today: date
    successors: Successors
    _said: dict[object, Said] = field(default_factory=dict, repr=False, compare=False)
    """What was said where name and birth date compared alike and the record stood alike: nothing else counts."""

    def answer(self, asked: Asked, recorded: Recorded | None, read: Callable[[], PersonFacts]) -> Said:
        """What `judge` says; of rows that ask for nothing but name and birth date it judges each kind once."""
        if recorded is None:
            return self.judge(asked, None)
        if asked.others is not None or asked.social_insurance is not None or asked.duplicate is not None:
            return self.judge(asked, read())
        full = " ".join(filter(None, recorded[:3]))
        birth = EXACT
        if asked.birth != recorded.birth:
            birth = compare_dates(_birth(asked.birth), _birth(recorded.birth))
        kind = (compare_names(asked.name, full), birth, recorded.status, recorded.found_by)
        said = self._said.get(kind)
        if said is None:
            said = self._said[kind] = self.judge(asked, read())
        return said

    def judge(self, asked: Asked, found: PersonFacts | None) -> Said:
        """The rule of one question."""
        number = asked.number
        values = {NAME: asked.name, BIRTH: _birth(asked.birth)}
        if asked.others is not None:
            others = orjson.loads(asked.others)
            values |= {claim: CLAIMS[claim].value(value) for claim, value in others.items()}
        if asked.social_insurance is not None:
            values[SOCIAL] = asked.social_insurance
        question = Question(self.context, number)
        permitted = Permitted(
            question, self.procedure, values, is_self=False, told=self.told, numbers=(number,)
        )
        people = {} if found is None else {number: found}
        facts = RegistryFacts((number,), people, {}, {})
        identity, results = weigh(permitted, facts, self.today, self.successors)
        status = None
        if self.kind is Kind.RECONCILE:
            standing = None if found is None else found.person.status
            status = status_of(identity, results, standing, asked.duplicate)
        document = {claim: result.document() for claim, result in results.items()}
        return identity.value, status, orjson.dumps(document).decode()


@lru_cache(maxsize=65_536)
def _birth(text: str) -> Any:
    return CLAIMS[BIRTH].value(text)


def needs_papers(columns: Mapping[str, str]) -> bool:
    """Whether judging needs more of a person than the one row of `person`."""
    simple = {*KEYS_OF_A_ROW, NAME, BIRTH, SEX, SOCIAL, "alive", "adult", "nationality_vn"}
    return not columns.keys() <= simple


def status_of(
    identity: Identity,
    results: Mapping[str, ClaimResult],
    standing: PersonStatus | None,
    duplicate: str | None = None,
) -> str:
    """One word for a row of a reconciliation; only ever for a caller with the right to know who exists.

    `standing` is the status on record; it may be missing where the person was not established. What keeps the record
    from being anybody's comes first; two numbers of one person last, when all else agrees.
    """
    if identity is Identity.NO_SUCH_PERSON:
        return "pin_not_found"
    if standing is PersonStatus.NUMBER_CANCELLED:
        return "pin_cancelled"
    if duplicate == PIN_TWICE:
        return PIN_TWICE
    if difference := _difference(identity, results):
        return difference
    if standing is PersonStatus.DECEASED:
        return "deceased"
    other = SOCIAL in results and results[SOCIAL].flag is Flag.MISMATCH
    return SOCIAL_TWICE if other or duplicate is not None else "verified"


def _difference(identity: Identity, results: Mapping[str, ClaimResult]) -> str | None:
    """The first identifying value that differs."""
    for claim, status in _DIFFERENCES:
        if claim in results and results[claim].flag not in {Flag.MATCH, Flag.UNKNOWN}:
            return status
    return None if identity is Identity.ESTABLISHED else "name_diff"
