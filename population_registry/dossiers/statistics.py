"""Statistics of dossiers: what came, how, and whether it was answered in time (Decision 766/QĐ-TTg, group 2 and 3).

A dossier counts in the month of Việt Nam in which it was filed, at the commune that decides it. A part of a linked
dossier counts with its whole, an act ex officio is no service and does not count. On time or late is judged by
`terms.punctuality`, the published formula of index 2.1. An assisted dossier counts as online and as assisted:
statistics that hide assistance mislead (public-services.md section 12).

`tally` makes cells, `grouped` sums them by one dimension, `published` makes what strangers may see of that.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from population_registry.dossiers.dossier import Filing
from population_registry.dossiers.fees import FeeState
from population_registry.dossiers.states import DossierState
from population_registry.dossiers.terms import Punctuality, Term, clock, punctuality
from population_registry.dossiers.working_days import VIET_NAM

LEAST: Final = 10
"""A group of fewer dossiers is shown to no stranger by itself."""
ROUNDED_TO: Final = 5
"""What strangers see is a multiple of it, so that no difference of two tables tells of one person."""
_DECIDED: Final = frozenset({DossierState.DONE, DossierState.RETURNED})
_PAID: Final = frozenset({FeeState.PAID, FeeState.REFUND_DUE, FeeState.REFUNDED})


class By(StrEnum):
    """What statistics are laid out by."""

    PROCEDURE = "procedure"
    PROVINCE = "province"
    COMMUNE = "commune"
    MONTH = "month"


class Cell(NamedTuple):
    """Where a dossier counts; the empty commune is none (insurance, which a province decides)."""

    procedure: str
    commune: str
    month: str


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a history, as far as its clock needs it."""

    state: DossierState
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Counted:
    """What counting needs of one dossier; no person."""

    procedure: str
    commune: str | None
    filed_at: datetime
    filing: Filing
    assisted: bool
    term: Term
    amount: int
    fee: FeeState
    history: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many. `ended` = `on_time` + `late` of those that ended; `half_days` are the working half days they took."""

    filed: int = 0
    received: int = 0
    refused_intake: int = 0
    waiting: int = 0
    on_time: int = 0
    late: int = 0
    overdue: int = 0
    """Not ended, and the day of the appointment has passed: an apology is owed (CT form 04 of Circular 01/2018)."""
    decided: int = 0
    half_days: int = 0
    online: int = 0
    assisted: int = 0
    payable: int = 0
    paid: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(*(getattr(self, each) + getattr(other, each) for each in NAMES))

    @property
    def on_time_share(self) -> float | None:
        """Index 2.1: answered in time, of what was answered or is overdue; None of nothing."""
        return share(self.on_time, self.on_time + self.late + self.overdue)

    @property
    def online_share(self) -> float | None:
        """Index 3.3, assisted filing included."""
        return share(self.online, self.filed)

    @property
    def assisted_share(self) -> float | None:
        """How many of all were filed with somebody's help."""
        return share(self.assisted, self.filed)

    @property
    def paid_share(self) -> float | None:
        """Index 3.6: paid through the payment platform, of what costs a fee."""
        return share(self.paid, self.payable)

    @property
    def mean_days(self) -> float | None:
        """Index 2.2: working days from receipt to result, without the days that waited for the citizen."""
        return None if not self.decided else round(self.half_days / self.decided / 2, 1)


NAMES: Final = tuple(each.name for each in fields(Tally))
NOTHING: Final = Tally()
Cells = Mapping[Cell, Tally]


def share(part: int, whole: int) -> float | None:
    """Part of a whole between 0 and 1, to a thousandth; None of nothing."""
    return round(part / whole, 3) if whole else None


def month_of(moment: datetime) -> str:
    """The month in Việt Nam, as `2026-11`."""
    return f"{moment.astimezone(VIET_NAM):%Y-%m}"


