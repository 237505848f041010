"""What a decision writes into the registry: typed values that storage applies in the transaction of the decision.

Each change says when it holds from (`on`, `since`) and why; the moment of recording, the dossier and the row before
and after are added by storage in `registry_change`, which is never changed nor deleted (Law on Residence 68/2020
Art. 24(2), 29(2); Decree 154/2024 Art. 13: all changes of residence data are kept). A change that no longer fits the
registry (no such registration stands any more) makes the whole decision fail, and nothing of it is written.

A `Place` or household that comes into being with the decision is named by a reference (`new:…`) that later changes
of the same outcome use. Other procedures add their own changes: a frozen dataclass with `person_id`, and a writer in
`storage/dossiers`.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from population_registry.domain import (
    AbsenceCategory,
    Address,
    DwellingKind,
    EndReason,
    PersonStatus,
    Relation,
    ResidenceKind,
    StayHost,
    Tenure,
)
from population_registry.dossiers.civil_changes import CivilChange
from population_registry.dossiers.identity_changes import IdentityChange
from population_registry.dossiers.insurance_changes import InsuranceChange

Reference = int | str
"""An identifier of the registry, or the name of something that an earlier change of the same outcome makes."""


class Reason(StrEnum):
    """Why something began or changed; why a registration ended is an `EndReason` of the record."""

    REGISTERED = "registered"
    EXTENDED = "extended"
    CORRECTED = "corrected"
    DECLARED = "declared"
    SPLIT = "split"
    NEW_HEAD = "new_head"
    CIVIL_STATUS = "civil_status"


@dataclass(frozen=True, slots=True)
class AddDwelling:
    """A lawful dwelling that the registry did not know, with the owners it knows."""

    reference: str
    person_id: int
    kind: DwellingKind
    address: Address
    floor_area_m2: float
    owner_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FoundHousehold:
    """A new household at a dwelling, with a residence file number of its own (số hồ sơ cư trú)."""

    reference: str
    person_id: int
    kind: ResidenceKind
    dwelling: Reference
    commune_code: str


@dataclass(frozen=True, slots=True)
class RegisterResidence:
    """A person's residence of that kind begins; none of that kind may stand."""

    person_id: int
    kind: ResidenceKind
    address: Address
    dwelling: Reference | None
    tenure: Tenure
    since: date
    until: date | None
    reason: Reason


@dataclass(frozen=True, slots=True)
class EndResidence:
    """The standing residence of that kind ends that day, on a ground of Law on Residence Art. 24 or 29."""

    person_id: int
    kind: ResidenceKind
    on: date
    reason: EndReason


@dataclass(frozen=True, slots=True)
class ProlongResidence:
    """The standing residence of that kind lasts until then."""

    person_id: int
    kind: ResidenceKind
    until: date
    reason: Reason


@dataclass(frozen=True, slots=True)
class CorrectResidence:
    """The standing residence of that kind was recorded wrong: it is void, and recorded anew from the same day."""

    person_id: int
    kind: ResidenceKind
    address: Address
    tenure: Tenure
    reason: Reason


@dataclass(frozen=True, slots=True)
class JoinHousehold:
    """A person becomes a member of a household."""

    person_id: int
    household: Reference
    relation: Relation
    since: date
    reason: Reason


@dataclass(frozen=True, slots=True)
class LeaveHousehold:
    """A member's standing membership of that household ends that day."""

    person_id: int
    household: int
    on: date
    reason: EndReason | Reason


@dataclass(frozen=True, slots=True)
class ChangeRelation:
    """A member stands otherwise to the head from that day on; a new head is `Relation.HEAD`."""

    person_id: int
    household: int
    relation: Relation
    on: date
    reason: Reason


@dataclass(frozen=True, slots=True)
class SetPersonStatus:
    """A person died, was declared missing or lost nationality on that day."""

    person_id: int
    status: PersonStatus
    on: date
    reason: Reason


@dataclass(frozen=True, slots=True)
class NoteStay:
    """A stay notice (thông báo lưu trú): who stays where and why; no registration (Law on Residence Art. 30)."""

    person_id: int
    host: StayHost
    address: Address
    stay_reason: str
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class NoteAbsence:
    """A declaration of absence (khai báo tạm vắng) of a category of Law on Residence Art. 31(1)."""

    person_id: int
    category: AbsenceCategory
    destination: str
    since: date
    until: date


Change = (
    AddDwelling
    | FoundHousehold
    | RegisterResidence
    | EndResidence
    | ProlongResidence
    | CorrectResidence
    | JoinHousehold
    | LeaveHousehold
    | ChangeRelation
    | SetPersonStatus
    | NoteStay
    | NoteAbsence
    | InsuranceChange
    | CivilChange
    | IdentityChange
)
