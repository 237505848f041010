"""What one portal process holds, and how its pages learn who is in front of them."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from clients.dpop import HeldToken
from clients.portal_kit import levels
from clients.portal_kit.payments.desk import PaymentDesk, known_gateway, payment_desk
from clients.portal_kit.payments.gateway import PaymentGateway
from clients.portal_kit.places import Places
from clients.portal_kit.registry import RegistryClient
from clients.portal_kit.registry_dossiers import RegistryDossiers
from clients.portal_kit.representing import NotDone, token_for
from clients.portal_kit.settings import PortalSettings
from clients.portal_kit.storage.database import Database, DatabaseGone
from clients.portal_kit.storage.drafts import LIFETIME, Drafts
from clients.portal_kit.storage.filed import FiledDossiers
from clients.portal_kit.storage.sessions import PortalSession, Sessions, digest_of
from clients.portal_kit.words import Words
from clients.relying_party import Details, RelyingParty, SignedIn, SignInFailed
from keys import KeyPurpose, KeyRing, Signer
from web import Pages, allow_form_action, csrf

ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
SIGN_IN: Final = ("openid", "profile", "pid")
FILING: Final = ("registry:verify", "registry:release", "registry:dossiers")
WHO_LOOKED: Final = ("registry:access-log",)
EARLY: Final = 30
"""Seconds before its end at which an access token is renewed."""


def now() -> datetime:
    """The time in Viet Nam."""
    return datetime.now(ZONE)


class ActingEnded(Exception):
    """The provider gives no token for the one for whom somebody acts: the right ended, or was never here."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Portal:
    """The services of one portal, built once at start; found as ``request.app.state.portal``."""

    settings: PortalSettings
    pages: Pages
    ring: KeyRing
    database: Database
    sessions: Sessions
    drafts: Drafts
    filed: FiledDossiers
    party: RelyingParty
    registry: RegistryClient
    places: Places
    procedures: Mapping[str, str]
    """Path of each procedure that can be filed here, by its code."""
    gateway: PaymentGateway | None = None
    """Where fees are paid; with none nothing can be paid online here."""
    scopes: tuple[str, ...] = ()
    """What it asks of people beside `SIGN_IN`."""
    on_behalf: bool = False
    """Whether it has the page on which somebody chooses for whom the pages are."""
    details: Details = ()
    """What a person agrees to before filing (RFC 9396); with none the scopes alone say what the token opens."""

    @property
    def dossiers(self) -> RegistryDossiers:
        """The dossiers, where they are kept: at the registry."""
        return RegistryDossiers(self.registry.wire)

    @property
    def payments(self) -> PaymentDesk | None:
        """Fees: what is known of them, and what is done about them."""
        return payment_desk(self.database, self.gateway, self.dossiers, self.own_token)

    async def own_token(self) -> HeldToken:
        """A token of the portal itself, with which it tells the registry of money."""
        return await self.party.own_token("registry:dossiers")

    @property
    def session_cookie(self) -> str:
        """Cookies of all portals on one host need different names (RFC 6265, section 8.5)."""
        name = f"{self.pages.cookie_prefix}_session"
        return f"__Host-{name}" if self.settings.https else name

    async def session(self, request: Request) -> PortalSession | None:
        """Who is signed in at this browser; forms are bound to the session, one that has ended too."""
        cookie = request.cookies.get(self.session_cookie)
        found = await self.sessions.find(cookie)
        if cookie:  # a form that was open when the session ended is still this browser's
            csrf.bind(request, digest_of(cookie).hex())
        if found is not None:
            request.state.account_name = found.signed_in.claims.get("name")
            request.state.signed_in = True
            request.state.claims = found.signed_in.claims
        if found is not None and found.acting is not None:
            if found.acting.dependant.over(now()):  # a birthday: the pages are the person's own again
                request.state.acting_ended = found.acting.dependant.name
                return replace(found, acting=None)
            request.state.acting = found.acting.dependant
        return found

    async def token(self, session: PortalSession) -> HeldToken:
        """A living access token for the registry, of the one for whom the pages are.

        Raises :class:`SignInFailed` when the sign-in ended, `ActingEnded` when the right to act for somebody did.
        """
        own, acting = await self.own_access(session), session.acting
        if acting is None:
            return own
        if acting.token and acting.expires_at - EARLY > time.time():
            return HeldToken(acting.token, own.key)
        whom, resource = acting.dependant, self.settings.registry_url
        try:
            got = await token_for(self.party, own, whom.subject, resource, whom.scope, self.details)
        except NotDone as refusal:
            raise ActingEnded(refusal.code) from refusal
        kept = replace(acting, token=got.held.token, expires_at=got.expires_at)
        await self.sessions.act_for(session, kept)
        return got.held

    async def own_access(self, session: PortalSession) -> HeldToken:
        """The token of whoever signed in, whomever they act for. Raises :class:`SignInFailed`."""
        signed_in = session.signed_in
        if is_fresh(signed_in):
            return signed_in.held
        if signed_in.refresh_token is None:
            raise SignInFailed("session_ended")
        renewed = await self.sessions.renew(session, fresh=is_fresh, renewed=self.party.refreshed)
        if renewed is None:
            raise SignInFailed("session_ended")
        return renewed.held

    def to_sign_in(
        self,
        request: Request,
        *,
        filing: bool = False,
        back_to: str | None = None,
        max_age: int | None = None,
    ) -> Response:
        """To the provider and back to ``back_to`` (this page); ``filing`` asks for the level of filing.

        ``max_age``: how many seconds ago the person may have signed in there.
        """
        wanted = {"next": back_to or request.url.path, "level": "file" if filing else "look"}
        if max_age is not None:
            wanted["max_age"] = str(max_age)
        return RedirectResponse(f"/sign-in?{urlencode(wanted)}", status_code=303)

    def may_file(self, session: PortalSession) -> bool:
        """True when the sign-in is strong enough to file (level 2, two factors)."""
        return levels.enough(str(session.signed_in.claims.get("acr")), levels.FILE)

    def render(self, request: Request, template: str, status: int = 200, **context: Any) -> Response:
        """A page of this portal."""
        return self.pages.render(request, template, status=status, **context)

    def frame(self, request: Request) -> Mapping[str, Any]:
        """What every page of this portal shows around its matter; the layout greets the person who is signed in.

        Forms may lead to the provider: signing out, and starting without the level that filing needs.
        """
        allow_form_action(request, self.settings.issuer, *((self.gateway.url,) if self.gateway else ()))
        return {
            "account_name": getattr(request.state, "account_name", None),
            "signed_in": getattr(request.state, "signed_in", False),
            "represents": self.on_behalf,
            "acting": getattr(request.state, "acting", None),
            "acting_ended": getattr(request.state, "acting_ended", ""),
            "unread": getattr(request.state, "unread", 0),
            "portals": self.settings.portals,
            "this_portal": self.settings.public_url,
            "issuer": self.settings.issuer,
            "words": Words(self.pages.texts_for(request)),
        }


