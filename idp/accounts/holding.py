"""Who may hold which account (Decree 69/2024/NĐ-CP, Art. 7), and who may act for whom (Art. 14(2); Civil Code 2015).

Ages are counted by birthdays alone, so a right ends on the 14th or 18th birthday by the clock, whatever was agreed.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from idp.accounts.life import NotAllowed
from idp.domain.account import AccountType

LEAST_AGE_LEVEL_2: Final = 6
OWN_ACCOUNT: Final = 14
"""From this birthday on a person confirms the use of their account themselves."""
ADULT: Final = 18
ONLINE: Final = 1


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who asks.

    ``has_card``: a valid identity card, or for foreigners a residence card; ``represented``: a parent or guardian is
    beside them.
    """

    kind: AccountType
    born: date | None
    has_card: bool
    represented: bool = False


def may_hold(applicant: Applicant, level: int, today: date) -> None:
    """Raises NotAllowed with the ground on which the decree refuses."""
    if applicant.kind is AccountType.ORGANISATION:
        if level != ONLINE:
            raise NotAllowed("one_level_only")
        return
    if not applicant.has_card:
        raise NotAllowed("no_valid_card")
    if applicant.born is None:
        raise NotAllowed("birth_date_unknown")
    years = age(applicant.born, today)
    if level > ONLINE and years < LEAST_AGE_LEVEL_2:
        raise NotAllowed("too_young_for_level_2")
    if years < OWN_ACCOUNT and not applicant.represented:
        raise NotAllowed("representative_needed")


def age(born: date, today: date) -> int:
    """Whole years. A birthday of 29 February is 1 March of other years (Civil Code 2015, Art. 148)."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def birthday(born: date, years: int) -> date:
    """The day on which somebody turns so old."""
    year = born.year + years
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


@dataclass(frozen=True, slots=True)
class Dependant:
    """Somebody for whom the registry names this person as parent or guardian.

    ``ward``: an adult without or with limited capacity; the guardian's right knows no birthday.
    """

    number: str
    name: str
    born: date
    relation: str
    ward: bool = False


def dependant_of(number: str, name: str, born: date, relation: str, today: date) -> Dependant:
    """Somebody as the registry named them once, ``child`` or ``ward``.

    A guardian of a minor (Civil Code 2015, Art. 47(1)(a)) has a parent's birthdays; beyond the 18th only the
    registry's word of that day says whether somebody still needs a guardian.
    """
    ward = relation == "ward" and age(born, today) >= ADULT
    return Dependant(number, name, born, relation, ward=ward)


def acts_until(dependant: Dependant) -> date | None:
    """The birthday on which acting for them ends: 14 for use of the account, none for a ward."""
    return None if dependant.ward else birthday(dependant.born, OWN_ACCOUNT)


def represents_until(dependant: Dependant) -> date | None:
    """The birthday on which legal representation ends: 18 (Civil Code 2015, Arts. 20, 21), none for a ward."""
    return None if dependant.ward else birthday(dependant.born, ADULT)


def may_use_account_of(dependant: Dependant, today: date) -> bool:
    """Whether the parent or guardian may use the account on their behalf today (Art. 14(2))."""
    ends = acts_until(dependant)
    return ends is None or today < ends


def may_represent(dependant: Dependant, today: date) -> bool:
    """Whether the parent or guardian may file for them today."""
    ends = represents_until(dependant)
    return ends is None or today < ends
