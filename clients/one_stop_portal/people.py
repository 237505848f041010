"""Who stands in front of a page of the counter: staff, or somebody for themselves."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from clients.one_stop_portal.provider import NotDone, Provider
from clients.one_stop_portal.storage.hands import Hands
from clients.one_stop_portal.storage.papers import Clerk
from clients.portal_kit.portal import Portal, now, portal_of
from clients.portal_kit.storage.sessions import PortalSession

ROLES: Final = frozenset({"counter_clerk", "post_clerk"})
"""Staff of a one-stop counter, and of the public post: whom the provider lets help (``docs/representation.md``)."""
ROLE, OFFICE = "vn_role", "vn_agency"
"""What the provider says of an officer's account (scope ``office``)."""


def provider_of(portal: Portal) -> Provider:
    """The provider as this counter asks it."""
    return Provider(portal.party, portal.settings.registry_url)


def is_staff(session: PortalSession | None) -> bool:
    """Whether somebody of a counter's staff is signed in; officers of other offices are citizens here."""
    return session is not None and says_staff(session.signed_in.claims)


def says_staff(claims: Mapping[str, Any]) -> bool:
    """Whether the provider says so: a role that helps, at an office."""
    return claims.get(ROLE) in ROLES and bool(claims.get(OFFICE))


def clerk_of(session: PortalSession) -> Clerk:
    """Who of the staff is signed in, and for which office."""
    return Clerk(session.signed_in.subject, str(session.signed_in.claims.get(OFFICE, "")))


def name_of(session: PortalSession) -> str:
    """The name that colleagues and citizens read."""
    return str(session.signed_in.claims.get("name", ""))


def hands_of(portal: Portal) -> Hands:
    """Who holds which case of this counter."""
    return Hands(portal.database, portal.ring.sealer("counter.hand"), now)


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
