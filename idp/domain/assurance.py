"""Levels: account level x authentication level, a partial order (domain facts: e-ID accounts, section 6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

PREFIX: Final = "urn:example:vn:acr:"


@dataclass(frozen=True, slots=True)
class Assurance:
    """``account_level`` 1-2 is the strength of enrolment, ``authentication_level`` 1-4 of one sign-in event."""

    account_level: int
    authentication_level: int

    @property
    def acr(self) -> str:
        """The ``acr`` value on the wire, for example ``urn:example:vn:acr:l2-a2``."""
        return f"{PREFIX}l{self.account_level}-a{self.authentication_level}"

    def satisfies(self, other: "Assurance") -> bool:
        """True when both levels reach the other's; ``l1-a2`` and ``l2-a1`` satisfy each other in no direction."""
        return (
            self.account_level >= other.account_level
            and self.authentication_level >= other.authentication_level
        )


SUPPORTED: Final[tuple[Assurance, ...]] = (
    Assurance(1, 1),
    Assurance(1, 2),
    Assurance(2, 1),
    Assurance(2, 2),
    Assurance(2, 3),
    Assurance(2, 4),
)
ATTAINABLE: Final = 2
"""The highest authentication level that the pages can reach today: password and one-time code."""
BY_ACR: Final = {level.acr: level for level in SUPPORTED}

KNOWLEDGE: Final = frozenset({"pwd", "pin"})
POSSESSION: Final = frozenset({"otp", "hwk", "swk"})
BIOMETRIC: Final = frozenset({"face", "fpt"})


def authentication_level(amr: Iterable[str]) -> int:
    """Level 0-4 that a set of used methods reaches (Decree 69/2024, Art. 20)."""
    used = frozenset(amr)
    kinds = [bool(used & KNOWLEDGE), bool(used & POSSESSION), bool(used & BIOMETRIC)]
    if all(kinds):
        return 4
    if kinds[2] and sum(kinds) >= 2:  # noqa: PLR2004 - "two or more different factors"
        return 3
    if kinds[0] and kinds[1]:
        return 2
    return 1 if kinds[0] or kinds[1] else 0
