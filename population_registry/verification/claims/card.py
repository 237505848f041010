"""Claim about an identity card: whether the record holds such a card, and whether it may still be used.

The answer names the state of the card that was shown (expired, withdrawn, lost, held); where the record has no
such card it says only that, never which cards there are.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from population_registry.domain import Document, DocumentKind, DocumentState
from population_registry.verification.answers import MATCH, ClaimResult, Why, mismatch
from population_registry.verification.claims.rule import ClaimRule, Scene, read_day, read_members

_WITH_CHIP = frozenset({DocumentKind.CCCD_CHIP, DocumentKind.CAN_CUOC})
_NEVER = "never"
_STATES = {
    DocumentState.VOID: Why.CARD_VOID,
    DocumentState.LOST: Why.CARD_LOST,
    DocumentState.WITHDRAWN: Why.CARD_WITHDRAWN,
    DocumentState.HELD: Why.CARD_HELD,
}


@dataclass(frozen=True, slots=True)
class Expiry:
    """A last day that was read in full; None: `không thời hạn`."""

    day: date | None

    def is_of(self, card: Document) -> bool:
        """Whether that card ends so."""
        return card.expires == self.day


@dataclass(frozen=True, slots=True)
class ZoneExpiry:
    """A last day as a zone writes it, `yymmdd`; None: a lifetime card."""

    text: str | None

    def is_of(self, card: Document) -> bool:
        """Whether that card ends so."""
        return self.text == (None if card.expires is None else f"{card.expires:%y%m%d}")


@dataclass(frozen=True, slots=True)
class CardSeen:
    """What is known of the card that was shown; None where that part was not read."""

    number: str | None = None
    issued: date | None = None
    expires: Expiry | ZoneExpiry | None = None

    def is_card(self, card: Document) -> bool:
        """Whether everything read agrees with that card of the record."""
        return (
            card.kind in _WITH_CHIP
            and self.number in {None, card.number}
            and self.issued in {None, card.issued}
            and (self.expires is None or self.expires.is_of(card))
        )


def _read_card(value: Any) -> CardSeen:
    """`{"issued": "2022-05-20", "expires": "2030-05-17"}`, one of both at least; `never` for a lifetime card."""
    if isinstance(value, CardSeen):  # read from a card by the registry itself
        return value
    members = read_members(value, allowed=frozenset({"issued", "expires"}), required=frozenset())
    if not members:
        raise ValueError("a day is expected")
    issued = read_day(members["issued"]) if "issued" in members else None
    if "expires" not in members:
        return CardSeen(issued=issued)
    ends = None if members["expires"] == _NEVER else read_day(members["expires"])
    return CardSeen(issued=issued, expires=Expiry(ends))


def judge_card(asked: CardSeen, scene: Scene) -> ClaimResult:
    """Match: the record holds that card and it proves its holder's identity today (Law on Identity Art. 21, 29)."""
    found = [card for card in scene.subject.documents if asked.is_card(card)]
    if not found:
        return mismatch(Why.CARD_UNKNOWN)
    if not scene.subject.person.is_active:
        return mismatch(Why.HOLDER_NOT_ACTIVE)
    if any(card.usable_on(scene.today) for card in found):
        return MATCH
    card = found[0]
    return mismatch(_STATES.get(card.state, Why.CARD_EXPIRED))


RULES = (ClaimRule("card", _read_card, judge_card),)
