"""``/check-card``: anybody checks the card that a phone shows, by pasting or scanning its code. Nothing is kept.

The QR code leads here with the presentation behind ``#``, which no browser sends; the page's script puts it into the
form and posts it. Without a script it is pasted.
"""

import time
from datetime import UTC, datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.accounts.card import written
from idp.domain import paths
from idp.pages.visit import page, services_of
from keys import KeyPurpose
from keys.shown_card import LONGEST_CODE, ShownCardRefused, check_shown_card
from web import csrf, read_form
from web.formatting import VIETNAM

_MINUTE: Final = 60


def routes() -> list[Route]:
    """Every page of this part."""
    return [page(paths.CHECK_CARD, show_check), page(paths.CHECK_CARD, post_check, "POST")]


async def show_check(request: Request) -> Response:
    """The empty form; its script fills in what the QR code brought."""
    return _page(request)


async def post_check(request: Request) -> Response:
    """What was shown, or why it counts for nothing."""
    form = await read_form(request)
    await csrf.check(request, form)
    text = form.text("card").strip()
    services, now = services_of(request), int(time.time())
    if not text:
        texts = services.pages.texts_for(request)
        return _page(request, 422, errors={"card": texts.t("cardcheck.empty")})
    published = services.ring.public_keys(KeyPurpose.EID_APP)
    try:
        card = check_shown_card(text[: LONGEST_CODE + 1], published, services.settings.issuer, now)
    except ShownCardRefused as refused:
        if refused.made_at is None:
            return _page(request, outcome="foreign")
        # An old one names nobody here: whoever found a picture learns nothing from us.
        minutes = max(0, now - refused.made_at) // _MINUTE
        return _page(request, outcome="past", minutes=minutes, made=_moment(refused.made_at))
    known = {
        "number": card.number,
        "name": card.name,
        "birth_date": written(card.birth_date),
        "expires": written(card.expires),
    }
    age = max(0, now - card.made_at)
    return _page(request, outcome="valid", card=known, seconds=age, made=_moment(card.made_at))


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).astimezone(VIETNAM)


def _page(request: Request, status: int = 200, **known: Any) -> Response:
    told: dict[str, Any] = {
        "outcome": "",
        "errors": {},
        "longest": LONGEST_CODE,
        "action": paths.CHECK_CARD,
    } | known
    return services_of(request).pages.render(request, "card_check.html", status, **told)
