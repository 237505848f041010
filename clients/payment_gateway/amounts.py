"""A sum in Vietnamese words, as it must stand on a receipt (bằng chữ): the words decide when figures are unclear."""

from typing import Final

_DIGITS: Final = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_GROUPS: Final = ("", " nghìn", " triệu", " tỷ")
_MOST: Final = 10**12


def in_words(amount: int) -> str:
    """`1 366 200` is "Một triệu ba trăm sáu mươi sáu nghìn hai trăm đồng". Raises ValueError outside 0 … 10¹²−1."""
    if not 0 <= amount < _MOST:
        raise ValueError("no sum that a receipt can say")
    groups = []
    rest = amount
    while rest:
        rest, group = divmod(rest, 1000)
        groups.append(group)
    said = [
        _group(group, leading=place == len(groups) - 1) + _GROUPS[place]
        for place, group in reversed(list(enumerate(groups)))
        if group
    ]
    text = " ".join(said) or _DIGITS[0]
    return f"{text[0].upper()}{text[1:]} đồng"


def _group(number: int, *, leading: bool) -> str:
    """Three digits; behind others their hundreds are said even when there are none."""
    hundreds, rest = divmod(number, 100)
    words = [] if leading and not hundreds else [f"{_DIGITS[hundreds]} trăm"]
    tens, ones = divmod(rest, 10)
    if tens == 0 and ones:
        words.append(_DIGITS[ones] if not words else f"linh {_DIGITS[ones]}")
    elif tens == 1:
        words.append("mười" + _ones(ones, after_tens=False))
    elif tens:
        words.append(f"{_DIGITS[tens]} mươi" + _ones(ones, after_tens=True))
    return " ".join(words)


def _ones(ones: int, *, after_tens: bool) -> str:
    if not ones:
        return ""
    if ones == 5:  # noqa: PLR2004 - five is said "lăm" behind tens
        return " lăm"
    return " mốt" if ones == 1 and after_tens else f" {_DIGITS[ones]}"
