"""How dates, times, money, numbers and names are written for Vietnamese readers, in both languages.

Dates are ``dd/mm/yyyy`` and times those of Asia/Ho_Chi_Minh in both languages, because the documents they are
compared with are Vietnamese. Names are never turned round: family, middle, given.
"""

import unicodedata
from datetime import date, datetime
from typing import Any, Protocol, runtime_checkable
from zoneinfo import ZoneInfo

from markupsafe import Markup

from web.languages import Language

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
NBSP = "\u00a0"
GROUPED_NUMBER = 12


@runtime_checkable
class DateLike(Protocol):
    """A full or partial date: month and day may be None, as on older Vietnamese documents."""

    @property
    def year(self) -> int:
        """The year, always known."""
        ...

    @property
    def month(self) -> int | None:
        """The month 1-12, or None."""
        ...

    @property
    def day(self) -> int | None:
        """The day 1-31, or None."""
        ...


def format_date(value: DateLike | None) -> str:
    """``dd/mm/yyyy``, or ``mm/yyyy`` or ``yyyy`` when the day or month is not recorded; empty for None."""
    if value is None:
        return ""
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(VIETNAM)
    if value.month is None:
        return f"{value.year:04d}"
    if value.day is None:
        return f"{value.month:02d}/{value.year:04d}"
    return f"{value.day:02d}/{value.month:02d}/{value.year:04d}"


def format_datetime(value: datetime | None, language: Language, *, seconds: bool = False) -> str:
    """``14:05 ngày 21/11/2026`` or ``14:05 on 21/11/2026`` in Vietnam's time; the value must know its zone."""
    if value is None:
        return ""
    if value.tzinfo is None:
        raise ValueError("a time without a zone cannot be shown")
    local = value.astimezone(VIETNAM)
    clock = local.strftime("%H:%M:%S" if seconds else "%H:%M")
    joint = "ngày" if language is Language.VI else "on"
    return f"{clock} {joint} {format_date(local)}"


def format_time(value: datetime) -> str:
    """``14:05`` in Vietnam's time."""
    return value.astimezone(VIETNAM).strftime("%H:%M")


def format_number(value: float, language: Language) -> str:
    """Thousands in groups: ``113.850`` in Vietnamese, ``113,850`` in English; decimals only where there are any."""
    text = f"{int(value) if value == int(value) else value:,}"
    return text if language is Language.EN else text.translate(str.maketrans(",.", ".,"))


def format_share(value: float, language: Language) -> str:
    """A part of one as a percentage with at most one decimal: ``87,5 %``, ``87.5%``."""
    percent = round(value * 100, 1)
    text = format_number(int(percent) if percent == int(percent) else percent, language)
    return f"{text}%" if language is Language.EN else f"{text}{NBSP}%"


def format_money(value: int, language: Language) -> str:
    """An amount in đồng (no smaller unit is in use): ``113.850 ₫``, kept on one line."""
    return f"{format_number(value, language)}{NBSP}₫"


def format_name(value: Any) -> str:
    """A person's name in Vietnamese order, composed (NFC), single spaces.

    Takes a text, or a value with ``family``, ``middle`` and ``given``.
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        parts = (getattr(value, part, None) for part in ("family", "middle", "given"))
        value = " ".join(str(part) for part in parts if part)
    return " ".join(unicodedata.normalize("NFC", value).split())


def format_personal_number(value: str) -> str:
    """Twelve digits in four groups of three, kept on one line; anything else unchanged."""
    if len(value) != GROUPED_NUMBER or not value.isdigit():
        return value
    return NBSP.join(value[start : start + 3] for start in range(0, GROUPED_NUMBER, 3))


def mask_personal_number(value: str) -> str:
    """Only the last three digits: ``••• ••• ••• 123``."""
    hidden = "•" * max(len(value) - 3, 0) + value[-3:]
    if len(hidden) != GROUPED_NUMBER:
        return hidden
    return NBSP.join(hidden[start : start + 3] for start in range(0, GROUPED_NUMBER, 3))


def iso(value: date | datetime) -> str:
    """The machine form for ``<time datetime>``."""
    return value.isoformat()


def as_written(text: str, language: Language) -> str | Markup:
    """Free text that nobody translates: Vietnamese by its letters, on an English page marked so (WCAG 2.2, 3.1.2)."""
    if language is Language.VI or text.isascii():
        return text
    return Markup('<span lang="vi">{}</span>').format(text)
