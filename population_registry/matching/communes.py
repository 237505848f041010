"""Comparing commune-level units across the reorganisation of 1 July 2025.

On that day 10,035 wards became 3,321 communes. An old paper, QR code or memory names the old ward; the
registry holds the new commune. Codes are compared, never names: names repeat across provinces.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from population_registry.matching.grades import EXACT, OTHER, Comparison, Reason, equal, near


@dataclass(frozen=True, slots=True)
class Successors:
    """Which new communes received the territory of each old ward."""

    by_old_ward: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[str, str]]) -> "Successors":
        """Build from (new code, old ward code) rows."""
        table: dict[str, set[str]] = {}
        for new, old in pairs:
            table.setdefault(old, set()).add(new)
        return cls({old: frozenset(new) for old, new in table.items()})

    def of(self, code: str) -> frozenset[str]:
        """The communes that `code` may mean today; a code unknown to the table means itself."""
        return self.by_old_ward.get(code, frozenset({code}))


def compare_communes(asked: str, registered: str, successors: Successors) -> Comparison:
    """Exact for the same code, equal for a ward merged whole, near for a divided ward."""
    if asked == registered:
        return EXACT
    candidates = successors.of(asked)
    if registered not in candidates:
        return OTHER
    return equal(Reason.UNIT_MERGED) if len(candidates) == 1 else near(Reason.UNIT_SPLIT)
