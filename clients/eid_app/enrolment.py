"""Registering this phone: sign in with two factors, bring back a challenge, and let the phone's own key answer it.

The access token is used once, here, and forgotten: what reaches the page is a challenge of five minutes for one key.
"""

from http import HTTPStatus
from typing import Final

import httpx2
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from clients.eid_app.pages import TOLD
from clients.portal_kit import levels
from clients.portal_kit.portal import portal_of
from clients.portal_kit.wire import TIMEOUT, json_of
from clients.relying_party import RelyingParty, SignInFailed
from web import PageProblem
from web.anchors import trusting
from web.security_headers import allow_app

router = APIRouter(include_in_schema=False)
CALLBACK: Final = "/enrol/callback"
CHALLENGES: Final = "/eid/v1/device-challenges"
SCOPES: Final = ("openid", "eid:device")
FRESH: Final = 240
"""Seconds that a sign-in may be old; the provider itself takes no older one than five minutes."""
REFUSED: Final = frozenset({"level_2_needed", "sign_in_again", "access_denied"})
KEPT: Final = "enrolment"


def party_of(request: Request) -> RelyingParty:
    """The part of the app that asks for nothing but a challenge."""
    found: RelyingParty = request.app.state.enrolling
    return found


@router.get("/enrol")
async def begin(request: Request) -> Response:
    """To the provider, for two factors given just now."""
    language = portal_of(request).pages.language_for(request).value
    try:
        return await party_of(request).begin(
            request, acr=levels.FILE, ui_locale=language, max_age=FRESH, prompt="login"
        )
    except SignInFailed as error:
        raise PageProblem(503, "provider-unreachable", cause=error, headers={"Retry-After": "5"}) from error


@router.get(CALLBACK)
async def callback(request: Request) -> Response:
    """The token becomes a challenge, and is gone."""
    portal = portal_of(request)
    try:
        signed_in = await party_of(request).finish(request, acr_is_enough=levels.enough)
    except SignInFailed as refusal:
        code = "access_denied" if refusal.code == "access_denied" else "level_2_needed"
        if refusal.code not in {"access_denied", "unmet_authentication_requirements"}:
            raise PageProblem(400, "sign-in-failed", code=refusal.code, cause=refusal) from refusal
        return portal.render(request, "enrol_refused.html", 403, code=code)
    status, told = await challenge(request, signed_in.access_token)
    if status != HTTPStatus.OK:
        code = str(told.get("error"))
        if code not in REFUSED:
            raise PageProblem(503, "provider-unreachable", headers={"Retry-After": "5"})
        return portal.render(request, "enrol_refused.html", 403, code=code)
    request.session[KEPT] = {"i": str(told["i"]), "challenge": str(told["challenge"])}
    return RedirectResponse("/enrol/key", 303)


@router.get("/enrol/key")
async def key(request: Request) -> Response:
    """The page on which the key is made and the PIN is chosen; both go to the provider, not here."""
    portal = portal_of(request)
    kept = request.session.get(KEPT)
    if not isinstance(kept, dict):
        return RedirectResponse("/enrol", 303)
    allow_app(request, portal.settings.issuer)
    return portal.render(request, "enrol.html", issuer=portal.settings.issuer, told=TOLD, **kept)


async def challenge(request: Request, token: str) -> tuple[int, dict[str, object]]:
    """Ask the provider in the person's name. Status and document; 503 when it does not answer."""
    settings = portal_of(request).settings
    try:
        async with httpx2.AsyncClient(timeout=TIMEOUT, verify=trusting(settings.trust_anchors)) as client:
            answer = await client.post(
                settings.issuer.rstrip("/") + CHALLENGES, headers={"Authorization": f"Bearer {token}"}
            )
    except httpx2.HTTPError:
        return 503, {}
    return answer.status_code, dict(json_of(answer))
