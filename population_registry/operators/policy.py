"""One place decides whether an officer may act on a record: the power, the errand, the territory, in this order."""

from enum import StrEnum

from population_registry.operators.errands import Errand
from population_registry.operators.officers import Officer, Place, Power, covers


class Denial(StrEnum):
    """Why an officer may not; each has texts in both languages."""

    NO_POWER = "no_power"
    NO_ERRAND = "no_errand"
    OUT_OF_AREA = "out_of_area"
    OTHER_AGENCY = "other_agency"
    OTHER_OFFICE = "other_office"
    """The police of the permanent residence deal with it."""
    OWN_RECORD = "own_record"
    OWN_REQUEST = "own_request"
    OWN_REVIEW = "own_review"
    OTHER_REQUEST = "other_request"
    NOT_APPROVED = "not_approved"
    DECIDED = "decided"
    EXPIRED = "expired"
    REFUSED = "refused"
    """The engine of dossiers does not allow it."""


class Denied(Exception):
    """The act is not allowed."""

    def __init__(self, denial: Denial) -> None:
        super().__init__(denial.value)
        self.denial = denial


def must_hold(officer: Officer, power: Power) -> None:
    """The role allows the act at all. Raises Denied."""
    if power not in officer.powers:
        raise Denied(Denial.NO_POWER)


def must_have_errand(officer: Officer, power: Power, errand: Errand | None) -> Errand:
    """Role and errand: enough for a search, whose results are then cut to the territory. Raises Denied."""
    must_hold(officer, power)
    if errand is None:
        raise Denied(Denial.NO_ERRAND)
    return errand


def must_reach(
    officer: Officer, power: Power, errand: Errand | None, places: tuple[Place, ...], *, own: bool = False
) -> Errand:
    """The errand under which an officer may act on the record of somebody who lives at ``places``.

    ``own``: the record is the officer's. Nobody works on their own case. Raises Denied.
    """
    stated = must_have_errand(officer, power, errand)
    if own:
        raise Denied(Denial.OWN_RECORD)
    if not covers(officer, places):
        raise Denied(Denial.OUT_OF_AREA)
    return stated
