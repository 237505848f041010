"""The dossier as a frozen value: everything that judging an act needs, and everything that an act leaves behind."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from population_registry.dossiers.consents import Consent
from population_registry.dossiers.fees import Fee, FeeState
from population_registry.dossiers.states import DossierState
from population_registry.dossiers.terms import Clock, Term, clock

FILED_BY: Final = "filed_by"
"""In the detail of the first line of history: who filed for the applicant, and in which right."""


class Filing(StrEnum):
    """How a dossier came (KenhThucHien of public-services.md section 6), or that the authority opened it itself."""

    ONLINE = "online"
    PAPER = "paper"
    EX_OFFICIO = "ex_officio"


class Form(StrEnum):
    """The papers that acts produce (residence.md section 10)."""

    RECEIPT = "CT04"
    SUPPLEMENT = "CT05"
    REFUSAL = "CT06"
    CONFIRMATION = "CT07"
    NOTICE = "CT08"
    STOP = "stop"
    APOLOGY = "04"
    """Apology and new date (public-services.md section 5)."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the history: what was done, the state since, when it happened, when it was entered, by whom.

    `by` is an officer, `citizen`, `portal` or `system`. `detail` holds language-free codes and the officer's words.
    """

    number: int
    act: str
    state: DossierState
    occurred_at: datetime
    entered_at: datetime
    by: str
    form: Form | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decided what, when and why; `confirmed` lists the open checks that the officer answered for."""

    approved: bool
    by: str
    at: datetime
    reason: str
    confirmed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dossier:
    """One application for one procedure.

    `applicant_id` files, for `subject_ids`; `assisted_by` is the helper's `act.sub` (public-services.md section 12).
    `inputs` are the JSON as filed or supplemented. `commune_code` is whose police decide, where one commune does.
    """

    code: str
    procedure_code: str
    client_id: str
    agency: str
    commune_code: str | None
    applicant_id: int
    subject_ids: tuple[int, ...]
    assisted_by: str | None
    filing: Filing
    purpose: str
    inputs: Mapping[str, Any] = field(repr=False)
    term: Term
    fee: Fee
    filed_at: datetime
    state: DossierState = DossierState.SUBMITTED
    consents: tuple[Consent, ...] = ()
    history: tuple[Event, ...] = ()
    decision: Decision | None = None
    result: Mapping[str, Any] = field(default_factory=dict)
    linked_to: str | None = None

    @property
    def filed_by(self) -> Mapping[str, str] | None:
        """Who filed for the applicant: `kind`, and what is known of it; None when the applicant did."""
        return self.history[0].detail.get(FILED_BY) if self.history else None

    @property
    def version(self) -> int:
        """Counts the lines of history; an act is done on the version that its author saw, or not at all."""
        return len(self.history)

    @property
    def paid(self) -> int | None:
        """Đồng that were paid and not given back; None while nothing was."""
        return self.fee.amount if self.fee.state is FeeState.PAID else None

    @property
    def paid_at(self) -> datetime | None:
        """When it was paid."""
        acts = (event.occurred_at for event in self.history if event.act == "pay")
        return None if self.paid is None else next(acts, None)

    @property
    def clock(self) -> Clock:
        """Where its legal term stands."""
        return clock(self.history, self.term)

    @property
    def due_on(self) -> date | None:
        """The last day of the term; None before receipt and while the clock pauses."""
        return self.clock.due_on
