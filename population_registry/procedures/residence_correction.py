"""Correction of residence data (`điều chỉnh thông tin về cư trú`): a new head, a relation, how an address is written.

Sources: Law on Residence 68/2020 Art. 26; Circular 116/2026/TT-BCA; residence.md section 3. Deadline: 3 working
days, free. What the civil-status database shares needs no application. `residence.correct` is this registry's own
code.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from population_registry.domain import Address, Household, PersonStatus, Relation, Residence, ResidenceKind
from population_registry.dossiers import (
    Case,
    Check,
    CheckFlag,
    ConsentNeed,
    Outcome,
    Procedure,
    Reason,
    Role,
    Term,
    from_rule,
    open_check,
)
from population_registry.dossiers.changes import Change, ChangeRelation, CorrectResidence
from population_registry.procedures.inputs import read_choice, read_inputs
from population_registry.procedures.residence_moves import standing_residence
from population_registry.procedures.residence_people import (
    Stated,
    found,
    is_adult,
    numbers_stated,
    person_checks,
    read_person,
    subjects,
    subjects_stated,
)
from population_registry.verification.asking import read_text
from population_registry.verification.refusals import malformed

_KINDS: Final = frozenset({ResidenceKind.PERMANENT.value, ResidenceKind.TEMPORARY.value})


class What(StrEnum):
    """What is corrected."""

    HEAD = "head"
    RELATION = "relation"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Inputs:
    """`person` becomes head, or stands otherwise to the head; `former_head_relation` is what the old head becomes."""

    what: What
    kind: ResidenceKind
    person: Stated
    relation: Relation | None
    former_head_relation: Relation
    address: str | None

    @property
    def people(self) -> tuple[Stated, ...]:
        """Whom it is about."""
        return (self.person,)


def read(raw: object) -> Inputs:
    """Inputs from JSON.

    Raises:
        Refusal: `invalid-request`, naming the place under `inputs`.
    """
    given = read_inputs(
        raw,
        required={"what"},
        optional={"kind", "person", "relation", "former_head_relation", "address"},
    )
    what = What(read_choice(given, "what", frozenset(What), ""))
    relations = frozenset(Relation)
    person = Stated() if given.get("person") is None else read_person(given["person"], "inputs.person")
    if what is What.HEAD and person.number is None:
        raise malformed("inputs.person")
    relation = None
    if what is What.RELATION:
        relation = Relation(read_choice(given, "relation", relations - {Relation.HEAD}, ""))
    address = (
        read_text(given.get("address"), "inputs.address", range(1, 201)) if what is What.ADDRESS else None
    )
    return Inputs(
        what=what,
        kind=ResidenceKind(read_choice(given, "kind", _KINDS, ResidenceKind.PERMANENT.value)),
        person=person,
        relation=relation,
        former_head_relation=Relation(
            read_choice(
                given, "former_head_relation", relations - {Relation.HEAD}, Relation.LODGER_FREE.value
            )
        ),
        address=address,
    )


def _household(case: Case) -> Household | None:
    return case.facts.household_of(case.applicant.person.person_id, case.inputs.kind)


def _residence(case: Case) -> Residence | None:
    person = found(case, case.inputs.people)[0].record
    return None if person is None else standing_residence(person, case.inputs.kind)


def _checks(case: Case) -> tuple[Check, ...]:
    inputs: Inputs = case.inputs
    checks = person_checks(case, inputs.people)
    if inputs.what is What.ADDRESS:
        stands = from_rule("registration", holds=_residence(case) is not None, why="not_registered")
        own = subjects(case, inputs.people) == (case.applicant.person.person_id,)
        return (
            *checks,
            stands,
            from_rule("own_data", holds=own, why="of_somebody_else"),
            open_check("proof", "papers"),
        )
    household = _household(case)
    ids = subjects(case, inputs.people)
    members = set() if household is None else {each.person_id for each in household.members}
    member = from_rule("same_household", holds=bool(ids) and set(ids) <= members, why="not_a_member")
    if inputs.what is What.RELATION:
        is_head = household is not None and household.head_id in ids
        return (
            *checks,
            member,
            Check("head", CheckFlag.FAIL, ("is_head",)) if is_head else Check("head", CheckFlag.PASS),
            open_check("proof", "papers"),
        )
    person = found(case, inputs.people)[0].record
    of_age = person is not None and is_adult(person, case)
    return (*checks, member, from_rule("new_head_of_age", holds=of_age, why="minor_head"))


def _old_head(case: Case) -> int | None:
    """The head who still lives and is somebody else than the new one."""
    household = _household(case)
    if (
        household is None
        or household.head_id is None
        or household.head_id in subjects(case, case.inputs.people)
    ):
        return None
    head = case.by_id(household.head_id)
    return household.head_id if head is not None and head.person.status is PersonStatus.ACTIVE else None


def _consents(case: Case) -> tuple[ConsentNeed, ...]:
    """A living head gives the place to another by agreement (Art. 10); the new head agrees to be one."""
    inputs: Inputs = case.inputs
    applicant = case.applicant.person.person_id
    if inputs.what is What.ADDRESS:
        return ()
    needs = []
    head = _old_head(case)
    if head is not None and head != applicant:
        needs.append(ConsentNeed(Role.HEAD, head, "household_changes"))
    if inputs.what is What.HEAD:
        needs += [
            ConsentNeed(Role.MEMBER, each, "becomes_head")
            for each in subjects(case, inputs.people)
            if each != applicant
        ]
    return tuple(needs)


def _outcome(case: Case) -> Outcome:
    inputs: Inputs = case.inputs
    (person_id,) = subjects(case, inputs.people)
    if inputs.what is What.ADDRESS:
        residence = _residence(case)
        assert residence is not None
        address = Address(residence.address.commune_code, inputs.address or "", residence.address.text)
        return Outcome(
            (CorrectResidence(person_id, inputs.kind, address, residence.tenure, Reason.CORRECTED),)
        )
    household = _household(case)
    assert household is not None
    if inputs.what is What.RELATION:
        assert inputs.relation is not None
        change = ChangeRelation(
            person_id, household.household_id, inputs.relation, case.today, Reason.CORRECTED
        )
        return Outcome((change,))
    changes: list[Change] = []
    if household.head_id is not None and household.head_id != person_id:
        changes.append(
            ChangeRelation(
                household.head_id,
                household.household_id,
                inputs.former_head_relation,
                case.today,
                Reason.NEW_HEAD,
            )
        )
    changes.append(
        ChangeRelation(person_id, household.household_id, Relation.HEAD, case.today, Reason.NEW_HEAD)
    )
    return Outcome(tuple(changes))


def _commune(case: Case) -> str | None:
    residence = standing_residence(case.applicant, case.inputs.kind)
    return None if residence is None else residence.address.commune_code


PROCEDURE = Procedure(
    code="residence.correct",
    name_vi="Điều chỉnh thông tin về cư trú",
    name_en="Correction of residence data",
    legal_basis="Luật Cư trú 68/2020/QH14, Điều 10, 26; Thông tư 116/2026/TT-BCA",
    read=read,
    checks=_checks,
    term=lambda _case: Term.days(3),
    outcome=_outcome,
    numbers=numbers_stated,
    consents=_consents,
    subjects=subjects_stated,
    commune=_commune,
)
