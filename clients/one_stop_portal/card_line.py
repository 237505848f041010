"""The line that a scanner reads from the QR code of an identity card, as far as a counter needs it. Pure.

``number|old number|name|ddmmyyyy|sex|address|ddmmyyyy`` (Decree 70/2024; domain facts: personal id). What it says is
compared with the registry before anything is done with it; it is kept nowhere.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Final

LONGEST: Final = 600
NUMBER_LENGTH: Final = 12
DATE_LENGTH: Final = 8
PARTS: Final = range(6, 12)


@dataclass(frozen=True, slots=True)
class CardLine:
    """Whom a card names."""

    number: str = field(repr=False)
    name: str = field(repr=False)
    born: date = field(repr=False)


def read_card_line(text: str) -> CardLine | None:
    """The person of a scanned line, or None for whatever is none."""
    if not text or len(text) > LONGEST or not text.isprintable():
        return None
    parts = [part.strip() for part in text.split("|")]
    if len(parts) not in PARTS:
        return None
    number, _, name, day = parts[:4]
    born = day_of(day)
    if len(number) != NUMBER_LENGTH or not (number.isascii() and number.isdecimal()) or not name:
        return None
    return None if born is None else CardLine(number, name, born)


def day_of(text: str) -> date | None:
    """``ddmmyyyy``."""
    if len(text) != DATE_LENGTH or not (text.isascii() and text.isdecimal()):
        return None
    try:
        return date(int(text[4:]), int(text[2:4]), int(text[:2]))
    except ValueError:
        return None
