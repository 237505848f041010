"""identity.card-withdraw: an identity card is withdrawn (`thu hồi`) or held (`giữ`), ex officio.

Sources: Law on Identity 26/2023 Art. 29 and Art. 34(1)(c): the e-ID account is locked at once, by the provider, which
hears of it from the outbox. The code is this registry's own. The officer's filing is the decision: the order that it
rests on is named, and everything else the registry knows.
"""

from collections.abc import Mapping
from typing import Final

from population_registry.domain import DocumentState, PersonStatus
from population_registry.dossiers import AT_ONCE, Case, Check, Outcome, Procedure, from_rule
from population_registry.dossiers.identity_changes import CardGround, WithdrawCard
from population_registry.procedures.identity_people import (
    IDENTITY_AGENCY,
    CardInputs,
    authority_check,
    card_inputs,
    newest_card,
    of_residence,
    since_checks,
)

CODE: Final = "identity.card-withdraw"
STATES: Final[Mapping[CardGround, DocumentState]] = {
    CardGround.NATIONALITY_LOST: DocumentState.WITHDRAWN,
    CardGround.WRONGLY_ISSUED: DocumentState.WITHDRAWN,
    CardGround.ALTERED: DocumentState.WITHDRAWN,
    CardGround.CUSTODY: DocumentState.HELD,
    CardGround.PRISON: DocumentState.HELD,
    CardGround.COMPULSORY_FACILITY: DocumentState.HELD,
}
"""Art. 29(1): what is withdrawn; Art. 29(2): what is only held until the measure is over."""


def _checks(case: Case) -> tuple[Check, ...]:
    card = newest_card(case)
    lost = case.applicant.person.status is PersonStatus.NATIONALITY_LOST
    recorded = case.inputs.ground is not CardGround.NATIONALITY_LOST or lost
    return (
        authority_check(case),
        from_rule("card", holds=card is not None and card.state is DocumentState.VALID, why="no_card_in_use"),
        *since_checks(case, card),
        from_rule("ground", holds=recorded, why="not_recorded"),
    )


def _outcome(case: Case) -> Outcome:
    inputs: CardInputs = case.inputs
    state = STATES[inputs.ground]
    change = WithdrawCard(case.applicant.person.person_id, state, inputs.since, inputs.ground)
    return Outcome((change,), result={"card": state.value, "decision": inputs.decision})


PROCEDURE = Procedure(
    code=CODE,
    name_vi="Thu hồi, giữ thẻ căn cước",
    name_en="Identity card withdrawn or held",
    legal_basis="Luật Căn cước 26/2023/QH15, Điều 29, Điều 34 khoản 1 điểm c",
    read=card_inputs(STATES.keys()),
    checks=_checks,
    term=lambda _case: AT_ONCE,
    outcome=_outcome,
    commune=of_residence,
    code_agency=IDENTITY_AGENCY,
    automatic=True,
    ex_officio=True,
)
