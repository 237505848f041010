"""Why an act on a dossier is refused: codes that end the types of RFC 9457 problems, with texts in both languages."""

from enum import StrEnum
from typing import Any


class DossierRefusal(StrEnum):
    """Stable codes."""

    UNKNOWN = "dossier-unknown"
    STATE = "dossier-state"
    CHANGED = "dossier-changed"
    MOMENT = "dossier-moment"
    DUPLICATE = "dossier-duplicate"
    CODE_TAKEN = "dossier-code-taken"
    APPLICANT = "dossier-applicant"
    CHECKS = "dossier-checks"
    CONSENTS = "dossier-consents"
    CONSENT_CLOSED = "dossier-consent-closed"
    CONSENT_SIGNATURE = "dossier-consent-signature"
    PAYMENT = "dossier-payment"
    OFFICER = "dossier-officer"
    OUTDATED = "dossier-outdated"
    TOO_MANY = "dossier-too-many"
    NOT_EX_OFFICIO = "dossier-not-ex-officio"


class DossierRefused(Exception):
    """An act that is not done; nothing is written. `said` are language-free members of the answer."""

    def __init__(self, code: DossierRefusal, **said: Any) -> None:
        super().__init__(code.value)
        self.code = code
        self.said = said
