"""Which papers of a dossier's acts are overtaken by a later one of the same dossier. Pure.

A receipt (CT04) and an apology (form 04) promise a day, a request to supplement (CT05) says what is waited for: each
speaks of what is to come, and ends to do so when the authority says something later: another day, a pause, the
decision, the end (public-services.md section 5, Circular 01/2018/TT-VPCP). A decision or a notice of stop says what
was done; nothing overtakes it. An overtaken paper stays genuine: what it says was said on its day.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from population_registry.dossiers.dossier import Form

SUPERSEDED_FORMS: Final = frozenset({Form.RECEIPT, Form.SUPPLEMENT, Form.APOLOGY})
"""Papers that speak of what is to come."""
SUPERSEDING_FORMS: Final = frozenset(Form) - {Form.RECEIPT}
"""Papers after which the former are no longer the last word; a dossier is received once."""


@dataclass(frozen=True, slots=True)
class Superseding:
    """The newest act of the dossier that overtook a paper: its form, and when it was done."""

    form: str
    at: datetime
