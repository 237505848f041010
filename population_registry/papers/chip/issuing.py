"""Writing a demo card: QR line, zone, and chip files signed by a document signer of the mock."""

from dataclasses import dataclass
from datetime import date

from population_registry.domain import (
    Document,
    DocumentKind,
    FormerNumberKind,
    PersonFacts,
    ResidenceKind,
)
from population_registry.domain.mrz import write_mrz
from population_registry.papers.chip.certificates import Signatory
from population_registry.papers.chip.groups import write_dg1, write_dg13
from population_registry.papers.chip.passive import ChipFiles
from population_registry.papers.chip.security_object import write_sod
from population_registry.papers.qr import write_qr

_WITH_CHIP = frozenset({DocumentKind.CCCD_CHIP, DocumentKind.CAN_CUOC})


class CardRefusedError(ValueError):
    """No card is written for this person; the message is meant for people."""


@dataclass(frozen=True, slots=True)
class DemoCard:
    """Everything of one card that a machine can read."""

    qr: str
    mrz: tuple[str, str, str]
    chip: ChipFiles


def issue_card(person: PersonFacts, signer: Signatory, today: date) -> DemoCard:
    """The newest usable card of the record, as a machine reads it.

    Raises:
        CardRefusedError: the number is not reserved for invented people, or the record holds no usable chip card.
    """
    who = person.person
    if not who.number.is_reserved:
        raise CardRefusedError(
            "cards are written for invented people only: the number's prefix is not reserved"
        )
    card = next((d for d in person.documents if d.kind in _WITH_CHIP and d.usable_on(today)), None)
    if card is None or not who.is_active:
        raise CardRefusedError("the record holds no chip card that may be used today")
    return write_card(person, card, signer)


def write_card(person: PersonFacts, card: Document, signer: Signatory) -> DemoCard:
    """That card of that person, whatever its state."""
    who = person.person
    old = next((n.value for n in person.former_numbers if n.kind is FormerNumberKind.CMND), None)
    home = person.residence(ResidenceKind.PERMANENT, card.issued)
    address = "" if home is None else home.address.as_issued or home.address.text
    dg1, dg13 = write_dg1(person, card), write_dg13(person, card, old_number=old)
    return DemoCard(
        qr=write_qr(who, card.issued, old_number=old, address=address),
        mrz=write_mrz(who.number, who.name, who.birth, who.sex, card.expires),
        chip=ChipFiles(write_sod({1: dg1, 13: dg13}, signer.key, signer.certificate), dg1, dg13),
    )
