"""1.004194 as a dossier: temporary residence registration (`đăng ký tạm trú`), of one person or several together.

Sources: Law on Residence 68/2020 Art. 27, 28; Decree 154/2024 as amended by 58/2026 Art. 4(4) (children under six);
Circular 116/2026/TT-BCA; residence.md section 5. The inputs are those of the assessment (`residence_temporary`); what
they say of consents counts nothing here, where everybody agrees for themselves.
"""

from population_registry.domain import EndReason, PersonFacts, ResidenceKind, Tenure
from population_registry.dossiers import (
    Case,
    Check,
    CheckFlag,
    ConsentNeed,
    Fee,
    Outcome,
    Procedure,
    StatedDays,
    Term,
    from_rule,
    open_check,
)
from population_registry.dossiers.changes import Change
from population_registry.matching import Grade, compare_communes
from population_registry.procedures.calendar_terms import add_months
from population_registry.procedures.residence_children import joins_representative
from population_registry.procedures.residence_fees import exemption_checks, fee
from population_registry.procedures.residence_moves import Entry, enter, leave
from population_registry.procedures.residence_people import (
    found,
    numbers_in,
    people_consents,
    person_checks,
    subjects,
    subjects_stated,
)
from population_registry.procedures.residence_places import (
    Place,
    dwelling_changes,
    dwelling_checks,
    head_consents,
    household_check,
    household_to_enter,
    owner_consents,
    read_place,
    relation_to_head,
)
from population_registry.procedures.residence_temporary import (
    CODE,
    FEES,
    LONGEST_MONTHS,
    SHORTEST,
    WORKING_DAYS,
    Inputs,
    read,
)
from population_registry.verification.asking import read_number
from population_registry.verification.refusals import malformed

KIND = ResidenceKind.TEMPORARY


def read_dossier(raw: object) -> Inputs:
    """The inputs of the assessment, with a dwelling that can be registered at.

    Raises:
        Refusal: `invalid-request`, naming the place.
    """
    inputs = read(raw)
    if inputs.dwelling is None:
        raise malformed("inputs.dwelling")
    if _place(inputs).commune != inputs.commune:
        raise malformed("inputs.commune")
    _owner_number(inputs)
    return inputs


def _place(inputs: Inputs) -> Place:
    return read_place(inputs.dwelling, "inputs.dwelling")


def _owner_number(inputs: Inputs) -> str | None:
    if inputs.owner is None or inputs.tenure == Tenure.OWNED.value:
        return None
    return read_number(inputs.owner.get("number"), "inputs.owner.number")


def _owner(case: Case) -> PersonFacts | None:
    if case.inputs.tenure == Tenure.OWNED.value:
        return case.applicant
    number = _owner_number(case.inputs)
    return None if number is None else case.person(number)


def _numbers(inputs: Inputs) -> tuple[str, ...]:
    owner, head = _owner_number(inputs), inputs.household
    return (*numbers_in(inputs.people), *(each for each in (owner, head) if each is not None))


def _movers(case: Case) -> list[PersonFacts]:
    return [each.record for each in found(case, case.inputs.people) if each.record is not None]


def _free_of_checks(case: Case) -> bool:
    return joins_representative(case, _movers(case), _place(case.inputs))


def _checks(case: Case) -> tuple[Check, ...]:
    inputs: Inputs = case.inputs
    place = _place(inputs)
    term = (
        from_rule("term_minimum", holds=inputs.ends - inputs.begins >= SHORTEST, why="shorter_than_30_days"),
        from_rule(
            "term_maximum",
            holds=inputs.ends <= add_months(inputs.begins, LONGEST_MONTHS),
            why="longer_than_2_years",
        ),
        from_rule("term_ahead", holds=inputs.ends > case.today, why="term_over"),
    )
    within = inputs.contract_until is None or inputs.ends <= inputs.contract_until
    checks = (*person_checks(case, inputs.people), *term)
    if _free_of_checks(case):
        return checks
    return (
        *checks,
        _outside(case, place),
        from_rule("term_within_contract", holds=within, why="after_contract"),
        *dwelling_checks(case, place, _owner(case)),
        *household_check(case, inputs.household, place, KIND),
        *exemption_checks(case, "claimed" if inputs.fee_exempt else None),
    )


