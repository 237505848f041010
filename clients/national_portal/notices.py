"""What people are told of, and what a dossier wants of its person now. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from clients.national_portal.message import SyncedDossier
from clients.portal_kit.dossiers import DossierState

S = DossierState
KINDS: Final[Mapping[DossierState, str]] = {
    S.RECEIVED: "received",
    S.NOT_RECEIVED: "not_received",
    S.SUPPLEMENT_WANTED: "supplement",
    S.FEE_DUE: "fee",
    S.STOPPED: "stopped",
    S.DONE: "done",
    S.RETURNED: "returned",
}
ACTS: Final = frozenset(
    {"receive", "refuse_intake", "ask_supplement", "ask_fee", "stop", "approve", "refuse", "return_result"}
)
"""Only the act that brought a state is told of: a consent given inside state 2 is no second receipt."""
BY_MAIL: Final = frozenset({"not_received", "supplement", "fee", "stopped", "done"})
"""What somebody must act on or waits for; a mail for every step would teach people not to read them."""
ENDED: Final = frozenset({S.NOT_RECEIVED, S.STOPPED, S.DONE, S.RETURNED})
FIRST_RATED: Final = frozenset({S.DONE, S.RETURNED, S.NOT_RECEIVED, S.STOPPED})


def kind_of(act: str, state: DossierState) -> str | None:
    """The notice that a line of history makes; None for lines that nobody need hear of."""
    return KINDS.get(state) if act in ACTS else None


def task_of(dossier: SyncedDossier) -> str | None:
    """What the person has to do now; None when it is the authority's turn."""
    if dossier.state is S.SUPPLEMENT_WANTED:
        return "supplement"
    if dossier.state is S.FEE_DUE:
        return "fee"
    if dossier.state in {S.SUBMITTED, S.RECEIVED} and dossier.waits_for:
        return "consent"
    return None


def is_late(dossier: SyncedDossier, now: datetime) -> bool:
    """Late by the published formula, or past its day with the clock running."""
    if dossier.punctuality == "late":
        return True
    return dossier.punctuality == "running" and dossier.due_at is not None and dossier.due_at < now


def is_ended(dossier: SyncedDossier) -> bool:
    """Whether nothing will change any more but the handing over."""
    return dossier.state in ENDED


def may_rate(dossier: SyncedDossier) -> bool:
    """A result exists and the person filed it: then they may say how it was, once."""
    return dossier.state in FIRST_RATED and dossier.filing != "ex_officio"
