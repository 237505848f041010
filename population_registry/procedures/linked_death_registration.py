"""linked.death.registration: the civil-status office registers a death; item 24 of the national record.

Sources: Law on Civil Status 60/2014 Art. 32 to 34 (within 15 days), Law on Identity Art. 9(24), Decree 63/2024;
insurance.md section 7 (five working days assumed). The e-identity closes, which the registry tells the provider; a
spouse who is left is widowed.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from population_registry.domain import DeathKind, KinKind, MaritalStatus, PersonFacts, PersonStatus
from population_registry.dossiers import (
    Case,
    Check,
    CheckFlag,
    Outcome,
    Procedure,
    StatedDays,
    Term,
    from_rule,
    open_check,
)
from population_registry.dossiers.changes import Change
from population_registry.dossiers.civil_changes import CivilReason, RecordDeath, SetMaritalStatus
from population_registry.procedures.civil_office import JUSTICE, JUSTICE_AGENCY
from population_registry.procedures.inputs import read_day, read_inputs
from population_registry.procedures.kin import is_near_kin
from population_registry.procedures.residence_places import read_commune_code
from population_registry.verification.asking import read_number, read_object, read_text

CODE: Final = "linked.death.registration"
WORKING_DAYS: Final = 5
REGISTER_WITHIN: Final = timedelta(days=15)
MEMBERS: Final = frozenset({"deceased", "died", "notice", "commune"})


@dataclass(frozen=True, slots=True)
class Death:
    """Who died, when, the notice of death (`giấy báo tử`) and the office."""

    deceased: str
    died: date
    notice: str
    notice_signed: bool
    commune: str


def read(raw: object) -> Death:
    """Inputs from JSON.

    Raises:
        Refusal: `invalid-request`, naming the place under `inputs`.
    """
    return read_death(read_inputs(raw, required=set(MEMBERS), optional=set()))


def read_death(given: dict[str, object]) -> Death:
    """The members that state a death.

    Raises:
        Refusal: `invalid-request`, naming the place under `inputs`.
    """
    notice = read_object(
        given.get("notice"), "inputs.notice", allowed={"number", "signed"}, required={"number"}
    )
    return Death(
        read_number(given.get("deceased"), "inputs.deceased"),
        read_day(given, "died"),
        read_text(notice["number"], "inputs.notice.number", range(1, 41)),
        notice.get("signed") is True,
        read_commune_code(given.get("commune"), "inputs.commune"),
    )


def deceased(case: Case, death: Death) -> PersonFacts | None:
    """The record of the person who died."""
    return case.person(death.deceased)


def death_checks(case: Case, death: Death) -> tuple[Check, ...]:
    """Near kin register a death; what only papers prove is left to the officer."""
    person = deceased(case, death)
    if person is None or not is_near_kin(case.applicant, person, case):
        return (Check("kin", CheckFlag.FAIL, ("not_kin",)),)
    late = case.today - death.died > REGISTER_WITHIN
    born = person.person.birth.earliest()
    return (
        Check("kin", CheckFlag.PASS),
        from_rule("alive_in_the_record", holds=person.person.status is PersonStatus.ACTIVE, why="not_active"),
        from_rule("died", holds=born <= death.died <= case.today, why="no_such_day_of_death"),
        Check("notice", CheckFlag.PASS)
        if death.notice_signed
        else open_check("notice", "not_signed_electronically"),
        open_check("in_time", "later_than_15_days") if late else Check("in_time", CheckFlag.PASS),
    )


def _outcome(case: Case) -> Outcome:
    death: Death = case.inputs
    person = deceased(case, death)
    assert person is not None
    person_id = person.person.person_id
    changes: list[Change] = [RecordDeath(person_id, DeathKind.DEATH, death.died, death.notice, death.commune)]
    for spouse_id in sorted(person.kin_ids(KinKind.SPOUSE)):
        spouse = case.by_id(spouse_id)
        married = spouse is not None and spouse.person.marital_status is MaritalStatus.MARRIED
        if married and person_id in (spouse.kin_ids(KinKind.SPOUSE) if spouse else ()):
            changes.append(
                SetMaritalStatus(spouse_id, MaritalStatus.WIDOWED, death.died, CivilReason.SPOUSE_DIED)
            )
    return Outcome(tuple(changes), result={"died": death.died.isoformat()})


def subjects(case: Case, death: Death) -> list[int]:
    """The person who died, when found."""
    person = deceased(case, death)
    return [] if person is None else [person.person.person_id]


PROCEDURE = Procedure(
    code=CODE,
    name_vi="Đăng ký khai tử",
    name_en="Registration of a death",
    legal_basis="Luật Hộ tịch 60/2014/QH13, Điều 32 đến 34; Nghị định 63/2024/NĐ-CP",
    read=read,
    checks=lambda case: death_checks(case, case.inputs),
    term=lambda _case: Term.days(WORKING_DAYS),
    outcome=_outcome,
    days=lambda inputs: StatedDays(happened={"died": inputs.died}),
    numbers=lambda inputs: (inputs.deceased,),
    subjects=lambda case: subjects(case, case.inputs),
    commune=lambda case: case.inputs.commune,
    code_agency=JUSTICE_AGENCY,
    code_system=JUSTICE,
)
