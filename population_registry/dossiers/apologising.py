"""The apology of an authority that is late (form 04, `phiếu xin lỗi và hẹn lại ngày trả kết quả`), with a new day.

Sources: public-services.md section 5 (forms at the counter; Circular 01/2018/TT-VPCP, Decree 118/2025/NĐ-CP),
insurance.md section 7. The new day mends nothing of the statistics: late stays late.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from population_registry.dossiers.acts import Moment, add
from population_registry.dossiers.dossier import Dossier, Form
from population_registry.dossiers.refusing import DossierRefusal, DossierRefused
from population_registry.dossiers.states import CLOCK_RUNS
from population_registry.dossiers.working_days import VIET_NAM, is_working_day

APOLOGISE: Final = "apologise"
APPOINTED: Final = "appointed_on"
"""In the detail of the act: the day on which the result is promised anew."""


def owes_apology(dossier: Dossier, now: datetime) -> bool:
    """Whether it is the authority's turn, the last day has passed, and so has any day that was promised since."""
    today, stands = now.astimezone(VIET_NAM).date(), dossier.clock
    late = stands.overran or (stands.due_on is not None and today > stands.due_on)
    promised = appointed_of(dossier)
    return dossier.state in CLOCK_RUNS and late and (promised is None or today > promised)


def appointed_of(dossier: Dossier) -> date | None:
    """The day that was promised last; None where nobody had to apologise."""
    found: list[Mapping[str, Any]] = [each.detail for each in dossier.history if each.act == APOLOGISE]
    return date.fromisoformat(str(found[-1][APPOINTED])) if found else None


def apologise(dossier: Dossier, moment: Moment, reason: str, appointed_on: date) -> Dossier:
    """The state as it was, with form 04 in the history.

    Raises:
        DossierRefused: `dossier-state`, nothing is owed; `dossier-moment`, no working day to come.
    """
    if not owes_apology(dossier, moment.entered_at):
        raise DossierRefused(DossierRefusal.STATE, state=dossier.state.value)
    today = moment.entered_at.astimezone(VIET_NAM).date()
    if appointed_on <= today or not is_working_day(appointed_on):
        raise DossierRefused(DossierRefusal.MOMENT, earliest=today.isoformat())
    detail = {"reason": reason, APPOINTED: appointed_on.isoformat()}
    return add(dossier, APOLOGISE, moment, form=Form.APOLOGY, detail=detail)
