"""The routes every portal has for signing in and out; the rest of the portal never sees a token request."""

import re
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from clients.portal_kit import levels
from clients.portal_kit.portal import portal_of
from clients.portal_kit.wire import LONGEST_AGE
from clients.relying_party import SignInFailed
from web import PageProblem, csrf, exchange_of, read_form

router = APIRouter(include_in_schema=False)
OWN_PAGE: Final = re.compile(r"\A/(?!/)[A-Za-z0-9/._-]{0,200}\Z")
KNOWN_REFUSALS: Final = frozenset(
    {"access_denied", "unmet_authentication_requirements", "provider_unreachable"}
)


def own_page(path: str | None) -> str:
    """A path of this portal, or its front page for whatever else was asked (no open redirect)."""
    return path if path and OWN_PAGE.match(path) else "/"


def age_of(text: str | None) -> int | None:
    """A number of seconds as the registry wrote it; None for anything else."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= LONGEST_AGE else None


@router.get("/sign-in")
async def sign_in(request: Request) -> Response:
    """Send the browser to the provider, asking for the level the person's errand needs."""
    portal = portal_of(request)
    request.session["next"] = own_page(request.query_params.get("next"))
    filing = request.query_params.get("level") == "file"
    request.session["level"] = "file" if filing else "look"
    language = portal.pages.language_for(request)
    try:
        answer = await portal.party.begin(
            request,
            acr=levels.FILE if filing else levels.LOOK,
            ui_locale=language.value,
            max_age=age_of(request.query_params.get("max_age")),
            details=portal.details if filing else (),
        )
    except SignInFailed as error:
        raise PageProblem(503, "provider-unreachable", cause=error, headers={"Retry-After": "5"}) from error
    for cookie in exchange_of(request).cookies:  # the language somebody came with from the front door
        answer.headers.append("set-cookie", cookie)
    return answer


@router.get("/callback")
async def callback(request: Request) -> Response:
    """The provider's answer becomes a session of our own, under a fresh cookie."""
    portal = portal_of(request)
    back_to = own_page(request.session.pop("next", "/"))
    level = request.session.pop("level", "look")
    try:
        signed_in = await portal.party.finish(request, acr_is_enough=levels.enough)
    except SignInFailed as refusal:
        if refusal.code not in KNOWN_REFUSALS:
            raise PageProblem(400, "sign-in-failed", code=refusal.code, cause=refusal) from refusal
        return portal.render(
            request, "sign_in_refused.html", 403, why=refusal.code, back_to=back_to, level=level
        )
    cookie = await portal.sessions.start(signed_in, replaces=request.cookies.get(portal.session_cookie))
    answer = RedirectResponse(back_to, status_code=303)
    answer.set_cookie(
        portal.session_cookie, cookie, httponly=True, samesite="lax", secure=portal.settings.https, path="/"
    )
    return answer


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session here at once, then everywhere through the provider."""
    portal = portal_of(request)
    session = await portal.session(request)
    await csrf.check(request, await read_form(request))
    if session is None:
        return RedirectResponse("/", status_code=303)
    await portal.sessions.end(session)
    try:
        answer = await portal.party.sign_out(
            request, session.signed_in.id_token, f"{portal.settings.public_url}/signed-out"
        )
    except SignInFailed:  # the provider is away: at least this portal knows nobody any more
        answer = RedirectResponse("/signed-out?where=here", status_code=303)
    answer.delete_cookie(portal.session_cookie, path="/", secure=portal.settings.https, httponly=True)
    return answer


@router.get("/signed-out")
async def signed_out(request: Request) -> Response:
    """Where the provider sends the browser back; ``where=here`` when it was away and only this portal forgot."""
    only_here = request.query_params.get("where") == "here"
    return portal_of(request).render(request, "signed_out.html", only_here=only_here)


@router.post("/backchannel-logout")
async def backchannel_logout(request: Request) -> Response:
    """The provider says that a session ended (OIDC Back-Channel Logout 1.0, section 2.5)."""
    portal = portal_of(request)
    form = await read_form(request, max_fields=4)
    headers = {"Cache-Control": "no-store"}
    try:
        notice = await portal.party.signed_out(form.get("logout_token", ""))
    except SignInFailed as refusal:
        if (
            refusal.code == "provider_unreachable"
        ):  # our trouble, not the token's: the provider will try again
            return JSONResponse({"error": "temporarily_unavailable"}, 503, {**headers, "Retry-After": "5"})
        return JSONResponse({"error": "invalid_request", "error_description": refusal.code}, 400, headers)
    await portal.sessions.end_as_told(notice)
    return Response(status_code=200, headers=headers)


@router.get("/.well-known/jwks.json")
async def public_keys(request: Request) -> Response:
    """The public keys of this portal: for the provider, and for the payment gateway."""
    portal = portal_of(request)
    portal.ring.reload_if_changed()
    return JSONResponse(portal.ring.jwks(), headers={"Cache-Control": "public, max-age=300"})
