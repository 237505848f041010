"""What the life cycle knows of one account, and whoever acts on it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from idp.domain.account import AccountStatus, AccountType

DAY: Final = 86_400
SELF_ACTIVATION: Final = 7 * DAY
"""Seconds after the result notice in which the person activates by themselves (Decree 69/2024, Art. 14)."""


class LockReason(StrEnum):
    """Why an account is locked; several may stand beside each other (Law on Identity 26/2023, Art. 34(1))."""

    OWN_REQUEST = "own_request"
    TERMS_VIOLATED = "terms_violated"
    DOCUMENT_REVOKED = "document_revoked"
    """The card was withdrawn or is held."""
    DEATH = "death"
    JUDICIAL_REQUEST = "judicial_request"
    """A body conducting proceedings, or another competent body, asked for it."""
    RESIDENCE_EXPIRED = "residence_expired"
    """A foreigner's passport or residence status is over."""
    ORGANISATION_SUSPENDED = "organisation_suspended"
    """Dissolved, suspended, or another legal representative."""
    SECURITY_INCIDENT = "security_incident"
    AGE = "age"
    OPERATOR = "operator"


class Actor(StrEnum):
    """Who acts. A local officer records and forwards; only the centre decides (Decree 69/2024, Art. 16)."""

    SUBJECT = "subject"
    """The holder, signed in."""
    HOTLINE = "hotline"
    OFFICER = "officer"
    """An officer of a commune or province, with the person in front of them."""
    CENTRE = "centre"
    """The e-ID authority (cơ quan quản lý định danh và xác thực điện tử)."""
    REGISTRY = "registry"
    """The population registry, by a signed event."""


class CloseReason(StrEnum):
    """Why an account ends for good."""

    OWN_REQUEST = "own_request"
    DEATH = "death"
    NATIONALITY_LOST = "nationality_lost"
    ORGANISATION_DISSOLVED = "organisation_dissolved"


@dataclass(frozen=True, slots=True)
class Life:
    """Where an account stands. Times in epoch seconds.

    ``noticed_at``: when the result notice went out; None for accounts that were never issued by a notice.
    """

    kind: AccountType
    level: int
    status: AccountStatus
    reasons: frozenset[LockReason] = frozenset()
    noticed_at: int | None = None
    activated_at: int | None = None

    @property
    def activated(self) -> bool:
        """Whether the person ever took the account into use."""
        return self.activated_at is not None or self.noticed_at is None

    @property
    def held(self) -> bool:
        """Whether nothing may be decided on what was filed with it: a lock stands, also one that outlived its end."""
        return bool(self.reasons)


@dataclass(eq=False)
class NotAllowed(Exception):
    """The act is not for this actor, this state or this person; ``code`` is stable and free of language."""

    code: str
