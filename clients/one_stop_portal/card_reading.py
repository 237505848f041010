"""What a scanner gives at the counter: the line of a plastic card, or the signed card that a phone shows."""

from datetime import date
from typing import Final

from clients.cards import check_card
from clients.one_stop_portal.card_line import CardLine, read_card_line
from clients.portal_kit.portal import Portal, now
from keys.shown_card import ShownCardRefused, kid_in, presentation_in

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
    if presentation_in(text) is None:
        return read_card_line(text) or WRONG
    try:
        keys = await portal.party.keys_for(kid_in(text))
        shown = check_card(text, keys, portal.settings.issuer, now().timestamp())
        return CardLine(shown.number, shown.name, date.fromisoformat(shown.birth_date))
    except ShownCardRefused as refusal:
        return PAST if refusal.code == "past" else WRONG
    except ValueError:  # born on a day that nobody knows: typed by hand
        return WRONG
