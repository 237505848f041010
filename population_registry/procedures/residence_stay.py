"""2.001159, stay notice (`thông báo lưu trú`): who stays where for less than thirty days; a notice, no registration.

Sources: Law on Residence 68/2020 Art. 30 as amended by 118/2025 (vehicle owners); Circular 116/2026 Art. 14;
residence.md section 8. Before 23:00 of the first day, or before 08:00 of the next when the guest came after 23:00.
Nothing is checked beyond the form; it is noted at once. Foreigners are another law's and not noted here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from population_registry.domain import RECENT_YEARS, Address, KinKind, PersonFacts, StayHost
from population_registry.dossiers import AT_ONCE, Case, Check, Outcome, Procedure, StatedDays, from_rule
from population_registry.dossiers.changes import NoteStay
from population_registry.dossiers.working_days import VIET_NAM
from population_registry.procedures.inputs import read_choice, read_day, read_inputs
from population_registry.procedures.residence_people import Stated, found, numbers_in, read_people, subjects
from population_registry.procedures.residence_places import Place, read_place
from population_registry.verification.asking import read_text
from population_registry.verification.refusals import malformed

LONGEST: Final = timedelta(days=30)
EVENING, MORNING = time(23, 0), time(8, 0)
CLOSE_KIN: Final = frozenset({KinKind.SPOUSE, KinKind.FATHER, KinKind.MOTHER, KinKind.CHILD})
"""Close relatives as the registry records them; grandparents, grandchildren and siblings by the host's word."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """The guests (the applicant where left out), the place, the reason, when they came, until when."""

    host: StayHost
    guests: tuple[Stated, ...]
    place: Place
    reason: str
    arrived_at: datetime
    until: date
    relatives: bool


def read(raw: object) -> Inputs:
    """Inputs from JSON.

    Raises:
        Refusal: `invalid-request`, naming the place under `inputs`.
    """
    given = read_inputs(
        raw,
        required={"dwelling", "reason", "arrived_at", "until"},
        optional={"host", "people", "relatives"},
    )
    relatives = given.get("relatives", False)
    if not isinstance(relatives, bool):
        raise malformed("inputs.relatives")
    return Inputs(
        host=StayHost(read_choice(given, "host", frozenset(StayHost), StayHost.HOUSEHOLD.value)),
        guests=read_people(given),
        place=read_place(given["dwelling"], "inputs.dwelling"),
        reason=read_text(given["reason"], "inputs.reason", range(1, 201)),
        arrived_at=_moment(given),
        until=read_day(given, "until"),
        relatives=relatives,
    )


def _moment(given: Mapping[str, Any]) -> datetime:
    try:
        moment = datetime.fromisoformat(given["arrived_at"])
    except (TypeError, ValueError):
        raise malformed("inputs.arrived_at") from None
    if moment.tzinfo is None or moment.year not in RECENT_YEARS:
        raise malformed("inputs.arrived_at")
    return moment.astimezone(VIET_NAM)


def latest_notice(arrived_at: datetime) -> datetime:
    """Until when the notice must be given (Art. 30(4))."""
    local = arrived_at.astimezone(VIET_NAM)
    if local.time() < EVENING:
        return datetime.combine(local.date(), EVENING, VIET_NAM)
    return datetime.combine(local.date() + timedelta(days=1), MORNING, VIET_NAM)


def _checks(case: Case) -> tuple[Check, ...]:
    inputs: Inputs = case.inputs
    begins = inputs.arrived_at.date()
    length = begins <= inputs.until <= begins + LONGEST
    return (
        from_rule("arrival", holds=inputs.arrived_at <= case.now + timedelta(days=1), why="too_early"),
        from_rule("length", holds=length, why="longer_than_30_days"),
    )


def _guests(case: Case) -> list[PersonFacts]:
    return [each.record for each in found(case, case.inputs.guests) if each.record is not None]


def _outcome(case: Case) -> Outcome:
    inputs: Inputs = case.inputs
    address = Address(inputs.place.commune, inputs.place.address)
    guests = _guests(case)
    kin = case.applicant.kin_ids(*CLOSE_KIN)
    changes = tuple(
        NoteStay(
            each.person.person_id, inputs.host, address, inputs.reason, inputs.arrived_at.date(), inputs.until
        )
        for each in guests
    )
    related = inputs.relatives and bool(guests) and all(each.person.person_id in kin for each in guests)
    return Outcome(
        changes,
        result={
            "in_time": case.now <= latest_notice(inputs.arrived_at),
            "one_notice_is_enough": related,
        },
    )


PROCEDURE = Procedure(
    code="2.001159",
    name_vi="Thông báo lưu trú",
    name_en="Stay notice",
    legal_basis="Luật Cư trú 68/2020/QH14, Điều 30; Thông tư 116/2026/TT-BCA, Điều 14",
    read=read,
    checks=_checks,
    term=lambda _case: AT_ONCE,
    outcome=_outcome,
    days=lambda inputs: StatedDays(((inputs.arrived_at.date(), "until", inputs.until),)),
    numbers=lambda inputs: numbers_in(inputs.guests),
    subjects=lambda case: subjects(case, case.inputs.guests) or (case.applicant.person.person_id,),
    commune=lambda case: case.inputs.place.commune,
    automatic=True,
)
