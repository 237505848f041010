"""What only the centre decides: asked for, forwarded, then approved or rejected (Decree 69/2024, Arts. 16-18).

Nobody decides on what they asked for or forwarded themselves, and what is decided stays decided (attacks 49).
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from idp.accounts.life import Actor, LockReason, NotAllowed


class CaseKind(StrEnum):
    """What is asked for."""

    LOCK = "lock"
    UNLOCK = "unlock"
    CLOSE = "close"


class CaseState(StrEnum):
    """Where it stands."""

    REQUESTED = "requested"
    FORWARDED = "forwarded"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


OPEN: Final = frozenset({CaseState.REQUESTED, CaseState.FORWARDED})


@dataclass(frozen=True, slots=True)
class Case:
    """One request about one account. ``file`` is the case number that the asking body gave it.

    ``requested_by``, ``forwarded_by`` and ``decided_by`` are account ids of officers; a person's own request names
    their own account. ``reason`` is the lock reason it is about; a request to close has none.
    """

    case_id: str
    account_id: str
    kind: CaseKind
    reason: LockReason | None
    file: str
    requested_by: str
    requested_at: int
    state: CaseState = CaseState.REQUESTED
    forwarded_by: str | None = None
    decided_by: str | None = None
    decided_at: int | None = None


def own_close(case_id: str, account_id: str, now: int) -> Case:
    """A person asks online that their own account be closed: nobody stands between them and the centre."""
    return Case(case_id, account_id, CaseKind.CLOSE, None, "", account_id, now, CaseState.FORWARDED)


def forward(case: Case, officer: str, by: Actor) -> Case:
    """The commune police checked the papers and sent it on."""
    if by not in {Actor.OFFICER, Actor.CENTRE}:
        raise NotAllowed("not_for_this_actor")
    if case.state is not CaseState.REQUESTED:
        raise NotAllowed(f"case_{case.state.value}")
    return replace(case, state=CaseState.FORWARDED, forwarded_by=officer)


def decide(case: Case, officer: str, by: Actor, now: int, *, approve: bool) -> Case:
    """The centre's word, once."""
    if by is not Actor.CENTRE:
        raise NotAllowed("centre_only")
    if case.state is not CaseState.FORWARDED:
        raise NotAllowed(f"case_{case.state.value}")
    if officer in {case.requested_by, case.forwarded_by}:
        raise NotAllowed("four_eyes")
    state = CaseState.APPROVED if approve else CaseState.REJECTED
    return replace(case, state=state, decided_by=officer, decided_at=now)


def withdraw(case: Case, account_id: str) -> Case:
    """Whoever asked takes it back while nobody has decided."""
    if case.requested_by != account_id:
        raise NotAllowed("not_for_this_actor")
    if case.state not in OPEN:
        raise NotAllowed(f"case_{case.state.value}")
    return replace(case, state=CaseState.WITHDRAWN)
