"""The electronic card that a phone shows, as a paper beside the record (Law on Identity 26/2023 Art. 31, 33).

What of it is proven, `keys.shown_card` judged; here its values become statements about the record. It names less than
the plastic card does: number, name, birth date and the card's last day.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

from keys.shown_card import ShownCard
from population_registry.domain import PartialDate, PersonalNumber
from population_registry.papers.paper import PaperError, PaperFault
from population_registry.verification.claims.card import CardSeen, Expiry

KIND: Final = "eid_card"
"""How a receipt names it, beside the kinds of plastic cards (`paper.PaperKind`)."""


def statements_of(shown: ShownCard) -> tuple[PersonalNumber, Mapping[str, object]]:
    """Whose number it names, and the statements to judge against the record, by claim.

    Raises:
        PaperError: a value that no record has, however well it is signed.
    """
    try:
        number = PersonalNumber.parse(shown.number)
    except ValueError:
        raise PaperError(PaperFault.NUMBER) from None
    try:
        born = PartialDate.parse(shown.birth_date)
        ends = Expiry(date.fromisoformat(shown.expires) if shown.expires else None)
    except ValueError:
        raise PaperError(PaperFault.BIRTH_DATE) from None
    return number, {"name": shown.name, "birth_date": born, "card": CardSeen(expires=ends)}
