"""The fee of a dossier: what is due, paid, to be given back and given back (Circular 75/2022/TT-BTC)."""

from dataclasses import dataclass, replace
from enum import StrEnum


class FeeState(StrEnum):
    """How the fee stands."""

    NONE = "none"
    DUE = "due"
    PAID = "paid"
    REFUND_DUE = "refund_due"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class Fee:
    """Đồng to pay once; `exempt` names the ground of exemption (Circular 75/2022 Art. 5)."""

    amount: int
    legal_basis: str
    exempt: str | None = None
    state: FeeState = FeeState.NONE
    reference: str | None = None
    refund_reference: str | None = None

    def opened(self) -> "Fee":
        """As a dossier starts with it: due, unless there is nothing to pay."""
        return replace(self, state=FeeState.DUE if self.amount else FeeState.NONE)

    @property
    def settled(self) -> bool:
        """Whether nothing is left to pay before the dossier may go on."""
        return self.state in {FeeState.NONE, FeeState.PAID}

    def document(self) -> dict[str, object]:
        """As JSON."""
        return {
            "amount": self.amount,
            "currency": "VND",
            "state": self.state.value,
            "exempt": self.exempt,
            "reference": self.reference,
            "refund_reference": self.refund_reference,
            "legal_basis": self.legal_basis,
        }


FREE = Fee(0, "Thông tư 75/2022/TT-BTC")
"""Procedures without a fee."""
