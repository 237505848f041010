"""bhyt.reduction, ex officio: a reported decrease (`báo giảm`) ends cover, and unused months of premium go back.

Sources: insurance.md sections 2 (refund), 5 (codes 110 and 120 to 124) and 9 (stop on death: 1 working day, assumed);
Law 25/2008 Art. 16(4). The end by death is the same rule, written by the linked death procedure.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from population_registry.domain import InsuranceState, PersonFacts
from population_registry.domain.insurance_groups import HOUSEHOLD
from population_registry.dossiers import (
    Case,
    Check,
    CheckFlag,
    Outcome,
    Procedure,
    StatedDays,
    Term,
    from_rule,
)
from population_registry.dossiers.insurance_changes import (
    CardReason,
    EndCover,
    InsuranceChange,
    PaidPremium,
    RefundPremium,
)
from population_registry.procedures.inputs import read_choice, read_day, read_inputs
from population_registry.procedures.insurance_people import INSURER_AGENCY, VSS, insurer_of
from population_registry.procedures.insurance_premiums import unused
from population_registry.verification.asking import read_number, read_text

CODE: Final = "bhyt.reduction"
WORKING_DAYS: Final = 1
STATES: Final = frozenset(state.value for state in InsuranceState) - {InsuranceState.IN_FORCE.value}
GROUNDS: Final = frozenset({CardReason.OTHER_GROUP.value, CardReason.REPORTED.value})
ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Inputs:
    """Whose cover of which group ends, with which state, from which day, and why."""

    number: str
    group: str
    state: InsuranceState
    since: date
    reason: CardReason


def read(raw: object) -> Inputs:
    """Inputs from JSON.

    Raises:
        Refusal: `invalid-request`, naming the place under `inputs`.
    """
    given = read_inputs(raw, required={"number", "group", "state", "since"}, optional={"reason"})
    return Inputs(
        read_number(given["number"], "inputs.number"),
        read_text(given["group"], "inputs.group", range(2, 3)),
        InsuranceState(read_choice(given, "state", STATES, "")),
        read_day(given, "since"),
        CardReason(read_choice(given, "reason", GROUNDS, CardReason.REPORTED.value)),
    )


def end_cover(
    person: PersonFacts,
    group: str | None,
    state: InsuranceState,
    on: date,
    reason: CardReason,
    payments: Iterable[PaidPremium],
) -> list[InsuranceChange]:
    """Cards that reach that day end, and the whole unused months of the person's own premiums go back.

    Nothing goes back for a mere report; death and a move to a higher group are the grounds (insurance.md section 2).
    """
    person_id = person.person.person_id
    standing = [
        card
        for card in person.insurances
        if card.last_day is not None and card.last_day >= on and group in {None, card.group}
    ]
    if not standing:
        return []
    changes: list[InsuranceChange] = [EndCover(person_id, group, state, on, reason)]
    if reason is CardReason.REPORTED or group not in {None, HOUSEHOLD}:
        return changes
    for paid in payments:
        if paid.person_id != person_id or paid.last_day is None or paid.last_day < on:
            continue
        amount = unused(paid, on - ONE_DAY if on > paid.valid_from else None)
        if amount:
            premium = paid.premium
            changes.append(
                RefundPremium(
                    person_id,
                    premium.household_id,
                    premium.financial_year,
                    premium.position,
                    amount,
                    on,
                    reason,
                )
            )
    return changes


def _person(case: Case) -> PersonFacts | None:
    return case.person(case.inputs.number)


def _changes(case: Case) -> list[InsuranceChange]:
    inputs, person = case.inputs, _person(case)
    if person is None:
        return []
    return end_cover(person, inputs.group, inputs.state, inputs.since, inputs.reason, case.payments)


def _checks(case: Case) -> tuple[Check, ...]:
    if _person(case) is None:
        return (Check("insured", CheckFlag.FAIL, ("person_not_known",)),)
    return (
        from_rule("cover", holds=bool(_changes(case)), why="no_cover_from_that_day"),
        from_rule("moment", holds=case.inputs.since <= case.today, why="in_the_future"),
    )


def _outcome(case: Case) -> Outcome:
    changes = _changes(case)
    refunds = [each.amount for each in changes if isinstance(each, RefundPremium)]
    return Outcome(tuple(changes), result={"refund": sum(refunds)})


PROCEDURE = Procedure(
    code=CODE,
    name_vi="Báo giảm, dừng, thu hồi thẻ bảo hiểm y tế",
    name_en="Reported decrease, stop or withdrawal of health-insurance cover",
    legal_basis="Luật Bảo hiểm y tế 25/2008/QH12, Điều 16, 20; Nghị định 188/2025/NĐ-CP, Điều 6",
    read=read,
    checks=_checks,
    term=lambda _case: Term.days(WORKING_DAYS),
    outcome=_outcome,
    days=lambda inputs: StatedDays(happened={"since": inputs.since}),
    numbers=lambda inputs: (inputs.number,),
    subjects=lambda case: [] if (person := _person(case)) is None else [person.person.person_id],
    commune=insurer_of,
    code_agency=INSURER_AGENCY,
    code_system=VSS,
    ex_officio=True,
    payments=True,
)
