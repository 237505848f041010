"""What a scanner gives at the counter: the line of a plastic card, or the signed card that a phone shows."""

from datetime import date
from typing import Final

from clients.cards import LONGEST, check_card, kid_of, looks_like_a_card
from clients.one_stop_portal.card_line import CardLine, read_card_line
from clients.portal_kit.portal import Portal, now
from clients.receipts import ReceiptRefused

WRONG: Final = "receive.card.wrong"
PAST: Final = "receive.card.past"
"""Texts of refusals."""


async def card_in(portal: Portal, text: str) -> CardLine | str | None:
    """Whom the scanned text names; the key of a text that says why it counts for nothing; None without any.

    Raises SignInFailed when the provider's keys are needed and cannot be had.
    """
    text = text.strip()
    if not text:
        return None
    if not looks_like_a_card(text):
        return read_card_line(text) or WRONG
    try:
        keys = await portal.party.keys_for(kid_of(text))
        shown = check_card(text[:LONGEST], keys, portal.settings.issuer, now().timestamp())
        return CardLine(shown.number, shown.name, date.fromisoformat(shown.birth_date))
    except ReceiptRefused as refusal:
        return PAST if refusal.code == "past" else WRONG
    except ValueError:  # born on a day that nobody knows: typed by hand
        return WRONG
