"""Cards and old numbers of one person, with the dates that the law gives them."""

from datetime import date, timedelta
from random import Random

from population_registry.domain import DocumentKind, DocumentState, birthday, card_expiry

CHIP_SINCE = date(2021, 1, 5)
CAN_CUOC_SINCE = date(2024, 7, 1)
CMND_ENDED = date(2021, 1, 1)
CMND_VOID = date(2025, 1, 1)

DocumentRow = tuple[str, str, date, date | None, str]
"""Kind, number, issued, expires, state."""

_CARD_FROM_AGE = 14
_CARD_ON_REQUEST_AGE = 6
_CHILD_WITH_CARD = 0.25
_INFANT_WITH_CARD = 0.04
_EXCHANGES_IN_TIME = 0.92
_HELD_CMND = 0.35
_HELD_TWO = 0.02
_CMND_BORN_BEFORE = 1998
_CMND_YEARS = 15


def cards(rng: Random, number: str, born: date, as_of: date) -> list[DocumentRow]:
    """The chip cards a person has held, oldest first; a card past its exchange age is usually replaced."""
    age = (as_of - born).days // 365
    earliest = max(CHIP_SINCE, birthday(born, _CARD_FROM_AGE))
    if earliest > as_of:
        wanted = _CHILD_WITH_CARD if age >= _CARD_ON_REQUEST_AGE else _INFANT_WITH_CARD
        if rng.random() >= wanted:
            return []
        earliest = max(CAN_CUOC_SINCE, born + timedelta(days=60))
        if earliest > as_of:
            return []
    issued = earliest + timedelta(days=rng.randint(0, min((as_of - earliest).days, 900)))
    rows = [_card(number, born, issued)]
    while (ends := rows[-1][3]) is not None and ends < as_of and rng.random() < _EXCHANGES_IN_TIME:
        issued = min(as_of, ends + timedelta(days=rng.randint(0, 90)))
        rows.append(_card(number, born, issued))
    return rows


def old_numbers(rng: Random, born: date) -> int:
    """How many nine-digit numbers the person once held: 35 % of those born before 1998 one, 2 % of them two."""
    if born.year >= _CMND_BORN_BEFORE or rng.random() >= _HELD_CMND:
        return 0
    return 2 if rng.random() < _HELD_TWO else 1


def cmnd_card(rng: Random, number: str, born: date) -> DocumentRow:
    """The paper card that bore a nine-digit number; void since 1 January 2025 (Law on Identity Art. 46(2))."""
    first = max(birthday(born, _CARD_FROM_AGE), date(1999, 1, 1))
    issued = first + timedelta(days=rng.randint(0, max(0, (date(2013, 1, 1) - first).days)))
    return (
        DocumentKind.CMND_9.value,
        number,
        issued,
        birthday(issued, _CMND_YEARS),
        DocumentState.VOID.value,
    )


def _card(number: str, born: date, issued: date) -> DocumentRow:
    kind = DocumentKind.CCCD_CHIP if issued < CAN_CUOC_SINCE else DocumentKind.CAN_CUOC
    return (kind.value, number, issued, card_expiry(born, issued), DocumentState.VALID.value)
