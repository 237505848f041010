"""An invented holder, a card authority of the tests, and cards signed by it. Keys are made anew in each run."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime
from functools import cache

from population_registry.domain import (
    Address,
    Document,
    DocumentKind,
    FormerNumber,
    FormerNumberKind,
    FoundBy,
    MaritalStatus,
    PartialDate,
    Person,
    PersonalNumber,
    PersonFacts,
    PersonName,
    PersonStatus,
    Residence,
    ResidenceKind,
    Sex,
    Tenure,
)
from population_registry.papers.chip.certificates import Signatory, make_authority, make_signer
from population_registry.papers.chip.issuing import DemoCard, write_card
from population_registry.papers.chip.trust import Trust

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
ADDRESS = "Thôn Mẫu 1, Xã Thử Nghiệm, Huyện Mô Phỏng, Tỉnh Mẫu"
CARD = Document(DocumentKind.CCCD_CHIP, "099190000123", date(2022, 5, 20), date(2030, 5, 17))


def holder(
    number: str = "099190000123",
    name: tuple[str, str, str] = ("Phạm", "Thị Kiểm", "Thử"),
    birth: str = "1990-05-17",
    sex: Sex = Sex.FEMALE,
    cmnd: str | None = "099000123",
) -> PersonFacts:
    """The person of personal-id.md section 7."""
    return PersonFacts(
        Person(
            person_id=1,
            number=PersonalNumber(number),
            name=PersonName(*name),
            birth=PartialDate.parse(birth),
            sex=sex,
            nationality="VN",
            marital_status=MaritalStatus.SINGLE,
            status=PersonStatus.ACTIVE,
        ),
        FoundBy.CURRENT,
        former_numbers=(FormerNumber(FormerNumberKind.CMND, cmnd),) if cmnd else (),
        documents=(dataclasses.replace(CARD, number=number),),
        residences=(
            Residence(
                ResidenceKind.PERMANENT,
                Address("00004", "Thôn Mẫu 1", ADDRESS),
                7,
                Tenure.OWNED,
                date(2020, 1, 1),
            ),
        ),
    )


_AUTHORITIES = {which: make_authority(NOW) for which in ("ours", "theirs")}
_SIGNERS = {which: make_signer(made, NOW) for which, made in _AUTHORITIES.items()}


def authority(which: str = "ours") -> Signatory:
    """A card authority: ours or somebody else's."""
    return _AUTHORITIES[which]


def signer(which: str = "ours") -> Signatory:
    """A document signer of that authority."""
    return _SIGNERS[which]


def trust() -> Trust:
    """Only our own authority is believed."""
    return Trust((authority().certificate,))


@cache
def card(who: str = "pham", signed_by: str = "ours") -> DemoCard:
    """A card of one of two people."""
    person = (
        holder() if who == "pham" else holder("099060004321", ("Trần", "Văn", "Mẫu"), "1960", Sex.MALE, None)
    )
    return write_card(person, person.documents[0], signer(signed_by))
