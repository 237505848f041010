"""Working time by the hour, and the hour after which a linked dossier counts from the next working day.

Sources: Decree 63/2024/NĐ-CP (two working hours, 15:00), insurance.md section 7; office hours 8:00 to 12:00 and 13:00
to 17:00 are assumed, Monday to Friday without public holidays.
"""

from datetime import datetime, time, timedelta
from typing import Final

from population_registry.dossiers.terms import Term
from population_registry.dossiers.working_days import VIET_NAM, is_working_day

OFFICE_HOURS: Final = ((time(8, 0), time(12, 0)), (time(13, 0), time(17, 0)))
LATE_FROM: Final = time(15, 0)
"""A linked dossier filed from this hour on counts as of the next working day."""
CLOSING: Final = time(17, 0)


def after_working_hours(since: datetime, lasting: timedelta) -> datetime:
    """The moment at which so much working time has passed.

    Raises:
        ValueError: the moment has no time zone.
    """
    if since.tzinfo is None:
        raise ValueError("a moment without a time zone is no moment")
    now, left = since.astimezone(VIET_NAM), lasting
    while True:
        day = now.date()
        for begins, ends in OFFICE_HOURS if is_working_day(day) else ():
            opened = max(now, datetime.combine(day, begins, VIET_NAM))
            closed = datetime.combine(day, ends, VIET_NAM)
            if opened >= closed:
                continue
            if closed - opened >= left:
                return opened + left
            left -= closed - opened
        now = datetime.combine(day + timedelta(days=1), time(0), VIET_NAM)


def linked_term(filed_at: datetime, working_days: int) -> Term:
    """The term of a linked dossier: one day more from 15:00 on; after closing the day of receipt moves by itself."""
    local = filed_at.astimezone(VIET_NAM)
    late = is_working_day(local.date()) and LATE_FROM <= local.time() < CLOSING
    return Term.days(working_days + late)
