"""Data groups 1 (the zone) and 13 (national data), written for demo cards and read strictly.

The items of data group 13 are those of personal-id.md section 9; how they are encoded is the mock's own choice,
since the true encoding is not published. Ethnic group, religion and identifying features are never written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from population_registry.domain import (
    Document,
    NumberRejectedError,
    OldNumber,
    PartialDate,
    PartialDateError,
    PersonalNumber,
    PersonFacts,
    ResidenceKind,
    Sex,
)
from population_registry.domain.mrz import Mrz, ZoneName, write_mrz
from population_registry.papers.chip import structures
from population_registry.papers.chip.tags import unwrap, wrap
from population_registry.papers.paper import PaperError, PaperFault
from population_registry.papers.zone import read_lines

DG1_TAG, DG13_TAG, ZONE_TAG = b"\x61", b"\x6d", b"\x5f\x1f"
_WIDTH = 30
_LONGEST_TEXT = 500
_SEX = {"Nam": Sex.MALE, "Nữ": Sex.FEMALE}
_NEVER = "Không thời hạn"
_NATIONALITY = {"VN": "Việt Nam"}


class ItemNumber(IntEnum):
    """Items of data group 13 that the mock writes."""

    NUMBER = 1
    NAME = 2
    BIRTH_DATE = 3
    SEX = 4
    NATIONALITY = 5
    RESIDENCE = 9
    ISSUED = 11
    EXPIRES = 12
    OLD_NUMBER = 16


@dataclass(frozen=True, slots=True)
class National:
    """What data group 13 says; `expires` None: `không thời hạn`."""

    number: PersonalNumber
    name: str
    birth: PartialDate
    sex: Sex
    issued: date
    expires: date | None
    old_number: str | None
    residence: str | None


def write_dg1(person: PersonFacts, card: Document) -> bytes:
    """Data group 1: the zone printed on the card."""
    who = person.person
    lines = write_mrz(who.number, who.name, who.birth, who.sex, card.expires)
    return wrap(DG1_TAG, wrap(ZONE_TAG, "".join(lines).encode("ascii")))


def read_dg1(encoded: bytes) -> tuple[Mrz, ZoneName]:
    """The zone in data group 1.

    Raises:
        PaperError: another encoding, or no zone of a Vietnamese card.
    """
    text = unwrap(ZONE_TAG, unwrap(DG1_TAG, encoded))
    if len(text) != 3 * _WIDTH or not text.isascii() or text.upper() != text:
        raise PaperError(PaperFault.ZONE)
    zone = text.decode("ascii")
    return read_lines([zone[at : at + _WIDTH] for at in range(0, 3 * _WIDTH, _WIDTH)])


def write_dg13(person: PersonFacts, card: Document, *, old_number: str | None) -> bytes:
    """Data group 13 of a card of that person."""
    who = person.person
    residence = person.residence(ResidenceKind.PERMANENT, card.issued)
    texts = {
        ItemNumber.NUMBER: str(who.number),
        ItemNumber.NAME: who.name.full,
        ItemNumber.BIRTH_DATE: str(who.birth),
        ItemNumber.SEX: next(word for word, sex in _SEX.items() if sex is who.sex),
        ItemNumber.NATIONALITY: _NATIONALITY.get(who.nationality, who.nationality),
        ItemNumber.RESIDENCE: None if residence is None else residence.address.text,
        ItemNumber.ISSUED: card.issued.isoformat(),
        ItemNumber.EXPIRES: _NEVER if card.expires is None else card.expires.isoformat(),
        ItemNumber.OLD_NUMBER: old_number,
    }
    items = [structures.Item(number=number, texts=[text]) for number, text in texts.items() if text]
    return wrap(DG13_TAG, structures.encode(structures.NationalData(items=items)))


def read_dg13(encoded: bytes) -> National:
    """What data group 13 says; items that are not known here are passed over.

    Raises:
        PaperError: another encoding, an item twice or missing, or a value that is none.
    """
    data = structures.decode(structures.NationalData, unwrap(DG13_TAG, encoded))
    texts = {item.number: item.texts[0] for item in data.items}
    if len(texts) != len(data.items):
        raise PaperError(PaperFault.ENCODING)
    if any(len(text) > _LONGEST_TEXT or not text.isprintable() for text in texts.values()):
        raise PaperError(PaperFault.NOT_TEXT)
    try:
        return _national(texts)
    except (KeyError, NumberRejectedError, PartialDateError, ValueError):
        raise PaperError(PaperFault.ENCODING) from None


def _national(texts: Mapping[int, str]) -> National:
    old, ends = texts.get(ItemNumber.OLD_NUMBER), texts[ItemNumber.EXPIRES]
    if not texts[ItemNumber.NAME]:
        raise ValueError("a name is needed")
    return National(
        number=PersonalNumber(texts[ItemNumber.NUMBER]),
        name=texts[ItemNumber.NAME],
        birth=PartialDate.parse(texts[ItemNumber.BIRTH_DATE]),
        sex=_SEX[texts[ItemNumber.SEX]],
        issued=date.fromisoformat(texts[ItemNumber.ISSUED]),
        expires=None if ends == _NEVER else date.fromisoformat(ends),
        old_number=None if old is None else str(OldNumber(old)),
        residence=texts.get(ItemNumber.RESIDENCE),
    )
