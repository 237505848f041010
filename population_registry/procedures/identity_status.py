"""identity.status: loss of nationality, or a court's declaration that somebody is missing, comes into the record.

Sources: Law on Identity 26/2023 Art. 9 (items 11, 24), Art. 29(1) (a card is withdrawn with the nationality); Law on
Residence 68/2020 Art. 24(1)(a), (đ): the registrations are deleted ex officio within one working day, which
`api/dossiers/clearing.py` opens by itself. The provider closes the e-ID of whoever lost nationality. Own code.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from population_registry.domain import DocumentState, PersonStatus
from population_registry.dossiers import AT_ONCE, Case, Check, Outcome, Procedure, Reason, from_rule
from population_registry.dossiers.changes import Change, SetPersonStatus
from population_registry.dossiers.identity_changes import CardGround, WithdrawCard
from population_registry.procedures.identity_people import (
    IDENTITY_AGENCY,
    authority_check,
    newest_card,
    of_residence,
    read_decision,
)
from population_registry.procedures.inputs import read_choice, read_day, read_inputs

CODE: Final = "identity.status"
STATUSES: Final = frozenset({PersonStatus.NATIONALITY_LOST.value, PersonStatus.MISSING_DECLARED.value})


@dataclass(frozen=True, slots=True)
class Inputs:
    """What was decided, from which day, and by which decision or judgment."""

    status: PersonStatus
    since: date
    decision: str


def read(raw: object) -> Inputs:
    """Inputs from JSON.

    Raises:
        Refusal: `invalid-request`, naming the place under `inputs`.
    """
    given = read_inputs(raw, required={"status", "since", "decision"}, optional=set())
    return Inputs(
        PersonStatus(read_choice(given, "status", STATUSES, "")),
        read_day(given, "since"),
        read_decision(given),
    )


def _checks(case: Case) -> tuple[Check, ...]:
    person = case.applicant.person
    return (
        authority_check(case),
        from_rule("stands", holds=person.is_active, why=person.status.value),
        from_rule("since", holds=case.inputs.since <= case.today, why="in_the_future"),
    )


def _outcome(case: Case) -> Outcome:
    inputs: Inputs = case.inputs
    person_id = case.applicant.person.person_id
    changes: list[Change] = [SetPersonStatus(person_id, inputs.status, inputs.since, Reason.CIVIL_STATUS)]
    card = newest_card(case)
    lost = inputs.status is PersonStatus.NATIONALITY_LOST
    if lost and card is not None and card.state is DocumentState.VALID:
        on = max(inputs.since, card.issued)
        changes.append(WithdrawCard(person_id, DocumentState.WITHDRAWN, on, CardGround.NATIONALITY_LOST))
    return Outcome(tuple(changes), result={"status": inputs.status.value, "decision": inputs.decision})


PROCEDURE = Procedure(
    code=CODE,
    name_vi="Ghi nhận mất quốc tịch, tuyên bố mất tích",
    name_en="Loss of nationality, or declaration as missing, is recorded",
    legal_basis="Luật Căn cước 26/2023/QH15, Điều 9, 29; Luật Cư trú 68/2020/QH14, Điều 24",
    read=read,
    checks=_checks,
    term=lambda _case: AT_ONCE,
    outcome=_outcome,
    commune=of_residence,
    code_agency=IDENTITY_AGENCY,
    automatic=True,
    ex_officio=True,
)