def tally_of(dossier: Counted, now: datetime) -> Tally:
    """What one dossier adds."""
    stands, judged = clock(dossier.history, dossier.term), punctuality(dossier.history, dossier.term, now)
    states = {step.state for step in dossier.history}
    ended = bool(states & {DossierState.DONE, DossierState.STOPPED})
    decided = bool(states & _DECIDED)
    received = stands.received_on is not None
    late = judged is Punctuality.LATE
    return Tally(
        filed=1,
        received=int(received),
        refused_intake=int(DossierState.NOT_RECEIVED in states),
        waiting=int(not ended and DossierState.NOT_RECEIVED not in states),
        on_time=int(received and ended and not late),
        late=int(received and ended and late),
        overdue=int(received and not ended and late),
        decided=int(decided),
        half_days=stands.used_half_days if decided else 0,
        online=int(dossier.filing is Filing.ONLINE),
        assisted=int(dossier.assisted),
        payable=int(dossier.amount > 0),
        paid=int(dossier.amount > 0 and dossier.fee in _PAID),
    )


def tally(dossiers: Iterable[Counted], now: datetime) -> dict[Cell, Tally]:
    """Every dossier in its cell."""
    cells: dict[Cell, Tally] = {}
    for each in dossiers:
        cell = Cell(each.procedure, each.commune or "", month_of(each.filed_at))
        cells[cell] = cells.get(cell, NOTHING) + tally_of(each, now)
    return cells


def merged(many: Iterable[Cells]) -> dict[Cell, Tally]:
    """Cells of several readings in one."""
    cells: dict[Cell, Tally] = {}
    for each in many:
        for cell, counted in each.items():
            # Readings of different months share no cell, and adding nothing takes time.
            before = cells.get(cell)
            cells[cell] = counted if before is None else before + counted
    return cells


def only(cells: Cells, keep: Callable[[Cell], bool]) -> dict[Cell, Tally]:
    """The cells that somebody asked for, or may see."""
    return {cell: counted for cell, counted in cells.items() if keep(cell)}


def grouped(cells: Cells, by: By, province_of: Callable[[str], str]) -> dict[str, Tally]:
    """Sums by one dimension; the empty key is what belongs to no commune or province."""
    key: Mapping[By, Callable[[Cell], str]] = {
        By.PROCEDURE: lambda cell: cell.procedure,
        By.COMMUNE: lambda cell: cell.commune,
        By.PROVINCE: lambda cell: province_of(cell.commune),
        By.MONTH: lambda cell: cell.month,
    }
    rows: dict[str, Tally] = {}
    for cell, counted in cells.items():
        name = key[by](cell)
        rows[name] = rows.get(name, NOTHING) + counted
    return dict(sorted(rows.items()))


def total(rows: Mapping[str, Tally]) -> Tally:
    """All rows together."""
    return sum(rows.values(), NOTHING)


@dataclass(frozen=True, slots=True)
class Published:
    """What strangers may see: rows of at least `LEAST` dossiers, the others together, all; every count rounded."""

    rows: Mapping[str, Tally]
    others: Tally | None
    total: Tally | None


def published(rows: Mapping[str, Tally]) -> Published:
    """Without small cells (Law 91/2025 Art. 3, minimum data): small groups go together, and nothing is told exactly.

    The groups that are too small are summed as `others`; when even these are too few, the smallest group that could
    be shown joins them. A total that is too small is not told.
    """
    everything = total(rows)
    if everything.filed < LEAST:
        return Published({}, None, None)
    order = sorted(rows, key=lambda name: rows[name].filed, reverse=True)
    shown = [name for name in order if rows[name].filed >= LEAST]
    hidden = [name for name in order if 0 < rows[name].filed < LEAST]
    while hidden and sum(rows[name].filed for name in hidden) < LEAST and shown:
        hidden.append(shown.pop())
    others = total({name: rows[name] for name in hidden}) if hidden else None
    kept = {name: rounded(rows[name]) for name in rows if name in set(shown)}
    return Published(kept, None if others is None else rounded(others), rounded(everything))


def rounded(counted: Tally) -> Tally:
    """Every count to the nearest multiple of `ROUNDED_TO`; the mean of days stays as it is."""
    near = {name: _near(getattr(counted, name)) for name in NAMES}
    mean = counted.half_days / counted.decided if counted.decided else 0
    return Tally(**near | {"half_days": round(mean * near["decided"])})


def _near(count: int) -> int:
    return ROUNDED_TO * ((count + ROUNDED_TO // 2) // ROUNDED_TO)
