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

from idp.accounts import presentation
from idp.accounts.card import written
from idp.domain import paths
from idp.pages.visit import page, services_of
from keys import KeyPurpose, KeyRing, VerificationFailed
from web import csrf, read_form
from web.formatting import VIETNAM

LONGEST: Final = presentation.LONGEST + 256
"""Letters of a pasted code: the presentation behind our address."""
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
    text = form.text("card").strip()[:LONGEST].rpartition("#")[2]
    services, now = services_of(request), int(time.time())
    if not text:
        texts = services.pages.texts_for(request)
        return _page(request, 422, errors={"card": texts.t("cardcheck.empty")})
    claims = read(text, services.ring)
    if claims is None or claims.get("iss") != services.settings.issuer:
        return _page(request, outcome="foreign")
    made = claims.get("iat")
    if type(made) is not int:
        return _page(request, outcome="foreign")
    age = max(0, now - made)
    told: dict[str, Any] = {"made": datetime.fromtimestamp(made, UTC).astimezone(VIETNAM), "seconds": age}
    if presentation.is_past(claims, now):
        # An old one names nobody here: whoever found a picture learns nothing from us.
        return _page(request, outcome="past", minutes=age // _MINUTE, **told)
    shown = {name: str(claims.get(name)) for name in ("number", "name", "birth_date")}
    about = claims.get("card")
    expires = about.get("expires") if isinstance(about, dict) else None
    known = shown | {"birth_date": written(shown["birth_date"]), "expires": written(str(expires or ""))}
    return _page(request, outcome="valid", card=known, **told)


def read(text: str, ring: KeyRing) -> dict[str, object] | None:
    """The claims of a presentation that we signed, whatever its age; None for anything else."""
    try:
        return ring.public_keys(KeyPurpose.EID_APP).verify(
            text, algorithms=presentation.ALGORITHMS, typ=presentation.TYP, max_bytes=presentation.LONGEST
        )
    except VerificationFailed:
        return None


def _page(request: Request, status: int = 200, **known: Any) -> Response:
    told: dict[str, Any] = {
        "outcome": "",
        "errors": {},
        "longest": LONGEST,
        "action": paths.CHECK_CARD,
    } | known
    return services_of(request).pages.render(request, "card_check.html", status, **told)
