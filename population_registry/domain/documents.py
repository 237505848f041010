"""Identity cards over time, and the day they end (Law on Identity Art. 19, 21, 46)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from population_registry.domain.dates import birthday

EXCHANGE_AGES = (14, 25, 40, 60)
_GRACE_YEARS = 2


class DocumentKind(StrEnum):
    """The kinds of card that citizens hold or held."""

    CMND_9 = "cmnd_9"
    CMND_12 = "cmnd_12"
    CCCD_BARCODE = "cccd_barcode"
    CCCD_CHIP = "cccd_chip"
    CAN_CUOC = "can_cuoc"


class DocumentState(StrEnum):
    """Whether the card may be used, apart from its expiry date."""

    VALID = "valid"
    VOID = "void"
    LOST = "lost"
    WITHDRAWN = "withdrawn"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Document:
    """One card: the number printed, issue day, last day printed (None: `không thời hạn`)."""

    kind: DocumentKind
    number: str
    issued: date
    expires: date | None
    state: DocumentState = DocumentState.VALID

    def usable_on(self, day: date) -> bool:
        """Whether the card proves its holder's identity on that day."""
        return (
            self.state is DocumentState.VALID
            and self.issued <= day
            and (self.expires is None or day <= self.expires)
        )


def card_expiry(born: date, issued: date) -> date | None:
    """The expiry day printed on a card issued that day; None when it never ends.

    A card issued within two years before an exchange age counts until the next one (Law on Identity Art. 21);
    birthdays of 29 February fall on 28 February of common years.
    """
    for age in EXCHANGE_AGES:
        turning = birthday(born, age)
        if turning > issued and birthday(turning, -_GRACE_YEARS) > issued:
            return turning
    return None
