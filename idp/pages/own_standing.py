"""What the holder of a session proves themselves with now, and how strong a change must be asked for."""

from starlette.requests import Request

from idp.authentication import own_credentials
from idp.authentication.own_credentials import KeepCredentials, Standing
from idp.pages.visit import browser_of, services_of, signed_in

TWO_FACTORS = 2


async def standing_of(request: Request, interaction_id: str | None = None) -> Standing | None:
    """What is known of the credentials behind this session; None for nobody."""
    if await signed_in(request) is None:
        return None
    act = KeepCredentials(browser_of(request).session, interaction_id=interaction_id or None)
    return await services_of(request).loop.run(act, act.needs, own_credentials.standing)


def level_for(here: Standing | None) -> int:
    """Who has a second factor is asked for it."""
    strong = here is None or here.app or here.email is not None or here.passkeys > 0
    return TWO_FACTORS if strong else 1