def _outside(case: Case, place: Place) -> Check:
    """Inside the commune of permanent residence no temporary registration is possible (Art. 27(1))."""
    unknown: list[str] = []
    for person in _movers(case):
        residence = person.residence(ResidenceKind.PERMANENT, case.today)
        if residence is None:
            unknown.append("not_registered")
            continue
        grade = compare_communes(place.commune, residence.address.commune_code, case.successors).grade
        if grade is not Grade.DIFFERENT and grade is not Grade.NEAR:
            return Check("outside_commune", CheckFlag.FAIL, ("inside_commune",))
        if grade is not Grade.DIFFERENT:
            unknown.append("unit_split")
    if unknown:
        return open_check("outside_commune", *dict.fromkeys(unknown))
    return Check("outside_commune", CheckFlag.PASS)


def _consents(case: Case) -> tuple[ConsentNeed, ...]:
    inputs: Inputs = case.inputs
    if _free_of_checks(case):
        return ()
    movers = [case.applicant.person.person_id, *subjects(case, inputs.people)]
    return (
        *owner_consents(case, _place(inputs), _owner(case), movers=movers),
        *head_consents(case, inputs.household, KIND),
        *people_consents(case, inputs.people),
    )


def _days(inputs: Inputs) -> StatedDays:
    """Neither the registration nor the contract ends before the first day."""
    periods = [(inputs.begins, "until", inputs.ends)]
    if inputs.contract_until is not None:
        periods.append((inputs.begins, "contract_until", inputs.contract_until))
    return StatedDays(tuple(periods))


def _fee(case: Case) -> Fee:
    inputs: Inputs = case.inputs
    count = len(inputs.people) if inputs.in_list else 1
    return fee(
        case,
        paper=FEES["paper", inputs.in_list],
        online=FEES["online", inputs.in_list],
        claimed="claimed" if inputs.fee_exempt else None,
        people=count,
    )


def _outcome(case: Case) -> Outcome:
    """The old temporary entry closes, since at most one stands (residence.md section 5); the new one has an end."""
    inputs: Inputs = case.inputs
    place = _place(inputs)
    owner = _owner(case)
    owners = () if owner is None else (owner.person.person_id,)
    changes: list[Change] = []
    for person in _movers(case):
        changes += leave(case, person, KIND, case.today, EndReason.MOVED)
    added, dwelling, address = dwelling_changes(case, place, owners)
    household = household_to_enter(case, inputs.household, KIND)
    entry = Entry(
        kind=KIND,
        address=address,
        dwelling=dwelling,
        household=None if household is None else household.household_id,
        tenure=Tenure(inputs.tenure),
        since=max(inputs.begins, case.today),
        until=inputs.ends,
    )
    people = [
        (each.record, relation_to_head(each.stated.relation))
        for each in found(case, inputs.people)
        if each.record is not None
    ]
    changes += [*added, *enter(people, entry, place.commune)]
    return Outcome(tuple(changes), result={"until": inputs.ends.isoformat()})


PROCEDURE = Procedure(
    code=CODE,
    name_vi="Đăng ký tạm trú",
    name_en="Temporary residence registration",
    legal_basis="Luật Cư trú 68/2020/QH14, Điều 27, 28; Nghị định 154/2024/NĐ-CP; Thông tư 116/2026/TT-BCA",
    read=read_dossier,
    checks=_checks,
    term=lambda _case: Term.days(WORKING_DAYS),
    outcome=_outcome,
    days=_days,
    numbers=_numbers,
    consents=_consents,
    fee=_fee,
    subjects=subjects_stated,
    commune=lambda case: _place(case.inputs).commune,
)
