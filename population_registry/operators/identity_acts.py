"""What officers do to a card, a number or a status: on which grounds, when, and when two officers must agree.

Sources: Law on Identity 26/2023/QH15 Arts. 12, 29, 34(1)(c); Decree 70/2024/NĐ-CP Art. 11(7); personal-id.md
sections 3 and 6; decision 0022. What a procedure checks and writes is its own (`procedures.identity_*`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from population_registry.domain import DocumentState, NumberChange, PersonStatus
from population_registry.dossiers.identity_changes import CardGround
from population_registry.operators.officers import Officer, Power, Role
from population_registry.operators.policy import Denial, Denied, must_hold

WITHDRAW, RETURN = "identity.card-withdraw", "identity.card-return"
NUMBER, STATUS = "identity.number", "identity.status"
DECISION: Final = range(3, 101)
"""Letters of the number of a decision or order."""


@dataclass(frozen=True, slots=True)
class IdentityAct:
    """One thing that can be done, on one ground; ``key`` is what a form carries.

    ``alone``: the officer only carries out the order of a body that conducts proceedings, and nothing is lost that
    cannot be given back; everything else needs a second officer (decision 0022).
    """

    procedure: str
    ground: str
    member: str = "ground"
    alone: bool = False
    filing: str = "ex_officio"

    @property
    def key(self) -> str:
        """Procedure and ground in one word."""
        return f"{self.procedure}:{self.ground}"

    @property
    def may_move(self) -> bool:
        """Whether the number may be of another province: the birth was recorded wrongly (Art. 11(7) point b)."""
        return self.procedure == NUMBER and self.ground == NumberChange.WRONGLY_RECORDED.value

    def inputs(self, since: date | None, decision: str, province: str = "") -> dict[str, str]:
        """As the procedure reads them; a number is set anew with the decision, whenever that is.

        `province`: where the birth was truly registered, for an act that may move.
        """
        dated = {} if self.procedure == NUMBER or since is None else {"since": since.isoformat()}
        moved = {"province": province} if province and self.may_move else {}
        return {self.member: self.ground, "decision": decision, **dated, **moved}


_G = CardGround
_TAKEN: Final = tuple(
    IdentityAct(WITHDRAW, each.value) for each in (_G.WRONGLY_ISSUED, _G.ALTERED, _G.NATIONALITY_LOST)
)
_HELD: Final = tuple(
    IdentityAct(WITHDRAW, each.value, alone=True) for each in (_G.CUSTODY, _G.PRISON, _G.COMPULSORY_FACILITY)
)
_BACK: Final = IdentityAct(RETURN, _G.MEASURE_ENDED.value, alone=True)
_ANNULLED: Final = IdentityAct(RETURN, _G.WITHDRAWAL_ANNULLED.value)
_NUMBER: Final = tuple(
    IdentityAct(
        NUMBER,
        each.value,
        filing="paper"
        if each in {NumberChange.CIVIL_STATUS, NumberChange.WRONGLY_RECORDED}
        else "ex_officio",
    )
    for each in NumberChange
)
"""Points a and b of Art. 11(7) only if the citizen asks; c and d by the authority."""
_STATUS: Final = tuple(
    IdentityAct(STATUS, each.value, "status")
    for each in (PersonStatus.NATIONALITY_LOST, PersonStatus.MISSING_DECLARED)
)
ACTS: Final[Mapping[str, IdentityAct]] = {
    each.key: each for each in (*_HELD, *_TAKEN, _BACK, _ANNULLED, *_NUMBER, *_STATUS)
}


def possible(card: DocumentState | None, status: PersonStatus) -> tuple[IdentityAct, ...]:
    """What makes sense for somebody whose newest card and record stand so; the checks of the procedure decide."""
    found: list[IdentityAct] = []
    if card is DocumentState.VALID:
        lost = status is PersonStatus.NATIONALITY_LOST
        found += [*_HELD, *(each for each in _TAKEN if lost or each.ground != _G.NATIONALITY_LOST.value)]
    elif card is DocumentState.HELD:
        found.append(_BACK)
    elif card is DocumentState.WITHDRAWN:
        found.append(_ANNULLED)
    if status is PersonStatus.ACTIVE:
        found += [*_NUMBER, *_STATUS]
    return tuple(found)


def must_approve(officer: Officer, act: IdentityAct) -> None:
    """Who may be the second officer; of a number one of the centre (Decree 70/2024 Art. 11). Raises Denied."""
    must_hold(officer, Power.APPROVE)
    if act.procedure == NUMBER and officer.role is not Role.CENTRE_OFFICER:
        raise Denied(Denial.NO_POWER)
