"""Parents and guardians: what they may do for somebody today, and the second in which that ends by itself.

Decree 69/2024/NĐ-CP, Art. 14(2): under 14 the representative may use the account on the child's behalf. Civil Code
2015, Arts. 20, 21, 136, 140: from 14 to 18 parents still represent, so they file; what else the young person's
account opens is the young person's own. A ward's guardian (Arts. 46-57) ends with the registry's word, and with no
birthday.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Final

from idp.accounts.holding import Dependant, acts_until, may_represent, may_use_account_of, represents_until
from idp.accounts.life import NotAllowed
from web.formatting import VIETNAM

USE: Final = frozenset({"pid", "registry:dossiers", "registry:release"})
"""Under 14, and for wards: what the dependant themselves could do at a portal."""
FILE: Final = frozenset({"pid", "registry:dossiers"})
"""From 14 to 18: file, and follow what was filed."""


def rights(dependant: Dependant, today: date) -> frozenset[str]:
    """The scopes with which somebody may act today. Raises NotAllowed from the 18th birthday on."""
    if may_use_account_of(dependant, today):
        return USE
    if may_represent(dependant, today):
        return FILE
    raise NotAllowed("grown_up")


def ends_at(dependant: Dependant, today: date) -> int | None:
    """The first second, in Viet Nam, of the birthday that takes today's rights away; None without one."""
    days = [each for each in (acts_until(dependant), represents_until(dependant)) if each is not None]
    ahead = [each for each in days if each > today]
    return beginning(min(ahead)) if ahead else None


def beginning(day: date) -> int:
    """The first second of a day in Viet Nam."""
    return int(datetime.combine(day, time(), VIETNAM).timestamp())


def day_of(now: int) -> date:
    """The day in Viet Nam."""
    return datetime.fromtimestamp(now, VIETNAM).date()