async def recognise(request: Request) -> None:
    """Find out who is signed in, for a page that no handler made; without a database it is nobody."""
    with suppress(DatabaseGone):
        await portal_of(request).session(request)


def is_fresh(signed_in: SignedIn) -> bool:
    """Whether the access token lives long enough for one more request."""
    return signed_in.access_expires_at - EARLY > time.time()


def portal_of(request: Request) -> Portal:
    """The portal that serves this request."""
    found: Portal = request.app.state.portal
    return found


def personal_number_of(session: PortalSession) -> str:
    """The personal number the provider released to this portal (scope ``pid``)."""
    return str(session.signed_in.claims["pid"])


def number_in_view(session: PortalSession) -> str:
    """The number of the one for whom the pages are: a dependant's where the session is theirs for now."""
    acting = session.acting
    return personal_number_of(session) if acting is None else acting.dependant.number


def build_portal(
    settings: PortalSettings,
    pages: Pages,
    procedures: Mapping[str, str],
    scopes: tuple[str, ...],
    details: Details = (),
    *,
    on_behalf: bool = False,
    claims: tuple[str, ...] = (),
    drafts_live: timedelta = LIFETIME,
) -> Portal:
    """Put the services of a portal together; nothing is contacted yet. ``scopes`` are asked beside `SIGN_IN`.

    With ``details`` its tokens are bound to keys and its requests are pushed. ``claims`` are wanted in the ID token
    beside those that every portal shows; ``drafts_live`` says how long what was begun is kept.
    """
    ring = KeyRing.open(settings.keys_dir)
    database = Database(settings.database_url)

    def sign(claims: Mapping[str, object]) -> str:
        return fresh_signer(ring, KeyPurpose.CLIENT_ASSERTION).sign(claims)

    registry = RegistryClient(
        settings.registry_url, audience=settings.client_id, anchors=settings.trust_anchors
    )
    return Portal(
        settings=settings,
        pages=pages,
        ring=ring,
        database=database,
        sessions=Sessions(database, ring.sealer("portal.session"), now),
        drafts=Drafts(database, ring.sealer("portal.draft"), now, drafts_live),
        filed=FiledDossiers(database, ring.sealer("portal.dossier"), now),
        party=RelyingParty(
            issuer=settings.issuer,
            client_id=settings.client_id,
            redirect_uri=f"{settings.public_url}/callback",
            scopes=(*SIGN_IN, *scopes),
            id_token_claims=("name", "pid", *claims),
            sign=sign,
            resource=settings.registry_url,
            anchors=settings.trust_anchors,
            bound=bool(details),
        ),
        registry=registry,
        places=Places(registry),
        procedures=procedures,
        gateway=known_gateway(settings, lambda: fresh_signer(ring, KeyPurpose.PAYMENT)),
        scopes=scopes,
        on_behalf=on_behalf,
        details=details,
    )


def fresh_signer(ring: KeyRing, purpose: KeyPurpose) -> Signer:
    """The portal's own signing key, as rotated last."""
    ring.reload_if_changed()
    return ring.signer(purpose)


@asynccontextmanager
async def running(portal: Portal) -> AsyncIterator[None]:
    """The life of a portal process: payments are settled; at its end everything is given back."""
    desk = portal.payments
    settling = None if desk is None else asyncio.create_task(desk.settling.run())
    try:
        yield
    finally:
        if desk is not None and settling is not None:
            settling.cancel()
            await asyncio.wait((settling,))
            await desk.gateway.close()
        await portal.registry.close()
        await portal.database.close()
