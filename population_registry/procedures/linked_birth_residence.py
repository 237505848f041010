"""linked.birth.residence: a child under six joins a household where a parent is registered.

No condition is checked. Sources: Decree 58/2026 Art. 4(4) (from 1 July 2026 no condition check and no
verification, neither head nor owner is asked), Law on Residence 68/2020 Art. 12, 20, 27; Decree 63/2024;
residence.md section 4.
"""

from dataclasses import dataclass
from typing import Final

from population_registry.domain import (
    Household,
    PersonFacts,
    PersonStatus,
    Relation,
    Residence,
    ResidenceKind,
    Tenure,
)
from population_registry.dossiers import Case, Check, CheckFlag, Outcome, Procedure, Term, from_rule
from population_registry.procedures.inputs import read_choice, read_inputs
from population_registry.procedures.residence_children import FREE_UNDER
from population_registry.procedures.residence_moves import Entry, enter, standing_residence
from population_registry.procedures.residence_people import represents, under
from population_registry.verification.asking import read_number

CODE: Final = "linked.birth.residence"
WORKING_DAYS: Final = 2
KINDS: Final = frozenset({ResidenceKind.PERMANENT.value, ResidenceKind.TEMPORARY.value})
R = Relation
_TO_HEAD: Final = {
    R.HEAD: R.CHILD,
    R.SPOUSE_WIFE: R.CHILD,
    R.SPOUSE_HUSBAND: R.CHILD,
    R.CHILD: R.GRANDCHILD,
    R.ADOPTED_CHILD: R.GRANDCHILD,
    R.SIBLING: R.GRANDCHILD,
    R.GRANDCHILD: R.GREAT_GRANDCHILD,
    R.PARENT: R.SIBLING,
    R.ADOPTIVE_PARENT: R.SIBLING,
    R.TENANT: R.CO_TENANT,
    R.CO_TENANT: R.CO_TENANT,
    R.LODGER_FREE: R.CO_LODGER,
    R.CO_LODGER: R.CO_LODGER,
    R.BORROWER: R.CO_BORROWER,
    R.CO_BORROWER: R.CO_BORROWER,
}
"""How the child of a member stands to the head (`cháu ruột` is a sibling's child too); others lodge with them."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """The child, the parent or guardian with whom it is registered, and in which kind of residence."""

    child: str
    parent: str
    kind: ResidenceKind


@dataclass(frozen=True, slots=True)
class Home:
    """Where somebody is registered today, at a dwelling that the registry knows, and the household there."""

    residence: Residence
    dwelling_id: int
    household: Household


def read(raw: object) -> Inputs:
    """Inputs from JSON.

    Raises:
        Refusal: `invalid-request`, naming the place under `inputs`.
    """
    given = read_inputs(raw, required={"child", "with"}, optional={"kind"})
    return Inputs(
        read_number(given["child"], "inputs.child"),
        read_number(given["with"], "inputs.with"),
        ResidenceKind(read_choice(given, "kind", KINDS, ResidenceKind.PERMANENT.value)),
    )


def home_with(case: Case, parent: PersonFacts | None, kind: ResidenceKind) -> Home | None:
    """The home of that person of that kind; None without one."""
    if parent is None:
        return None
    residence = standing_residence(parent, kind)
    household = case.facts.household_of(parent.person.person_id, kind)
    if residence is None or household is None or not residence.in_force(case.today):
        return None
    dwelling_id = household.dwelling_id if residence.dwelling_id is None else residence.dwelling_id
    return Home(residence, dwelling_id, household)


def _checks(case: Case) -> tuple[Check, ...]:
    inputs: Inputs = case.inputs
    child, parent = case.person(inputs.child), case.person(inputs.parent)
    if child is None or parent is None or not represents(parent, child):
        return (Check("parent_or_guardian", CheckFlag.FAIL, ("not_kin",)),)
    ours = represents(case.applicant, child)
    standing = child.person.status is PersonStatus.ACTIVE and parent.person.status is PersonStatus.ACTIVE
    home = home_with(case, parent, inputs.kind)
    registered = standing_residence(child, inputs.kind) is not None
    return (
        from_rule("parent_or_guardian", holds=ours, why="not_kin"),
        from_rule("standing", holds=standing, why="not_active"),
        from_rule("age", holds=under(child, FREE_UNDER, case), why="six_or_older"),
        from_rule("parent_registered", holds=home is not None, why="parent_not_registered_there"),
        from_rule("not_registered_yet", holds=not registered, why="already_registered"),
    )


def _outcome(case: Case) -> Outcome:
    inputs: Inputs = case.inputs
    child, parent = case.person(inputs.child), case.person(inputs.parent)
    home = home_with(case, parent, inputs.kind)
    assert child is not None
    assert parent is not None
    assert home is not None
    entry = Entry(
        kind=inputs.kind,
        address=home.residence.address,
        dwelling=home.dwelling_id,
        household=home.household.household_id,
        tenure=Tenure.FAMILY,
        since=case.today,
        until=home.residence.until,
    )
    stands = home.household.relation_of(parent.person.person_id)
    relation = R.LODGER_FREE if stands is None else _TO_HEAD.get(stands, R.LODGER_FREE)
    changes = enter([(child, relation)], entry, home.residence.address.commune_code)
    told = {"file_number": home.household.file_number, "kind": inputs.kind.value}
    return Outcome(tuple(changes), result=told)


def _commune(case: Case) -> str | None:
    home = home_with(case, case.person(case.inputs.parent), case.inputs.kind)
    return None if home is None else home.residence.address.commune_code


PROCEDURE = Procedure(
    code=CODE,
    name_vi="Đăng ký cư trú cho trẻ em dưới 6 tuổi theo cha, mẹ hoặc người giám hộ",
    name_en="Residence of a child under six with a parent or guardian",
    legal_basis="Luật Cư trú 68/2020/QH14, Điều 20, 27; Nghị định 58/2026/NĐ-CP, Điều 4; Nghị định 63/2024/NĐ-CP",
    read=read,
    checks=_checks,
    term=lambda _case: Term.days(WORKING_DAYS),
    outcome=_outcome,
    numbers=lambda inputs: (inputs.child, inputs.parent),
    subjects=lambda case: (
        [] if (child := case.person(case.inputs.child)) is None else [child.person.person_id]
    ),
    commune=_commune,
    automatic=True,
)
