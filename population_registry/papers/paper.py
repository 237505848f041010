"""The common shape of what was read from a card, and the one error of reading."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from population_registry.domain import PartialDate, PersonalNumber, Sex
from population_registry.domain.mrz import ZoneBirth, ZoneName
from population_registry.verification.claims.card import CardSeen


class PaperKind(StrEnum):
    """Where on the card it was read."""

    QR = "qr"
    MRZ = "mrz"
    CHIP = "chip"


class PaperFault(StrEnum):
    """Why a paper cannot be read; language-free, and never a part of the text."""

    TOO_LONG = "too_long"
    NOT_TEXT = "not_text"
    TOO_FEW_FIELDS = "too_few_fields"
    NUMBER = "number"
    OLD_NUMBER = "old_number"
    NAME = "name"
    BIRTH_DATE = "birth_date"
    SEX = "sex"
    ADDRESS = "address"
    ISSUE_DATE = "issue_date"
    ZONE = "zone"
    ENCODING = "encoding"


class PaperError(ValueError):
    """The paper cannot be read; `fault` says where, without repeating anything of it."""

    def __init__(self, fault: PaperFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Paper:
    """What a card says about its holder and itself, as far as that place of the card says it."""

    kind: PaperKind
    number: PersonalNumber
    name: str | ZoneName
    birth: PartialDate | ZoneBirth
    sex: Sex
    card: CardSeen
    old_number: str | None = None
    address: str | None = None

    def claims(self) -> dict[str, object]:
        """The statements to judge against the record, by claim; the number leads to the person.

        The address is not among them: it is free text in the units of the day of issue.
        """
        found: dict[str, object] = {
            "name": self.name,
            "birth_date": self.birth,
            "sex": self.sex.value,
            "card": self.card,
        }
        if self.old_number is not None:
            found["old_number"] = self.old_number
        return found


def compact_date(text: str, fault: PaperFault) -> date:
    """A calendar day written `ddMMyyyy`.

    Raises:
        PaperError: of that fault.
    """
    if len(text) != len("ddMMyyyy") or not (text.isascii() and text.isdigit()):
        raise PaperError(fault)
    try:
        return date(int(text[4:]), int(text[2:4]), int(text[:2]))
    except ValueError:
        raise PaperError(fault) from None
