"""1.004222, permanent residence registration (`đăng ký thường trú`): the seven cases of Law on Residence Art. 20.

Sources: Law 68/2020 Art. 20 to 23; Decree 154/2024 as amended by 58/2026 Art. 4(4), 4(5); Circular 116/2026/TT-BCA;
Circular 75/2022/TT-BTC; residence.md section 4. Deadline: 7 working days. Fee: 20,000 ₫ on paper, 10,000 online.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from population_registry.domain import (
    EndReason,
    KinKind,
    PersonFacts,
    Relation,
    ResidenceKind,
    Tenure,
)
from population_registry.dossiers import (
    Case,
    Check,
    CheckFlag,
    ConsentNeed,
    Fee,
    Outcome,
    Procedure,
    Role,
    Term,
    open_check,
)
from population_registry.dossiers.changes import Change
from population_registry.procedures.inputs import read_choice, read_inputs, read_optional
from population_registry.procedures.residence_area import area_check
from population_registry.procedures.residence_children import joins_representative
from population_registry.procedures.residence_fees import ELDERLY, GROUNDS, exemption_checks, fee
from population_registry.procedures.residence_moves import (
    Entry,
    enter,
    head_leaves,
    leave,
    standing_residence,
)
from population_registry.procedures.residence_people import (
    Stated,
    found,
    is_adult,
    numbers_in,
    people_consents,
    person_checks,
    read_people,
    subjects,
    subjects_stated,
)
from population_registry.procedures.residence_places import (
    Place,
    dwelling_changes,
    dwelling_checks,
    find_dwelling,
    head_consents,
    household_check,
    household_to_enter,
    is_at,
    owner_consents,
    read_holder,
    read_place,
    relation_to_head,
)
from population_registry.verification.refusals import malformed

KIND: Final = ResidenceKind.PERMANENT
NO_GROUND: Final = "none"
FAMILY: Final = frozenset({KinKind.SPOUSE, KinKind.CHILD, KinKind.FATHER, KinKind.MOTHER})


class Ground(StrEnum):
    """On which ground of Art. 20 somebody registers."""

    OWN = "own"
    FAMILY = "family"
    DEPENDANT = "dependant"
    MINOR = "minor"
    RENTED = "rented"
    SITE = "site"
    FACILITY = "facility"
    VEHICLE = "vehicle"


_TENURE: Final = {
    Ground.OWN: Tenure.OWNED,
    Ground.FAMILY: Tenure.FAMILY,
    Ground.DEPENDANT: Tenure.FAMILY,
    Ground.MINOR: Tenure.FAMILY,
    Ground.RENTED: Tenure.RENTED,
    Ground.SITE: Tenure.LODGING,
    Ground.FACILITY: Tenure.LODGING,
    Ground.VEHICLE: Tenure.LODGING,
}
_WITH_KIN: Final = frozenset({Ground.FAMILY, Ground.DEPENDANT, Ground.MINOR})


@dataclass(frozen=True, slots=True)
class Inputs:
    """CT01: `kin` is whom one joins (case 2), `leader` the head of a religious site or facility (cases 4, 5)."""

    ground: Ground
    people: tuple[Stated, ...]
    place: Place
    tenure: Tenure
    owner: str | None
    household: str | None
    kin: str | None
    leader: str | None
    fee_exempt: str | None


def read(raw: object) -> Inputs:
    """Inputs from JSON.

    Raises:
        Refusal: `invalid-request`, naming the place under `inputs`.
    """
    given = read_inputs(
        raw,
        required={"ground", "dwelling"},
        optional={"people", "tenure", "owner", "household", "kin", "leader", "fee_exempt"},
    )
    ground = Ground(read_choice(given, "ground", frozenset(Ground), ""))
    tenure = read_choice(given, "tenure", frozenset(Tenure), _TENURE[ground].value)
    exempt = read_choice(given, "fee_exempt", GROUNDS | {NO_GROUND}, NO_GROUND)
    kin = read_holder(given, "kin")
    leader = read_holder(given, "leader")
    if ground in _WITH_KIN and kin is None:
        raise malformed("inputs.kin")
    if ground in {Ground.SITE, Ground.FACILITY} and leader is None:
        raise malformed("inputs.leader")
    owner = read_holder(given, "owner")
    if ground in {Ground.RENTED, Ground.VEHICLE} and owner is None:
        raise malformed("inputs.owner")
    read_optional(given, "dwelling", dict)
    return Inputs(
        ground=ground,
        people=read_people(given),
        place=read_place(given["dwelling"], "inputs.dwelling"),
        tenure=Tenure(tenure),
        owner=owner,
        household=read_holder(given, "household", "head"),
        kin=kin,
        leader=leader,
        fee_exempt=None if exempt == NO_GROUND else exempt,
    )


def _numbers(inputs: Inputs) -> tuple[str, ...]:
    named = (inputs.owner, inputs.household, inputs.kin, inputs.leader)
    return (*numbers_in(inputs.people), *(each for each in named if each is not None))


def _movers(case: Case) -> list[PersonFacts]:
    return [each.record for each in found(case, case.inputs.people) if each.record is not None]


def _owner(case: Case) -> PersonFacts | None:
    """Whoever must own the dwelling: in case 1 the applicant, with kin whoever owns it, otherwise the one named."""
    inputs: Inputs = case.inputs
    if inputs.ground is Ground.OWN:
        return case.applicant
    if inputs.owner is not None:
        return case.person(inputs.owner)
    dwelling = find_dwelling(case, inputs.place)
    owners = () if dwelling is None else dwelling.owner_ids
    return next((p for each in owners if (p := case.by_id(each)) is not None), None)


def _free_of_checks(case: Case) -> bool:
    return joins_representative(case, _movers(case), case.inputs.place)


def _checks(case: Case) -> tuple[Check, ...]:
    inputs: Inputs = case.inputs
    checks = [*person_checks(case, inputs.people), _elsewhere(case), head_leaves(case, _movers(case))]
    if _free_of_checks(case):
        return tuple(checks)
    if inputs.ground in {Ground.SITE, Ground.FACILITY}:
        checks.append(open_check("leader_role", "role_proved_by_papers"))
    else:
        checks += dwelling_checks(case, inputs.place, _owner(case))
    checks += household_check(case, inputs.household, inputs.place, KIND)
    if inputs.ground in _WITH_KIN:
        checks += [_kinship(case), _kin_lives_there(case)]
    if inputs.ground is Ground.DEPENDANT:
        checks.append(_dependant(case))
    if inputs.ground is Ground.MINOR:
        minor = all(not is_adult(each, case) for each in _movers(case))
        checks.append(
            Check("minor", CheckFlag.PASS if minor else CheckFlag.FAIL, () if minor else ("of_age",))
        )
    if inputs.ground is Ground.RENTED:
        dwelling = find_dwelling(case, inputs.place)
        ids = subjects(case, inputs.people)
        checks.append(area_check(case, dwelling, inputs.place.commune, inputs.place.area, ids))
    if inputs.ground is Ground.VEHICLE:
        checks.append(open_check("vehicle", "registered_and_inspected", "mooring_confirmed"))
    return (*checks, *exemption_checks(case, inputs.fee_exempt))


def _elsewhere(case: Case) -> Check:
    """Nobody is permanently registered at that very place already."""
    for person in _movers(case):
        residence = standing_residence(person, KIND)
        if residence is not None and is_at(case, case.inputs.place, residence.address):
            return Check("moves", CheckFlag.FAIL, ("registered_there_already",))
    return Check("moves", CheckFlag.PASS)


def _kinship(case: Case) -> Check:
    """Spouses, parents and children as the registry records them; other kin (Art. 20(2)(b), (c)) by papers."""
    kin = case.person(case.inputs.kin)
    if kin is None:
        return Check("kinship", CheckFlag.FAIL, ("kin_not_known",))
    kin_id = kin.person.person_id
    guardians = frozenset({KinKind.GUARDIAN, KinKind.WARD})
    wanted = FAMILY | guardians if case.inputs.ground is Ground.MINOR else FAMILY
    for person in _movers(case):
        mine, theirs = person.kin_ids(*wanted), kin.kin_ids(*wanted)
        if kin_id not in mine and person.person.person_id not in theirs:
            return open_check("kinship", "kinship_not_recorded")
    return Check("kinship", CheckFlag.PASS)


def _kin_lives_there(case: Case) -> Check:
    kin = case.person(case.inputs.kin)
    residence = None if kin is None else standing_residence(kin, KIND)
    if residence is not None and is_at(case, case.inputs.place, residence.address):
        return Check("kin_resident", CheckFlag.PASS)
    return Check("kin_resident", CheckFlag.FAIL, ("kin_lives_elsewhere",))


def _dependant(case: Case) -> Check:
    """Case 2b: the elderly by the birth date; disability and incapacity by papers."""
    if all(each.person.birth.certainly_reached(ELDERLY, case.today) for each in _movers(case)):
        return Check("dependant", CheckFlag.PASS)
    return open_check("dependant", "disability_or_incapacity")


def _consents(case: Case) -> tuple[ConsentNeed, ...]:
    """Head and owner are two consents. In case 2a one co-owner is enough; a site or facility speaks by its head."""
    inputs: Inputs = case.inputs
    if _free_of_checks(case):
        return ()
    own = people_consents(case, inputs.people)
    if inputs.ground in {Ground.SITE, Ground.FACILITY}:
        leader = case.person(inputs.leader or "")
        needs = (
            () if leader is None else (ConsentNeed(Role.SITE_HEAD, leader.person.person_id, "head_of_site"),)
        )
        return (*needs, *own)
    movers = [case.applicant.person.person_id, *subjects(case, inputs.people)]
    owners = owner_consents(
        case, inputs.place, _owner(case), movers=movers, one_is_enough=inputs.ground is Ground.FAMILY
    )
    return (*owners, *head_consents(case, inputs.household, KIND), *own)


def _fee(case: Case) -> Fee:
    return fee(case, paper=20_000, online=10_000, claimed=case.inputs.fee_exempt)


def _outcome(case: Case) -> Outcome:
    """The former place is left; a temporary entry at the same place is deleted (Art. 29(1)(đ))."""
    inputs: Inputs = case.inputs
    owner = _owner(case)
    owners = () if owner is None else (owner.person.person_id,)
    changes: list[Change] = []
    for person in _movers(case):
        changes += leave(case, person, KIND, case.today, EndReason.MOVED)
        temporary = standing_residence(person, ResidenceKind.TEMPORARY)
        if temporary is not None and is_at(case, inputs.place, temporary.address):
            changes += leave(case, person, ResidenceKind.TEMPORARY, case.today, EndReason.MOVED)
        changes += leave(case, person, ResidenceKind.CURRENT, case.today, EndReason.MOVED)
    added, dwelling, address = dwelling_changes(case, inputs.place, owners)
    household = household_to_enter(case, inputs.household, KIND)
    entry = Entry(
        kind=KIND,
        address=address,
        dwelling=dwelling,
        household=None if household is None else household.household_id,
        tenure=inputs.tenure,
        since=case.today,
        until=None,
    )
    people: list[tuple[PersonFacts, Relation]] = [
        (each.record, relation_to_head(each.stated.relation))
        for each in found(case, inputs.people)
        if each.record is not None
    ]
    changes += [*added, *enter(people, entry, inputs.place.commune)]
    return Outcome(tuple(changes))


PROCEDURE = Procedure(
    code="1.004222",
    name_vi="Đăng ký thường trú",
    name_en="Permanent residence registration",
    legal_basis="Luật Cư trú 68/2020/QH14, Điều 20, 22, 23; Nghị định 154/2024/NĐ-CP; Thông tư 116/2026/TT-BCA",
    read=read,
    checks=_checks,
    term=lambda _case: Term.days(7),
    outcome=_outcome,
    numbers=_numbers,
    consents=_consents,
    fee=_fee,
    subjects=subjects_stated,
    commune=lambda case: case.inputs.place.commune,
)
