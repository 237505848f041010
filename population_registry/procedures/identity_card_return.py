"""identity.card-return: a card that was held or withdrawn is given back (`trả lại`), ex officio.

Sources: Law on Identity 26/2023 Art. 29: a held card is returned when the measure is over; a withdrawn one only when
the withdrawal itself is annulled, else the holder gets a new card. "The system also unlocks automatically when the
ground has gone" (Decree 69/2024 Arts. 16-18): the provider hears of it from the outbox. The code is our own.
"""

from collections.abc import Mapping
from typing import Final

from population_registry.domain import DocumentState
from population_registry.dossiers import AT_ONCE, Case, Check, Outcome, Procedure, from_rule
from population_registry.dossiers.identity_changes import CardGround, ReturnCard
from population_registry.procedures.identity_people import (
    IDENTITY_AGENCY,
    CardInputs,
    authority_check,
    card_inputs,
    newest_card,
    of_residence,
    since_checks,
)

CODE: Final = "identity.card-return"
FROM: Final[Mapping[CardGround, DocumentState]] = {
    CardGround.MEASURE_ENDED: DocumentState.HELD,
    CardGround.WITHDRAWAL_ANNULLED: DocumentState.WITHDRAWN,
}
"""Which card each ground gives back."""


def _checks(case: Case) -> tuple[Check, ...]:
    card = newest_card(case)
    kept = card is not None and card.state is FROM[case.inputs.ground]
    return (
        authority_check(case),
        from_rule("card", holds=kept, why="not_kept_on_that_ground"),
        *since_checks(case, card),
    )


def _outcome(case: Case) -> Outcome:
    inputs: CardInputs = case.inputs
    change = ReturnCard(case.applicant.person.person_id, inputs.since, inputs.ground)
    return Outcome((change,), result={"card": DocumentState.VALID.value, "decision": inputs.decision})


PROCEDURE = Procedure(
    code=CODE,
    name_vi="Trả lại thẻ căn cước",
    name_en="Identity card returned",
    legal_basis="Luật Căn cước 26/2023/QH15, Điều 29; Nghị định 69/2024/NĐ-CP, Điều 16 đến 18",
    read=card_inputs(FROM.keys()),
    checks=_checks,
    term=lambda _case: AT_ONCE,
    outcome=_outcome,
    commune=of_residence,
    code_agency=IDENTITY_AGENCY,
    automatic=True,
    ex_officio=True,
)
