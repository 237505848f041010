"""Machine-readable zone of chip cards: TD1, three lines of thirty (ICAO Doc 9303 part 5; personal-id.md section 8).

Written for demo cards and read at counters. Like the QR code it is no proof: nothing in it is signed.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from population_registry.domain.dates import PartialDate
from population_registry.domain.names import PersonName
from population_registry.domain.numbers import PersonalNumber
from population_registry.domain.sex import Sex

_WIDTH = 30
_WEIGHTS = (7, 3, 1)
_NEVER = "991231"
_SEX_LETTERS = {Sex.MALE: "M", Sex.FEMALE: "F"}
_NAME = re.compile(r"[A-Z<]*[A-Z][A-Z<]*", re.ASCII)
_SIX = re.compile(r"[0-9]{2}(?:<<<<|[0-9]{2}(?:<<|[0-9]{2}))", re.ASCII)


class MrzError(ValueError):
    """The lines are no machine-readable zone of a Vietnamese card, or were read with a mistake."""


@dataclass(frozen=True, slots=True)
class Mrz:
    """What the zone says, centuries unknown: birth and expiry are `yymmdd`, expiry None for a lifetime card.

    Unknown parts of a birth date are `<<` (ICAO Doc 9303 part 3).
    """

    number: PersonalNumber
    birth: str
    sex: Sex
    expires: str | None


@dataclass(frozen=True, slots=True)
class ZoneName:
    """The third line: a name in capitals without marks, cut at thirty letters.

    Raises:
        MrzError: it is no such line.
    """

    line: str

    def __post_init__(self) -> None:
        """Refuse what no zone holds."""
        if len(self.line) != _WIDTH or not _NAME.fullmatch(self.line):
            raise MrzError("a name of thirty letters is needed")

    def is_of(self, full_name: str) -> bool:
        """Whether the line was written for that full name, wherever its family name ends; a cut name may go on."""
        seen, whole = "<".join(filter(None, self.line.split("<"))), _letters(full_name)
        cut = len(self.line.rstrip("<")) >= _WIDTH - 1
        return seen == whole or (cut and whole.startswith(seen))


@dataclass(frozen=True, slots=True)
class ZoneBirth:
    """A birth date of which the century is not said: `yymmdd`, unknown parts `<<`.

    Raises:
        MrzError: it is no such text.
    """

    text: str

    def __post_init__(self) -> None:
        """Refuse what no zone holds."""
        if not _SIX.fullmatch(self.text):
            raise MrzError("a birth date of six letters is needed")


def check_digit(text: str) -> str:
    """Weights 7-3-1, digits count as themselves, A to Z as 10 to 35, `<` as 0, modulo 10 (ICAO Doc 9303 part 3)."""
    values = (0 if character == "<" else int(character, 36) for character in text)
    return str(sum(value * _WEIGHTS[place % 3] for place, value in enumerate(values)) % 10)


def write_mrz(
    number: PersonalNumber, name: PersonName, birth: date | PartialDate, sex: Sex, expires: date | None
) -> tuple[str, str, str]:
    """The three lines printed on a card; a card without end carries 991231."""
    short = number.value[3:]
    optional = f"{number.value}<<"
    upper = f"{short}{check_digit(short)}{optional}"
    first = f"IDVNM{upper}{check_digit(optional)}"
    born, ends = birth_text(birth), _NEVER if expires is None else f"{expires:%y%m%d}"
    left, right = born + check_digit(born), ends + check_digit(ends)
    composite = check_digit(first[5:] + left + right + "<" * 11)
    second = f"{left}{_SEX_LETTERS[sex]}{right}VNM{'<' * 11}{composite}"
    return first, second, name_line(name)


def name_line(name: PersonName) -> str:
    """The third line of a card for that name."""
    rest = _letters(f"{name.middle} {name.given}")
    return f"{_letters(name.family)}<<{rest}"[:_WIDTH].ljust(_WIDTH, "<")


def birth_text(birth: date | PartialDate) -> str:
    """`yymmdd`, unknown parts `<<`."""
    month, day = (f"{part:02d}" if part else "<<" for part in (birth.month, birth.day))
    return f"{birth.year % 100:02d}{month}{day}"


def read_mrz(first: str, second: str) -> Mrz:
    """Read the first two lines and check every check digit.

    Raises:
        MrzError: the layout is another one, or a check digit disagrees.
    """
    lines = first + second
    if len(first) != _WIDTH or len(second) != _WIDTH or not (lines.isascii() and lines.isprintable()):
        raise MrzError("two lines of thirty letters are needed")
    if not lines.replace("<", "0").isalnum() or lines.upper() != lines:
        raise MrzError("only capitals, digits and < occur")
    if first[:5] != "IDVNM" or second[15:18] != "VNM" or first[27:29] != "<<" or first[5:14] != first[18:27]:
        raise MrzError("not the zone of a Vietnamese identity card")
    composite = first[5:] + second[:7] + second[8:15] + second[18:29]
    checked = (
        *((first[5:14], first[14]), (first[15:29], first[29])),
        *((second[:6], second[6]), (second[8:14], second[14]), (composite, second[29])),
    )
    if any(check_digit(text) != digit for text, digit in checked):
        raise MrzError("a check digit disagrees: read the card again")
    sex = next((sex for sex, letter in _SEX_LETTERS.items() if letter == second[7]), None)
    if sex is None or not _SIX.fullmatch(second[:6]) or not (second[8:14] + first[15:27]).isdigit():
        raise MrzError("not the zone of a Vietnamese identity card")
    return Mrz(
        PersonalNumber(first[15:27]), second[:6], sex, None if second[8:14] == _NEVER else second[8:14]
    )


def _letters(text: str) -> str:
    """Capitals without marks, `Đ` as `D`, one `<` between words."""
    plain = unicodedata.normalize("NFD", text.upper().replace("Đ", "D"))
    words = "".join(c if "A" <= c <= "Z" else " " for c in plain if not unicodedata.combining(c)).split()
    return "<".join(words)
