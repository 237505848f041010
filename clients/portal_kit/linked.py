"""The parts of a linked dossier (liên thông) as its applicant sees them: each body's share, alarms, results. Pure.

Decree 63/2024/NĐ-CP: one dossier of the citizen, several bodies behind it. Every state of every part is a line of the
whole's history, so nothing is asked of the bodies again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from clients.portal_kit.dossiers import Dossier, DossierState

PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "linked.birth": ("registration", "residence", "insurance"),
    "linked.death": ("registration", "residence", "insurance", "survivors"),
}
"""What a citizen is told to expect, in the order in which it begins; a correction shows only once it is there."""
CORRECTION: Final = "correction"


@dataclass(frozen=True, slots=True)
class LinkedPart:
    """One body's share; `state` None: it has not begun, since another body's answer comes first."""

    name: str
    state: DossierState | None = None
    since: datetime | None = None
    code: str = ""
    alarms: tuple[tuple[str, datetime], ...] = ()
    """What was late, by code, and when it was noticed; technicians were told the same day."""
    result: Mapping[str, Any] = field(default_factory=dict)
    done: bool = False
    refused: bool = False


def parts_of(dossier: Dossier) -> tuple[LinkedPart, ...]:
    """The parts of a linked dossier in their order; none for any other."""
    expected = PARTS.get(dossier.procedure_code, ())
    if not expected:
        return ()
    heard = {str(event.detail.get("part")) for event in dossier.history if event.detail.get("part")}
    names = (*expected, *({CORRECTION} & heard))
    return tuple(_part(dossier, name) for name in names)


def _part(dossier: Dossier, name: str) -> LinkedPart:
    mine = [event for event in dossier.history if event.detail.get("part") == name]
    states = [event for event in mine if event.act == "part"]
    opened = next((event for event in mine if event.act == "open_part"), None)
    result = dossier.result.get(name)
    refused = bool(result and result.get("refused"))
    state, since = None, None
    if states:
        state, since = DossierState(int(states[-1].detail["state"])), states[-1].occurred_at
    elif opened is not None:
        state, since = DossierState.SUBMITTED, opened.occurred_at
    return LinkedPart(
        name,
        state,
        since,
        str(states[-1].detail.get("dossier_code", "")) if states else "",
        tuple((str(event.detail.get("alarm")), event.occurred_at) for event in mine if event.act == "alarm"),
        {} if refused else dict(result or {}),
        result is not None and not refused,
        refused,
    )
