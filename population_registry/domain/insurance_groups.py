"""Groups of the insured (`nhóm đối tượng`), the benefit digit on their cards, and what it pays.

Sources: Decision 1351/QĐ-BHXH 2015 (letters and digits, insurance.md section 1), Law 25/2008 Art. 12 and 22. Where
digit and law disagree the law's percentage prevails; groups added in 2025 have no letters that are published.
"""

from enum import StrEnum

HOUSEHOLD, CHILD = "GD", "TE"

_DIGITS = {
    1: "CC TE",
    2: "CK CB KC HN DT DK XD BT TS",
    3: "HT TC CN",
    5: "QN CA CY",
    4: "DN HX CH NN TK HC XK TB NO CT XB TN CS HD TQ TA TY TV HG LS XN MS PV HS SV GB GD",
}
BENEFIT_DIGITS = {group: digit for digit, groups in _DIGITS.items() for group in groups.split()}
"""Group letters to the digit written at enrolment."""
PERCENT = {1: 100, 2: 100, 3: 95, 4: 80, 5: 100}
"""What a benefit digit pays of the costs within scope, in percent."""


class Payer(StrEnum):
    """The five groups of Art. 12 by who pays."""

    WORK = "work"
    VSS = "vss"
    BUDGET = "budget"
    SUBSIDISED = "subsidised"
    SELF = "self"


_PAYERS = {
    Payer.WORK: "DN HX CH NN TK HC XK",
    Payer.VSS: "HT TB NO CT XB TN CS",
    Payer.SUBSIDISED: "CN HS SV GB",
    Payer.SELF: "GD",
}
PAYER_OF = {group: payer for payer, groups in _PAYERS.items() for group in groups.split()}


def payer_of(group: str) -> Payer:
    """Who pays for that group; whoever is in no other group is paid by the State budget."""
    return PAYER_OF.get(group, Payer.BUDGET)


def waits(group: str) -> bool:
    """Whether a first or interrupted card of that group begins 30 days after payment (Art. 16(3): groups 4 and 5)."""
    return payer_of(group) in {Payer.SUBSIDISED, Payer.SELF}
