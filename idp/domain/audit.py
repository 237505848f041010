"""One line of the provider's audit log: written before the answer leaves, kept five years (Decree 69/2024, 28)."""

from enum import StrEnum
from typing import Final

from idp.domain.values import frozen

ACTOR_ITEM: Final = "actor:"
"""Among the claims of a line: the account that acted for this one."""
SUBJECT_ITEM: Final = "subject:"
"""Among the claims of a line: the account that this one acted for."""
PAPER_ITEM: Final = "paper:"
"""Among the claims of a line: the number of a signed paper, the hash of its scan, the witness's staff number."""


class AuditKind(StrEnum):
    """What happened."""

    SIGN_IN = "sign_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGN_OUT = "sign_out"
    CONSENT_GIVEN = "consent_given"
    CONSENT_REFUSED = "consent_refused"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    CODE_ISSUED = "code_issued"
    TOKENS_ISSUED = "tokens_issued"
    TOKENS_REFRESHED = "tokens_refreshed"
    TOKENS_REVOKED = "tokens_revoked"
    REPLAY_DETECTED = "replay_detected"
    DELEGATED = "delegated"
    ACTED_FOR = "acted_for"
    CLAIMS_RELEASED = "claims_released"
    TOKEN_INTROSPECTED = "token_introspected"  # noqa: S105 - an event's name
    ACCOUNT_LOCKED = "account_locked"
    ACCOUNT_UNLOCKED = "account_unlocked"
    ACCOUNT_ISSUED = "account_issued"
    ACCOUNT_ACTIVATED = "account_activated"
    ACCOUNT_UPGRADED = "account_upgraded"
    ACCOUNT_CLOSED = "account_closed"
    NUMBER_CHANGED = "number_changed"
    PROFILE_CHANGED = "profile_changed"
    APPROVAL_ASKED = "approval_asked"
    APPROVAL_GIVEN = "approval_given"
    APPROVAL_REFUSED = "approval_refused"
    CODE_SENT = "code_sent"
    """To the person's mailbox, for a helper's request."""
    APPROVAL_REPORTED = "approval_reported"
    """The person says that they did not ask for this: a fraud, until somebody shows otherwise."""
    CLIENT_REGISTERED = "client_registered"
    CLIENT_CHANGED = "client_changed"
    CLIENT_DELETED = "client_deleted"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_RENAMED = "passkey_renamed"
    PASSKEY_REMOVED = "passkey_removed"
    DEVICE_ADDED = "device_added"
    DEVICE_REMOVED = "device_removed"
    CARD_SHOWN = "card_shown"
    CONSENT_SIGNED = "consent_signed"
    """With the phone's key and PIN, for a dossier of somebody else."""
    DEVICE_BLOCKED = "device_blocked"
    """Too many wrong PINs: the phone rests until the next day, or is forgotten."""
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - an event's name
    APP_ADDED = "app_added"
    APP_REMOVED = "app_removed"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODE_USED = "recovery_code_used"
    MISUSE_REPORTED = "misuse_reported"
    CLOSE_ASKED = "close_asked"
    CLOSE_WITHDRAWN = "close_withdrawn"
    CASE_REQUESTED = "case_requested"
    CASE_FORWARDED = "case_forwarded"
    CASE_REJECTED = "case_rejected"
    DEPENDANT_ADDED = "dependant_added"
    DEPENDANT_FORGOTTEN = "dependant_forgotten"
    DATA_DOWNLOADED = "data_downloaded"
    RECOVERY_ASKED = "recovery_asked"
    RECOVERY_STOPPED = "recovery_stopped"
    RECOVERED = "recovered"
    ACCOUNT_LOOKED_AT = "account_looked_at"
    ACTIVATION_REOPENED = "activation_reopened"
    CONTACT_CHANGED = "contact_changed"
    MEMORY_RESUMED = "memory_resumed"


@frozen
class AuditEvent:
    """Who did what with whose identity. No personal data: account and client ids, names of claims, never values."""

    kind: AuditKind
    account_id: str | None = None
    client_id: str | None = None
    grant_id: str | None = None
    acr: str | None = None
    claims: tuple[str, ...] = ()
    reason: str | None = None
