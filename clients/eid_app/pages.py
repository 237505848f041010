"""Pages of the e-ID app: one that its script fills, and those that need no script."""

from typing import Final

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from clients.portal_kit.portal import portal_of
from web.pages import folder_of
from web.security_headers import allow_app

router = APIRouter(include_in_schema=False)
TOLD: Final = (
    *("unexpected", "offline", "approved", "denied", "reported", "locked", "wrong_pin", "pin_blocked"),
    *("device_removed", "wrong_number", "other_context", "request_gone", "code_gone", "busy", "resting"),
    *("too_many_codes", "stronger_needed", "foreign_code", "malformed", "wrong_clock", "unknown_device"),
    *("pins_differ", "pin_shape", "pin_simple", "pin_own", "enrolment_gone", "enough_devices", "wrong_proof"),
    *(
        "own_account",
        "no_message",
        "unknown",
        "near",
        "far",
        "no_card",
        "show_anew",
        "item.openid",
        "item.profile",
    ),
    *("item.pid", "item.email", "item.phone", "item.address", "item.old_id", "item.offline_access"),
    *("item.registry:dossiers", "item.registry:verify", "item.registry:release", "item.registry:access-log"),
)
"""What the script may have to say: codes of the provider, and words of its own."""
COLOUR: Final = "#7c1519"
MINUTES: Final = 300


@router.get("/")
@router.get("/scan")
async def app_page(request: Request) -> Response:
    """The app: it asks the provider by itself; the server knows nobody here."""
    portal = portal_of(request)
    allow_app(request, portal.settings.issuer)
    return portal.render(request, "app.html", issuer=portal.settings.issuer, told=TOLD)


@router.get("/offline")
async def offline(request: Request) -> Response:
    """The one page that a phone keeps: it names nobody."""
    return portal_of(request).render(request, "offline.html")


@router.get("/manifest.webmanifest")
async def manifest(request: Request) -> Response:
    """What a phone needs to install the app (W3C Web Application Manifest)."""
    portal = portal_of(request)
    texts = portal.pages.texts_for(request)
    icon = {"src": portal.pages.static.url("icon.svg"), "sizes": "any", "type": "image/svg+xml"}
    document = {
        "id": "/",
        "name": texts.t("site.name"),
        "short_name": texts.t("eid.short_name"),
        "lang": texts.language.value,
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "orientation": "portrait",
        "background_color": COLOUR,
        "theme_color": COLOUR,
        "icons": [icon | {"purpose": "any"}, icon | {"purpose": "maskable"}],
    }
    headers = {"Cache-Control": f"private, max-age={MINUTES}"}
    return Response(orjson.dumps(document), media_type="application/manifest+json", headers=headers)


@router.get("/worker.js")
async def worker(request: Request) -> Response:
    """The service worker with the list of what it keeps: files of this release, and the page without network."""
    static = portal_of(request).pages.static
    names = ("design.css", "portal.css", "eid.css", "eid.js", "icon.svg", "mark.svg")
    shell = ["/offline", *map(static.url, names)]
    source = (folder_of("clients.eid_app") / "static" / "worker.js").read_bytes()
    text = b"const SHELL = %b;\n%b" % (orjson.dumps(shell), source)
    headers = {
        "Cache-Control": "no-cache",
        # A worker's own fetches are judged by its own policy (CSP Level 3, section 4.2).
        "Content-Security-Policy": "default-src 'none'; connect-src 'self'",
    }
    return Response(text, media_type="text/javascript", headers=headers)
