"""The answer of a rule: what to say, what must become true first, and what to note."""

from typing import Generic, TypeVar

from idp.domain.audit import AuditEvent
from idp.domain.values import frozen
from idp.domain.writes import Write

Outcome_co = TypeVar("Outcome_co", covariant=True)


@frozen
class Decision(Generic[Outcome_co]):
    """A refusal may write too (a spent jti, a counted attempt, a revoked family, an audit event)."""

    outcome: Outcome_co
    writes: tuple[Write, ...] = ()
    audit: tuple[AuditEvent, ...] = ()


@frozen
class Committed:
    """All writes of the decision are true now."""


@frozen
class Conflict:
    """Somebody else was first; nothing of the decision was granted. Load and decide again."""

    what: str
