"""What procedures of the identity authority share: the person's card and place, the decision.

Such a dossier is opened about somebody, who therefore stands as its applicant and finds it among their own.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from population_registry.domain import Document, PersonFacts, ResidenceKind
from population_registry.dossiers import Case, Check, Filing, from_rule
from population_registry.dossiers.codes import IDENTITY_AGENCY
from population_registry.dossiers.identity_changes import CardGround
from population_registry.procedures.inputs import read_choice, read_day, read_inputs
from population_registry.procedures.residence_moves import standing_residence
from population_registry.verification.asking import read_text

__all__ = [
    "IDENTITY_AGENCY",
    "CardInputs",
    "authority_check",
    "card_inputs",
    "commune_of",
    "newest_card",
    "of_residence",
    "read_decision",
    "since_checks",
]

_REFERENCE: Final = range(3, 101)


def read_decision(given: Mapping[str, Any]) -> str:
    """The number of the decision or order that the act rests on.

    Raises:
        Refusal: `invalid-request`.
    """
    return read_text(given["decision"], "inputs.decision", _REFERENCE)


@dataclass(frozen=True, slots=True)
class CardInputs:
    """On which ground something happens to a card, since when, and under which decision."""

    ground: CardGround
    since: date
    decision: str


def card_inputs(grounds: Collection[CardGround]) -> Callable[[object], CardInputs]:
    """How inputs of a card procedure with these grounds are read; the reader raises Refusal `invalid-request`."""
    known = frozenset(ground.value for ground in grounds)

    def read(raw: object) -> CardInputs:
        given = read_inputs(raw, required={"ground", "since", "decision"}, optional=set())
        ground = CardGround(read_choice(given, "ground", known, ""))
        return CardInputs(ground, read_day(given, "since"), read_decision(given))

    return read


def newest_card(case: Case) -> Document | None:
    """The card that was issued last, whatever became of it."""
    return max(case.applicant.documents, key=lambda card: card.issued, default=None)


def since_checks(case: Case, card: Document | None) -> tuple[Check, ...]:
    """The act lies neither in the future nor before the card."""
    since = case.inputs.since
    return (
        from_rule("since", holds=since <= case.today, why="in_the_future"),
        from_rule("order", holds=card is None or card.issued <= since, why="before_the_card"),
    )


def authority_check(case: Case) -> Check:
    """Nobody applies for it: only the authority acts, under an officer's name."""
    return from_rule("authority", holds=case.filing is Filing.EX_OFFICIO, why="ex_officio_only")


def of_residence(case: Case) -> str | None:
    """The commune whose police deal with the applicant."""
    return commune_of(case.applicant)


def commune_of(person: PersonFacts) -> str | None:
    """The commune of permanent, else of temporary residence; None for somebody without any place."""
    for kind in (ResidenceKind.PERMANENT, ResidenceKind.TEMPORARY, ResidenceKind.CURRENT):
        residence = standing_residence(person, kind)
        if residence is not None:
            return residence.address.commune_code
    return None
