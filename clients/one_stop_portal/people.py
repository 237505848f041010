"""Who stands in front of a page of the counter: staff, or somebody for themselves."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from clients.one_stop_portal.provider import NotDone, Provider
from clients.portal_kit.portal import Portal, portal_of
from clients.portal_kit.storage.sessions import PortalSession

OFFICER: Final = "officer"


def provider_of(portal: Portal) -> Provider:
    """The provider as this counter asks it."""
    return Provider(portal.party, portal.settings.registry_url)


def is_staff(session: PortalSession | None) -> bool:
    """Whether an officer's account is signed in; which officers may help is the provider's to say."""
    return session is not None and session.signed_in.claims.get("vn_account_type") == OFFICER


async def arrived(request: Request, *, staff: bool) -> tuple[Portal, PortalSession | None, Response | None]:
    """The session of whoever may use this page, or the answer that they get instead."""
    portal = portal_of(request)
    session = await portal.session(request)
    if session is None or not portal.may_file(session):
        return portal, None, portal.to_sign_in(request, filing=True, back_to=request.url.path)
    if staff and not is_staff(session):
        return portal, None, portal.render(request, "staff_only.html", 403)
    return portal, session, None


def said_no(request: Request, refusal: NotDone, back_to: str, step: str = "") -> Response:
    """A page for what the provider refused: why, and what to do; a code may mean more at one ``step``."""
    portal = portal_of(request)
    texts = portal.pages.texts_for(request)
    keys = (f"refused.{step}.{refusal.code}", f"refused.{refusal.code}")
    text = texts.t(next((key for key in keys if key in texts), "refused.other"))
    return portal.render(request, "said_no.html", 409, text=text, code=refusal.code, back_to=back_to)
