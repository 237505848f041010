"""Who is insured anew each year without asking for it: by the lists that employers, schools, communes and VSS keep.

A household pays for its own card (group GD) and asks for it (`insurance_household`); a child's card (TE) ends with
its sixth year. Everybody else is on somebody's list, and the card goes on on the day after its end (Law 25/2008
Art. 16(3), continuous renewal; lists by Art. 12 and 17). That a list is taken in on the last day of a period, and
until which year of age one is a pupil or student, is assumed.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from population_registry.domain.insurance_groups import BENEFIT_DIGITS, CHILD, HOUSEHOLD

PERIOD_ENDS: Final = ((9, 30), (12, 31))
"""Last day of the school year's cards and of the calendar year's; a card that ends on another day was ended."""
LEAVING_AGE: Final[Mapping[str, int]] = {"HS": 18, "SV": 26}
"""In the year of turning so old a pupil or student is no longer on the list; other groups have no such age."""
LISTED: Final = frozenset(BENEFIT_DIGITS) - {HOUSEHOLD, CHILD}
"""Groups that are on lists."""


def periods_over(since: date, today: date) -> Iterator[date]:
    """The last days of periods after `since` and until today, in order: each has its list."""
    for year in range(since.year, today.year + 1):
        for month, day in PERIOD_ENDS:
            ends = date(year, month, day)
            if since < ends <= today:
                yield ends
