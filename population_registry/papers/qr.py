"""The QR line of chip cards (personal-id.md section 7): one line, fields separated by `|`, no signature.

Data entry help, **not proof**: anybody can print such a line. Proof is the chip, the e-ID app or the registry.
Cards since July 2024 carry more than seven fields; what follows the seventh is not confirmed and is ignored.
"""

import unicodedata
from datetime import date

from population_registry.domain import (
    NumberRejectedError,
    OldNumber,
    PartialDate,
    PartialDateError,
    Person,
    PersonalNumber,
    Sex,
)
from population_registry.papers.paper import Paper, PaperError, PaperFault, PaperKind, compact_date
from population_registry.verification.claims.card import CardSeen

LONGEST = 1024
"""Code points of a line; the fullest QR code of a card holds less."""

_FIELDS = 7
_MOST_FIELDS = 40
_LONGEST_NAME = 200
_LONGEST_ADDRESS = 500
_SEX = {"nam": Sex.MALE, "nữ": Sex.FEMALE}
_WRITTEN = {Sex.MALE: "Nam", Sex.FEMALE: "Nữ"}
_UNKNOWN = "00"


def read_qr(line: str) -> Paper:
    """What the line says. Text is brought to NFC; a byte order mark and the end of the line are taken away.

    Raises:
        PaperError: it is no such line; the fault names the field.
    """
    if len(line) > LONGEST:
        raise PaperError(PaperFault.TOO_LONG)
    text = unicodedata.normalize("NFC", line.removeprefix("\ufeff").rstrip("\r\n"))
    if not text.isprintable():
        raise PaperError(PaperFault.NOT_TEXT)
    fields = [field.strip() for field in text.split("|")]
    if len(fields) < _FIELDS:
        raise PaperError(PaperFault.TOO_FEW_FIELDS)
    if len(fields) > _MOST_FIELDS:
        raise PaperError(PaperFault.TOO_LONG)
    number, old, name, birth, sex, address, issued = fields[:_FIELDS]
    if not 1 <= len(name) <= _LONGEST_NAME:
        raise PaperError(PaperFault.NAME)
    if len(address) > _LONGEST_ADDRESS:
        raise PaperError(PaperFault.ADDRESS)
    if sex.lower() not in _SEX:
        raise PaperError(PaperFault.SEX)
    read_number = _number(number)
    return Paper(
        kind=PaperKind.QR,
        number=read_number,
        name=name,
        birth=_birth(birth),
        sex=_SEX[sex.lower()],
        card=CardSeen(str(read_number), issued=compact_date(issued, PaperFault.ISSUE_DATE)),
        old_number=_old_number(old),
        address=address or None,
    )


def write_qr(person: Person, issued: date, *, old_number: str | None, address: str) -> str:
    """The line printed on a card issued that day; unknown parts of the birth date are `00` (assumed).

    Raises:
        ValueError: a text holds the separator or a control character.
    """
    birth = person.birth
    day, month = (f"{part:02d}" if part else _UNKNOWN for part in (birth.day, birth.month))
    fields = (
        str(person.number),
        old_number or "",
        person.name.full,
        f"{day}{month}{birth.year:04d}",
        _WRITTEN[person.sex],
        unicodedata.normalize("NFC", address),
        f"{issued:%d%m}{issued.year:04d}",
    )
    if any("|" in field or not field.isprintable() for field in fields):
        raise ValueError("a field of a QR line holds no separator and no control character")
    return "|".join(fields)


def _number(text: str) -> PersonalNumber:
    try:
        return PersonalNumber(text)
    except NumberRejectedError:
        raise PaperError(PaperFault.NUMBER) from None


def _old_number(text: str) -> str | None:
    try:
        return str(OldNumber(text)) if text else None
    except NumberRejectedError:
        raise PaperError(PaperFault.OLD_NUMBER) from None


def _birth(text: str) -> PartialDate:
    if len(text) != len("ddMMyyyy") or not (text.isascii() and text.isdigit()):
        raise PaperError(PaperFault.BIRTH_DATE)
    day, month, year = text[:2], text[2:4], text[4:]
    try:
        return PartialDate(int(year), int(month) or None, int(day) or None)
    except PartialDateError:
        raise PaperError(PaperFault.BIRTH_DATE) from None
