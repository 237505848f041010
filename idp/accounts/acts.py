"""A transition together with what must be written about it: the log's line, the mail to the person, what ends."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from idp.accounts import life_cycle
from idp.accounts.life import Actor, CloseReason, Life, LockReason
from idp.accounts.reasons import RULES
from idp.domain.audit import ACTOR_ITEM, AuditKind
from idp.domain.rich_requests import DOSSIER_ITEM

Transition = Callable[[Life], Life]
REASON_KEY: Final = "reason_key"
"""Among a mail's values: the text id of the reason, said in the reader's language."""


@dataclass(frozen=True, slots=True)
class Act:
    """One transition of one account.

    ``mail`` names the text that tells the person; ``ends_sessions``: whoever is signed in is signed out even if the
    account stays usable. ``because`` goes to the log beside the items, which name the officer and the case.
    """

    transition: Transition
    kind: AuditKind
    because: str | None = None
    items: tuple[str, ...] = ()
    mail: str | None = None
    mail_values: tuple[tuple[str, str], ...] = ()
    ends_sessions: bool = False


def recorded(officer: str | None, case: str = "") -> tuple[str, ...]:
    """The items of a log line that name who acted and on which case; both are the subject's to see."""
    by = (f"{ACTOR_ITEM}{officer}",) if officer else ()
    return (*by, f"{DOSSIER_ITEM}{case}") if case else by


def lock(reason: LockReason, by: Actor, items: tuple[str, ...] = ()) -> Act:
    """Lock for one reason; the person hears of it at once, in all cases but death (Law on Identity, Art. 34(3))."""
    told = "account_locked" if RULES[reason].told else None
    return Act(
        partial(life_cycle.lock, reason=reason, by=by),
        AuditKind.ACCOUNT_LOCKED,
        reason.value,
        items,
        told,
        ((REASON_KEY, f"reason.{reason.value}"),),
    )


def unlock(reason: LockReason, by: Actor, items: tuple[str, ...] = ()) -> Act:
    """Lift one reason; those that are left still lock."""
    return Act(
        partial(life_cycle.unlock, reason=reason, by=by),
        AuditKind.ACCOUNT_UNLOCKED,
        reason.value,
        items,
        "account_unlocked",
        ((REASON_KEY, f"reason.{reason.value}"),),
    )


def activate(by: Actor, now: int, items: tuple[str, ...] = ()) -> Act:
    """Take an issued account into use."""
    return Act(
        partial(life_cycle.activate, by=by, now=now),
        AuditKind.ACCOUNT_ACTIVATED,
        by.value,
        items,
        "account_activated",
    )


def close(reason: CloseReason, by: Actor, items: tuple[str, ...] = ()) -> Act:
    """The end of an account."""
    told = None if reason is CloseReason.DEATH else "account_closed"
    return Act(
        partial(life_cycle.close, reason=reason, by=by),
        AuditKind.ACCOUNT_CLOSED,
        reason.value,
        items,
        told,
        ((REASON_KEY, f"reason.{reason.value}"),),
    )


def renumber() -> Act:
    """The registry gave the person another number: the pseudonyms stay, the former number is kept as alias."""
    return Act(_unchanged, AuditKind.NUMBER_CHANGED, Actor.REGISTRY.value, mail="number_changed")


def read_anew() -> Act:
    """The registry's record changed: the profile that was kept is read again at the next sign-in."""
    return Act(_unchanged, AuditKind.PROFILE_CHANGED, Actor.REGISTRY.value)


def _unchanged(life: Life) -> Life:
    life_cycle.may_change(life)
    return life


def upgrade(by: Actor, items: tuple[str, ...]) -> Act:
    """Level 2, in person. What the account was before is judged anew at the next sign-in."""
    return Act(
        partial(life_cycle.upgrade, by=by),
        AuditKind.ACCOUNT_UPGRADED,
        by.value,
        items,
        "account_upgraded",
        ends_sessions=True,
    )


def renotice(by: Actor, now: int, items: tuple[str, ...]) -> Act:
    """The activation is open for seven more days."""
    return Act(partial(life_cycle.renotice, by=by, now=now), AuditKind.ACTIVATION_REOPENED, by.value, items)


def contact(items: tuple[str, ...]) -> Act:
    """Another mailbox or phone; told to the one before, and every session ends (domain facts, section 11)."""
    return Act(
        _unchanged,
        AuditKind.CONTACT_CHANGED,
        Actor.OFFICER.value,
        items,
        "contact_changed",
        ends_sessions=True,
    )


def recover(items: tuple[str, ...]) -> Act:
    """A recovery begun in person."""
    return Act(_unchanged, AuditKind.RECOVERY_ASKED, Actor.OFFICER.value, items)
