"""Dates, money and names as Vietnamese readers write them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from web import Language
from web.formatting import (
    as_written,
    format_date,
    format_datetime,
    format_money,
    format_name,
    format_number,
    format_personal_number,
    format_share,
    mask_personal_number,
)


@dataclass(frozen=True)
class Partial:
    """A date of which some parts are not recorded."""

    year: int
    month: int | None = None
    day: int | None = None


def test_dates() -> None:
    """Day, month, year; a partial date shows what is recorded; a time is Vietnam's day."""
    assert format_date(date(2026, 3, 7)) == "07/03/2026"
    assert format_date(Partial(1958)) == "1958"
    assert format_date(Partial(1958, 4)) == "04/1958"
    assert format_date(None) == ""
    assert format_date(datetime(2026, 12, 31, 18, 0, tzinfo=UTC)) == "01/01/2027"


def test_times() -> None:
    """Asia/Ho_Chi_Minh, seven hours ahead of UTC all year; a time that does not know its zone is refused."""
    moment = datetime(2026, 11, 21, 7, 5, 9, tzinfo=UTC)
    assert format_datetime(moment, Language.VI) == "14:05 ngày 21/11/2026"
    assert format_datetime(moment, Language.EN, seconds=True) == "14:05:09 on 21/11/2026"
    with pytest.raises(ValueError, match="zone"):
        format_datetime(moment.replace(tzinfo=None), Language.VI)


def test_money_and_numbers() -> None:
    """Thousands by dots in Vietnamese and commas in English; the sign stays on the line."""
    assert format_money(113_850, Language.VI) == "113.850\u00a0₫"
    assert format_money(1_366_200, Language.EN) == "1,366,200\u00a0₫"
    assert format_number(1234.5, Language.VI) == "1.234,5"
    assert format_number(1234.0, Language.EN) == "1,234"


def test_shares_are_percentages() -> None:
    """At most one decimal, written only where it is one; the sign stays on the line."""
    assert format_share(0.875, Language.VI) == "87,5\u00a0%"
    assert format_share(0.875, Language.EN) == "87.5%"
    assert format_share(1.0, Language.VI) == "100\u00a0%"


def test_names_are_composed_and_in_order() -> None:
    """Family, middle, given; NFC; never turned round for English."""
    assert format_name("Nguye\u0302\u0303n  Thị Ánh ") == "Nguyễn Thị Ánh"

    @dataclass(frozen=True)
    class Name:
        family: str = "Tôn Nữ"
        middle: str = ""
        given: str = "Hỷ"

    assert format_name(Name()) == "Tôn Nữ Hỷ"


def test_personal_numbers() -> None:
    """Grouped for reading, or hidden but for the end; other texts unchanged."""
    assert format_personal_number("098190000123").split("\u00a0") == ["098", "190", "000", "123"]
    assert mask_personal_number("098190000123").split("\u00a0") == ["•••", "•••", "•••", "123"]
    assert format_personal_number("123456789") == "123456789"


def test_free_text_says_its_language() -> None:
    """WCAG 2.2, 3.1.2: on an English page Vietnamese words are marked, whatever else is written stays text."""
    assert as_written("Nộp hồ sơ <b>", Language.EN) == '<span lang="vi">Nộp hồ sơ &lt;b&gt;</span>'
    assert as_written("Nộp hồ sơ <b>", Language.VI) == "Nộp hồ sơ <b>"
    assert as_written("Identity check", Language.EN) == "Identity check"
