"""``/logout``: RP-Initiated Logout 2, and the person's own sign-out."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from idp.authentication.session import cookie_digest
from idp.domain import paths
from idp.domain.errors import PageProblem
from idp.domain.outcomes import ConfirmSignOut, SignedOut
from idp.endpoints import foreign_posts, signing
from idp.endpoints.authorize import problem_page
from idp.protocol import oidc_rp_initiated_logout
from idp.protocol.oidc_rp_initiated_logout import SignOutRequest
from idp.protocol.parameters import Parameters
from idp.shell import Services
from web import Form, Language, allow_frames, csrf, exchange_of, parse_form, read_form
from web.csrf import FIELD

SIGNED_OUT = "/signed-out"
MOST_LOCALES = 20
KEPT = ("id_token_hint", "logout_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales")
"""Parameters that the confirmation carries on."""


async def sign_out(request: Request) -> Response:
    """Sign out, or ask first."""
    services: Services = request.app.state.services
    form = await read_form(request) if request.method == "POST" else parse_form(request.scope["query_string"])
    digest = cookie_digest(request.cookies.get(services.settings.session_cookie))
    speak(request, form)
    if digest is not None:
        csrf.bind(request, digest.hex())
    confirmed = request.method == "POST" and FIELD in form
    if confirmed:
        await csrf.check(request, form)
    elif request.method == "POST":
        instead = foreign_posts.visit(
            paths.END_SESSION,
            Parameters.of(form.pairs),
            origin=request.headers.get("origin"),
            issuer=services.settings.public_url,
            known=digest is not None,
        )
        if instead is not None:
            return Response(status_code=303, headers={"Location": instead})
    asked = await read(request, form, digest, confirmed=confirmed)
    outcome = await services.loop.run(asked, asked.needs, oidc_rp_initiated_logout.decide)
    if isinstance(outcome, PageProblem):
        return await problem_page(request, outcome)
    if isinstance(outcome, ConfirmSignOut):
        return ask(request, form, outcome)
    if outcome.frames:
        response = farewell(request, outcome)
    else:
        response = Response(status_code=303, headers={"Location": outcome.redirect_uri or SIGNED_OUT})
    settings = services.settings
    for cookie in settings.browser_state("", request.cookies):
        response.headers.append("set-cookie", cookie)
    for name in (settings.session_cookie, settings.interaction_cookie):
        response.delete_cookie(name, path="/", secure=settings.https, httponly=True, samesite="lax")
    return response


async def read(request: Request, form: Form, digest: bytes | None, *, confirmed: bool) -> SignOutRequest:
    """The request as a value, with the clients that want to hear of the end."""
    services: Services = request.app.state.services
    parameters = Parameters.of((name, value) for name, value in form.pairs if name != FIELD)
    clients = [each for each in (await services.records.clients()).values() if not each.disabled]
    return SignOutRequest(
        parameters,
        session_digest=digest,
        hint=signing.verified_hint(parameters.get("id_token_hint"), services.ring),
        confirmed=confirmed,
        backchannel={
            client.client_id: client.backchannel_logout_uri
            for client in clients
            if client.backchannel_logout_uri is not None
        },
        frontchannel={
            client.client_id: client.frontchannel_logout_uri
            for client in clients
            if client.frontchannel_logout_uri is not None
        },
    )


def farewell(request: Request, outcome: SignedOut) -> Response:
    """Front-Channel Logout 2: the page whose frames tell the clients, and from which the person goes on."""
    services: Services = request.app.state.services
    allow_frames(request, *outcome.frames)
    return services.pages.render(
        request, "signed_out.html", frames=outcome.frames, back=outcome.redirect_uri or ""
    )


def speak(request: Request, form: Form) -> None:
    """RP-Initiated Logout 2: ui_locales, "ordered by preference", unless the person chose a language here."""
    pages = request.app.state.services.pages
    chosen = request.query_params.get("lang") or request.cookies.get(pages.language_cookie)
    wanted = Language.match(form.text("ui_locales").split(" ")[:MOST_LOCALES])
    if wanted is not None and not chosen:
        exchange_of(request).language = wanted


def ask(request: Request, form: Form, outcome: ConfirmSignOut) -> Response:
    """RP-Initiated Logout 6: the person confirms."""
    services: Services = request.app.state.services
    language = services.pages.language_for(request)
    name = outcome.client_name_en if language.value == "en" else outcome.client_name_vi
    fields = [(key, form[key]) for key in KEPT if key in form]
    # Only the registered address may open a door in the page's policy, and only for http (Casdoor CVE-2026-5467).
    targets = [outcome.redirect_uri] if outcome.redirect_uri is not None else []
    return services.pages.render(
        request,
        "sign_out.html",
        form_action=[uri for uri in targets if uri.startswith(("https://", "http://"))],
        service=name or "",
        action=paths.END_SESSION,
        fields=fields,
    )
