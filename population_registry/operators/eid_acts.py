"""What an officer may do to somebody's e-ID at the desk, and what must have been compared before.

Sources: Decree 69/2024/NĐ-CP Arts. 10-14 (issuing, level 2 in person), 16-18 (who locks and unlocks), Law on
Identity 26/2023/QH15 Art. 34; eid-accounts.md sections 3, 5 and 11. A local officer carries out the person's own wish
and records what others ask for; only the centre decides on that (the provider has the last word on every act).
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from population_registry.operators.errands import Purpose
from population_registry.operators.officers import Officer, Power

NEEDS_REPRESENTATIVE: Final = 14
"""Under this age a representative stands beside the child (Decree 69/2024 Art. 11)."""
OWN_REQUEST: Final = "own_request"
DEATH: Final = "death"
ASKED_REASONS: Final = ("judicial_request", "terms_violated", "security_incident", "operator")
"""Grounds on which others ask for a lock; cards, deaths and ages reach the provider as events of the registry."""
IN_USE: Final = frozenset({"active", "issued", "locked"})


class EidAct(StrEnum):
    """One act at the desk; the values are the provider's, but for the two requests."""

    ISSUE = "issue"
    """Level 2: a new account, or the raise of one that is there."""
    REOPEN = "reopen_activation"
    RECOVER = "recover"
    CONTACT = "contact"
    LOCK = "lock"
    UNLOCK = "unlock"
    REQUEST_LOCK = "request_lock"
    REQUEST_UNLOCK = "request_unlock"


class Compared(StrEnum):
    """What the officer compared with their own eyes and instruments."""

    CARD = "card"
    FACE = "face"
    FINGERPRINT = "fingerprint"
    REPRESENTATIVE = "representative"
    """The representative of a child or ward is here, and was identified too."""
    PAPER = "paper"
    """The written request of the body that asks (form TK03) lies on the desk."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account stands at the provider; ``status`` None: there is none."""

    status: str | None
    level: int = 0
    reasons: frozenset[str] = frozenset()


class NotCompared(Exception):
    """``missing`` must be compared before the act."""

    def __init__(self, missing: frozenset[Compared]) -> None:
        super().__init__(", ".join(sorted(missing)))
        self.missing = missing


_IN_PERSON: Final = frozenset({Purpose.ISSUE_EID, Purpose.VERIFY_IN_PERSON})
_LOCKING: Final = frozenset({Purpose.LOCK_EID})
_ASKING: Final = frozenset({Purpose.LOCK_EID, Purpose.PROCEEDINGS})
PURPOSES: Final[Mapping[EidAct, frozenset[Purpose]]] = {
    EidAct.ISSUE: _IN_PERSON,
    EidAct.REOPEN: _IN_PERSON,
    EidAct.RECOVER: _IN_PERSON,
    EidAct.CONTACT: _IN_PERSON,
    EidAct.LOCK: _LOCKING,
    EidAct.UNLOCK: _LOCKING,
    EidAct.REQUEST_LOCK: _ASKING,
    EidAct.REQUEST_UNLOCK: _ASKING,
}
"""The errands under which each act belongs; under any other it is not offered."""
POWERS: Final[Mapping[EidAct, Power]] = {
    act: Power.RAISE_LEVEL if purposes == _IN_PERSON else Power.REQUEST_LOCK
    for act, purposes in PURPOSES.items()
}
_WHOLE: Final = frozenset({Compared.CARD, Compared.FACE, Compared.FINGERPRINT})
MUST: Final[Mapping[EidAct, frozenset[Compared]]] = {
    EidAct.ISSUE: _WHOLE,
    EidAct.REOPEN: frozenset({Compared.CARD, Compared.FACE}),
    EidAct.RECOVER: _WHOLE,
    EidAct.CONTACT: frozenset({Compared.CARD, Compared.FACE}),
    EidAct.LOCK: frozenset({Compared.FACE}),
    EidAct.UNLOCK: _WHOLE,
    EidAct.REQUEST_LOCK: frozenset({Compared.PAPER}),
    EidAct.REQUEST_UNLOCK: frozenset({Compared.PAPER}),
}
"""What must be compared: locking has a low bar on purpose, opening again a high one (eid-accounts.md section 6)."""


def concerned(purpose: Purpose) -> bool:
    """Whether an errand of this purpose ever leads to an e-ID."""
    return any(purpose in purposes for purposes in PURPOSES.values())


def in_person(purpose: Purpose) -> bool:
    """Whether somebody stands at the desk in such an errand, whatever their residence (Decree 69/2024 Art. 11)."""
    return purpose in _IN_PERSON


def power_of(purpose: Purpose) -> Power:
    """The power with which an e-ID is looked at under this purpose."""
    return Power.RAISE_LEVEL if purpose in _IN_PERSON else Power.REQUEST_LOCK


def offered(standing: Standing, purpose: Purpose, officer: Officer) -> tuple[EidAct, ...]:
    """The acts that make sense now, in this errand, by this officer; the provider judges each of them again."""
    possible = _possible(standing)
    return tuple(
        act
        for act in EidAct
        if act in possible and purpose in PURPOSES[act] and POWERS[act] in officer.powers
    )


def _possible(standing: Standing) -> AbstractSet[EidAct]:
    if standing.status is None:
        return {EidAct.ISSUE}
    if standing.status not in IN_USE:
        return set()
    raised = {EidAct.ISSUE} if standing.level < 2 else set()  # noqa: PLR2004 - level 2
    if standing.status == "issued":
        return raised | {EidAct.REOPEN, EidAct.LOCK, EidAct.REQUEST_LOCK}
    if standing.status == "active":
        return raised | {EidAct.RECOVER, EidAct.CONTACT, EidAct.LOCK, EidAct.REQUEST_LOCK}
    own = {EidAct.UNLOCK} if OWN_REQUEST in standing.reasons else {EidAct.LOCK}
    others = {EidAct.REQUEST_UNLOCK} if liftable(standing) else set()
    return own | others | {EidAct.REQUEST_LOCK}


def liftable(standing: Standing) -> tuple[str, ...]:
    """The reasons whose end can be asked for: all but a death, and but the person's own, which an officer lifts."""
    return tuple(sorted(standing.reasons - {DEATH, OWN_REQUEST}))


def must_be_compared(act: EidAct, compared: AbstractSet[Compared], age: int) -> None:
    """Everything that the act stands on was compared. Raises NotCompared."""
    must = set(MUST[act])
    if age < NEEDS_REPRESENTATIVE and Compared.PAPER not in must:
        must.add(Compared.REPRESENTATIVE)
    if missing := must - compared:
        raise NotCompared(frozenset(missing))
