"""Splitting a household (`tách hộ`): members found a household of their own at the same lawful dwelling.

Sources: Law on Residence 68/2020 Art. 25; Circular 75/2022/TT-BTC; residence.md section 6. Deadline: 5 working days.
Fee: 10,000 ₫ on paper, 5,000 online. The sources name no code; `residence.split` is this registry's own.
"""

from dataclasses import dataclass

from population_registry.domain import Household, MaritalStatus, Relation, ResidenceKind
from population_registry.dossiers import (
    Case,
    Check,
    CheckFlag,
    ConsentNeed,
    Fee,
    Outcome,
    Procedure,
    Reason,
    Role,
    Term,
    from_rule,
    open_check,
)
from population_registry.dossiers.changes import Change, FoundHousehold, JoinHousehold, LeaveHousehold
from population_registry.procedures.inputs import read_inputs, read_optional
from population_registry.procedures.residence_fees import exemption_checks, fee
from population_registry.procedures.residence_people import (
    Stated,
    found,
    is_adult,
    numbers_stated,
    people_consents,
    person_checks,
    read_people,
    subjects,
    subjects_stated,
)
from population_registry.procedures.residence_places import NEW_HOUSEHOLD, relation_to_head


@dataclass(frozen=True, slots=True)
class Inputs:
    """Who leaves together, the first of them the new head; `divorced`: on the ground of a divorce."""

    people: tuple[Stated, ...]
    divorced: bool
    fee_exempt: bool


def read(raw: object) -> Inputs:
    """Inputs from JSON.

    Raises:
        Refusal: `invalid-request`, naming the place under `inputs`.
    """
    given = read_inputs(raw, required=set(), optional={"people", "divorced", "fee_exempt"})
    return Inputs(
        people=read_people(given),
        divorced=bool(read_optional(given, "divorced", bool)),
        fee_exempt=bool(read_optional(given, "fee_exempt", bool)),
    )


def _household(case: Case) -> Household | None:
    applicant = case.applicant.person.person_id
    return case.facts.household_of(applicant, ResidenceKind.PERMANENT)


def _checks(case: Case) -> tuple[Check, ...]:
    inputs: Inputs = case.inputs
    people = [each.record for each in found(case, inputs.people) if each.record is not None]
    household = _household(case)
    ids = {each.person.person_id for each in people}
    checks = [*person_checks(case, inputs.people)]
    if household is None:
        return (*checks, Check("same_household", CheckFlag.FAIL, ("no_household",)))
    members = {each.person_id for each in household.members}
    dwelling = case.facts.dwellings.get(household.dwelling_id)
    checks += [
        from_rule("same_household", holds=ids <= members, why="not_a_member"),
        from_rule("others_remain", holds=bool(members - ids), why="nobody_remains"),
        from_rule("head_stays", holds=household.head_id not in ids, why="head_leaves"),
        from_rule("full_capacity", holds=any(is_adult(each, case) for each in people), why="nobody_of_age"),
        from_rule("new_head_of_age", holds=bool(people) and is_adult(people[0], case), why="minor_head"),
        from_rule("dwelling", holds=dwelling is None or not dwelling.disputed, why="ownership_disputed"),
    ]
    if inputs.divorced:
        checks.append(_divorce(case))
    return (*checks, *exemption_checks(case, "claimed" if inputs.fee_exempt else None))


def _divorce(case: Case) -> Check:
    """The registry knows the divorce; that the dwelling is still shared is for the officer to see."""
    if case.applicant.person.marital_status is not MaritalStatus.DIVORCED:
        return Check("divorce", CheckFlag.FAIL, ("not_divorced",))
    return open_check("divorce", "still_uses_dwelling")


def _consents(case: Case) -> tuple[ConsentNeed, ...]:
    """Head and owner each agree, but not to divorced spouses who still use the dwelling (Art. 25(1)(b))."""
    inputs: Inputs = case.inputs
    household = _household(case)
    own = people_consents(case, inputs.people)
    if household is None or inputs.divorced:
        return own
    movers = set(subjects(case, inputs.people))
    needs = []
    if household.head_id is not None and household.head_id not in movers:
        needs.append(ConsentNeed(Role.HEAD, household.head_id, "household_split"))
    dwelling = case.facts.dwellings.get(household.dwelling_id)
    owners = () if dwelling is None else dwelling.owner_ids
    needs += [ConsentNeed(Role.OWNER, each, "household_split") for each in owners if each not in movers]
    return (*needs, *own)


def _fee(case: Case) -> Fee:
    claimed = "claimed" if case.inputs.fee_exempt else None
    return fee(case, paper=10_000, online=5_000, claimed=claimed)


def _outcome(case: Case) -> Outcome:
    """A new file number and a new head; where people are registered does not change."""
    household = _household(case)
    assert household is not None
    people = [each for each in found(case, case.inputs.people) if each.record is not None]
    changes: list[Change] = [
        LeaveHousehold(each, household.household_id, case.today, Reason.SPLIT)
        for each in subjects(case, case.inputs.people)
    ]
    dwelling = case.facts.dwellings[household.dwelling_id]
    first = subjects(case, case.inputs.people)[0]
    commune = dwelling.address.commune_code
    changes.append(FoundHousehold(NEW_HOUSEHOLD, first, household.kind, household.dwelling_id, commune))
    for place, each in enumerate(people):
        assert each.record is not None
        relation = Relation.HEAD if place == 0 else relation_to_head(each.stated.relation)
        person_id = each.record.person.person_id
        changes.append(JoinHousehold(person_id, NEW_HOUSEHOLD, relation, case.today, Reason.SPLIT))
    return Outcome(tuple(changes))


def _commune(case: Case) -> str | None:
    household = _household(case)
    dwelling = None if household is None else case.facts.dwellings.get(household.dwelling_id)
    return None if dwelling is None else dwelling.address.commune_code


PROCEDURE = Procedure(
    code="residence.split",
    name_vi="Tách hộ",
    name_en="Splitting a household",
    legal_basis="Luật Cư trú 68/2020/QH14, Điều 25; Nghị định 154/2024/NĐ-CP; Thông tư 116/2026/TT-BCA",
    read=read,
    checks=_checks,
    term=lambda _case: Term.days(5),
    outcome=_outcome,
    numbers=numbers_stated,
    consents=_consents,
    fee=_fee,
    subjects=subjects_stated,
    commune=_commune,
)
