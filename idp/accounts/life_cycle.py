"""Every transition of an account: pure, one function each; each raises NotAllowed and then nothing has happened.

::

    REQUESTED -> REJECTED | ISSUED -> ACTIVE <-> LOCKED(reasons) -> CLOSED    level 1 -> level 2

Source: domain facts on e-ID accounts, section 11; Decree 69/2024/NĐ-CP, Arts. 7, 10-18.
"""

from dataclasses import replace
from typing import Final

from idp.accounts.life import SELF_ACTIVATION, Actor, CloseReason, Life, LockReason, NotAllowed
from idp.accounts.reasons import RULES
from idp.domain.account import AccountStatus, AccountType

CLOSED: Final = "account_closed"
UNFINISHED: Final = frozenset({AccountStatus.REQUESTED, AccountStatus.REJECTED})
IN_PERSON: Final = frozenset({Actor.OFFICER, Actor.CENTRE})
CLOSERS: Final = {
    CloseReason.OWN_REQUEST: frozenset({Actor.CENTRE}),
    CloseReason.DEATH: frozenset({Actor.CENTRE}),
    CloseReason.NATIONALITY_LOST: frozenset({Actor.CENTRE, Actor.REGISTRY}),
    CloseReason.ORGANISATION_DISSOLVED: frozenset({Actor.CENTRE, Actor.REGISTRY}),
}


def requested(kind: AccountType, level: int) -> Life:
    """A request; level 2 only ever begins in person (Art. 11), and organisations know one level."""
    return Life(kind, level, AccountStatus.REQUESTED)


def reject(life: Life) -> Life:
    """The data did not fit; the person may ask again, with a new request."""
    _expect(life, AccountStatus.REQUESTED)
    return replace(life, status=AccountStatus.REJECTED)


def issue(life: Life, now: int) -> Life:
    """The account exists; the result notice goes out now, and the seven days begin (Art. 14)."""
    _expect(life, AccountStatus.REQUESTED)
    return replace(life, status=AccountStatus.ISSUED, noticed_at=now)


def renotice(life: Life, by: Actor, now: int) -> Life:
    """The hotline or an officer opens the door once more; seven new days."""
    _expect(life, AccountStatus.ISSUED)
    if by not in {Actor.HOTLINE, Actor.OFFICER, Actor.CENTRE}:
        raise NotAllowed("not_for_this_actor")
    return replace(life, noticed_at=now)


def activate(life: Life, by: Actor, now: int) -> Life:
    """Taken into use: within seven days of the notice by oneself, later through hotline or officer (Art. 14)."""
    _expect(life, AccountStatus.ISSUED)
    late = life.noticed_at is not None and now > life.noticed_at + SELF_ACTIVATION
    if by is Actor.SUBJECT and late:
        raise NotAllowed("activation_too_late")
    if by is Actor.REGISTRY:
        raise NotAllowed("not_for_this_actor")
    return replace(life, status=AccountStatus.ACTIVE, activated_at=now)


def lock(life: Life, reason: LockReason, by: Actor) -> Life:
    """One more reason; whoever is locked already is locked once more, for another ground."""
    _in_use(life)
    if by not in RULES[reason].set_by:
        raise NotAllowed("not_for_this_actor")
    return replace(life, status=AccountStatus.LOCKED, reasons=life.reasons | {reason})


def unlock(life: Life, reason: LockReason, by: Actor) -> Life:
    """One reason less; in use again only when none is left, and never before it was activated."""
    _in_use(life)
    if by not in RULES[reason].lifted_by:
        raise NotAllowed("not_for_this_actor")
    left = life.reasons - {reason}
    if left or not life.reasons:
        return replace(life, reasons=left)
    status = AccountStatus.ACTIVE if life.activated else AccountStatus.ISSUED
    return replace(life, status=status, reasons=left)


def upgrade(life: Life, by: Actor) -> Life:
    """Level 2: in person before an officer, face and fingerprint compared (Arts. 11, 12); never while locked."""
    if by not in IN_PERSON:
        raise NotAllowed("in_person_only")
    if life.kind in {AccountType.ORGANISATION, AccountType.OFFICER}:
        raise NotAllowed("one_level_only")
    if life.status not in {AccountStatus.ACTIVE, AccountStatus.ISSUED}:
        raise NotAllowed(CLOSED if life.status is AccountStatus.CLOSED else "account_locked")
    return replace(life, level=2)


def close(life: Life, reason: CloseReason, by: Actor) -> Life:
    """The end. Its lock reasons stay as they were: account data are kept (Decree 59/2022, Art. 21)."""
    _in_use(life)
    if by not in CLOSERS[reason]:
        raise NotAllowed("not_for_this_actor")
    return replace(life, status=AccountStatus.CLOSED)


def may_change(life: Life) -> None:
    """Raises NotAllowed unless number, contacts or credentials of the account may still change."""
    _in_use(life)


def _expect(life: Life, status: AccountStatus) -> None:
    if life.status is AccountStatus.CLOSED:
        raise NotAllowed(CLOSED)
    if life.status is not status:
        raise NotAllowed(f"account_{life.status.value}")


def _in_use(life: Life) -> None:
    if life.status is AccountStatus.CLOSED:
        raise NotAllowed(CLOSED)
    if life.status in UNFINISHED:
        raise NotAllowed(f"account_{life.status.value}")
