"""Four eyes: what one officer asks for another of the same reach decides; nothing is edited between (attack 49)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from population_registry.operators.errands import Errand
from population_registry.operators.officers import Officer, Place, Power, covers
from population_registry.operators.policy import Denial, Denied, must_hold

LIFETIME: Final = timedelta(days=7)
"""How long a request waits; afterwards it is asked anew, for what was true may have changed."""
USABLE: Final = timedelta(hours=24)
"""How long after its approval a release may be opened, once."""


class RequestKind(StrEnum):
    """What needs a second officer."""

    SENSITIVE_RELEASE = "sensitive_release"
    """Fields that no purpose shows by itself: catalogue entry `console.sensitive`."""
    CORRECTION = "correction"
    """Name, sex or birth date; applied with the approval itself."""
    IDENTITY_ACT = "identity_act"
    """A card withdrawn for good, a number set anew, a status; done with the approval itself."""


class RequestState(StrEnum):
    """Where a request stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class FourEyesRequest:
    """``content`` is what was asked, with the reason; it stays as it is from the first moment on."""

    request_id: UUID
    kind: RequestKind
    subject_id: int
    officer_id: str
    errand: Errand
    content: Mapping[str, object]
    created_at: datetime
    expires_at: datetime
    state: RequestState = RequestState.WAITING
    decided_by: str | None = None
    decided_at: datetime | None = None
    remark: str = ""
    used_at: datetime | None = None


def decided(
    request: FourEyesRequest,
    officer: Officer,
    places: tuple[Place, ...],
    now: datetime,
    *,
    approve: bool,
    remark: str,
) -> FourEyesRequest:
    """The request with the decision of a second officer.

    Raises:
        Denied: the role may not approve, the record lies elsewhere, the officer asked for it themselves, it is
            decided already, or it waited too long.
    """
    must_hold(officer, Power.APPROVE)
    if officer.officer_id == request.officer_id:
        raise Denied(Denial.OWN_REQUEST)
    if request.state is not RequestState.WAITING:
        raise Denied(Denial.DECIDED)
    if now >= request.expires_at:
        raise Denied(Denial.EXPIRED)
    if not covers(officer, places):
        raise Denied(Denial.OUT_OF_AREA)
    state = RequestState.APPROVED if approve else RequestState.REJECTED
    return replace(request, state=state, decided_by=officer.officer_id, decided_at=now, remark=remark)


def must_be_usable(request: FourEyesRequest, officer: Officer, subject_id: int, now: datetime) -> None:
    """An approval serves who asked, for whom it was asked, once, within a day (stale approvals: attack 49).

    Raises:
        Denied: it does not.
    """
    if request.officer_id != officer.officer_id or request.subject_id != subject_id:
        raise Denied(Denial.OTHER_REQUEST)
    if request.state is not RequestState.APPROVED or request.decided_at is None:
        raise Denied(Denial.NOT_APPROVED)
    if request.used_at is not None or now >= request.decided_at + USABLE:
        raise Denied(Denial.EXPIRED)
