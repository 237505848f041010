"""The claim that gives out where a person was registered: a release, with the old places' units of today.

Residence data are kept for good with the reason of every deletion (Decree 154/2024 Art. 13, Law on Residence Art.
24(2), 29(2)). Units of before 1 July 2025 are shown as the papers wrote them, with the communes that follow them.
"""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from population_registry.domain import EndReason, Residence, ResidenceKind
from population_registry.matching import Gazetteer, Successors, resolve
from population_registry.verification.answers import ClaimResult, Flag
from population_registry.verification.claims.rule import ClaimRule, Scene, read_day, read_members

FIELD = "residence_history"
MOST_PERIODS = 200


@dataclass(frozen=True, slots=True)
class Span:
    """Which registrations are wanted: those that touch the time from `begins` to `ends`, of these kinds."""

    begins: date | None = None
    ends: date | None = None
    kinds: frozenset[ResidenceKind] = frozenset(ResidenceKind)

    def holds(self, residence: Residence) -> bool:
        """Whether a registration belongs to what is wanted."""
        last = _last_day(residence)
        return (
            residence.kind in self.kinds
            and (self.ends is None or residence.since <= self.ends)
            and (self.begins is None or last is None or self.begins <= last)
        )


def _last_day(residence: Residence) -> date | None:
    days = [day for day in (residence.until, residence.ended) if day is not None]
    return min(days, default=None)


def read_span(value: object) -> Span:
    """`{"from": "2015-01-01", "until": "2026-11-22", "kinds": ["permanent"]}`, each part optional."""
    parts = read_members(value, allowed=frozenset({"from", "until", "kinds"}), required=frozenset())
    begins = read_day(parts["from"]) if "from" in parts else None
    ends = read_day(parts["until"]) if "until" in parts else None
    if begins is not None and ends is not None and ends < begins:
        raise ValueError("a span ends after it begins")
    kinds = parts.get("kinds", [kind.value for kind in ResidenceKind])
    if not isinstance(kinds, list) or not 1 <= len(kinds) <= len(ResidenceKind):
        raise ValueError("a list of kinds is expected")
    return Span(begins, ends, frozenset(map(ResidenceKind, kinds)))


@dataclass(frozen=True, slots=True)
class ResidenceHistory:
    """Registrations as JSON, the newest first; `complete` is false where older ones were left off."""

    periods: tuple[dict[str, object], ...]
    complete: bool
    field: ClassVar[str | None] = FIELD

    def document(self) -> dict[str, object]:
        """As JSON."""
        return {"periods": list(self.periods), "complete": self.complete}


def period_document(
    residence: Residence, reason: EndReason | None, places: Gazetteer, successors: Successors
) -> dict[str, object]:
    """One registration: where, by what right, from when to when and why it ended.

    An older paper's wording comes with the communes that it leads to now.
    """
    address = residence.address
    led_to = () if address.as_issued is None else resolve(address.as_issued, places, successors)
    communes = dict.fromkeys(reading.commune for reading in led_to)
    return {
        "kind": residence.kind.value,
        "text": address.text,
        "commune": places.describe(address.commune_code) or {"code": address.commune_code},
        "as_issued": address.as_issued,
        "successors": [places.describe(code) for code in communes],
        "tenure": residence.tenure.value,
        "since": residence.since.isoformat(),
        "until": None if residence.until is None else residence.until.isoformat(),
        "ended": None if residence.ended is None else residence.ended.isoformat(),
        "end_reason": None if reason is None else reason.value,
    }


def judge_history(asked: Span, scene: Scene) -> ClaimResult:
    """All registrations that touch the span."""
    found = sorted(
        (each for each in scene.subject.residences if asked.holds(each)),
        key=lambda each: each.since,
        reverse=True,
    )
    past = scene.facts.past_of(scene.subject)
    documents = tuple(
        period_document(each, past.end_of(each), scene.places, scene.successors)
        for each in found[:MOST_PERIODS]
    )
    return ClaimResult(Flag.MATCH, detail=ResidenceHistory(documents, len(found) <= MOST_PERIODS))


RULES = (ClaimRule(FIELD, read_span, judge_history, fingerprint=None, discloses=FIELD, past=True),)
