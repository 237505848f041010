"""“Waiting for you”: what others ask of the person as owner, head of household, parent or member; yes or no.

The registry asks when a dossier is filed and keeps the answer. The e-ID app has these pages too, and says so: its
``consent_channel`` is ``app`` (Decree 58/2026 Art. 4(5)). There ``consent_signing`` holds the texts of its script: a
phone that is registered signs the yes with its key, and the registry keeps that signature with the consent.
"""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from clients.portal_kit.dossier_pages import readable
from clients.portal_kit.portal import Portal, portal_of
from clients.portal_kit.refusals import REFUSALS, refused
from clients.portal_kit.registry_dossiers import AskedConsent
from clients.portal_kit.storage.sessions import PortalSession
from clients.portal_kit.wire import RegistryRefused
from web import PageProblem, csrf, read_form
from web.security_headers import allow_app

router = APIRouter(include_in_schema=False)
ANSWERS = {"yes": True, "no": False}
LONGEST_SIGNED = 12_288
SIGNATURE_WANTED = "dossier-consent-signature"


@router.get("/consents")
async def inbox(request: Request) -> Response:
    """Who asks the person for what, those that wait for an answer first."""
    portal = portal_of(request)
    session = await portal.session(request)
    if session is None:
        return portal.to_sign_in(request)
    try:
        asked = await portal.dossiers.asked_of_me(await portal.own_access(session))
    except REFUSALS as refusal:
        return refused(request, session, refusal)
    waiting = [each for each in asked if each.open]
    answered = [each for each in asked if not each.open]
    return portal.render(request, "consents.html", waiting=waiting, answered=answered)


@router.get("/consents/{code}")
async def show_consent(request: Request, code: str) -> Response:
    """What is asked, by whom and for what, and the two buttons.

    The level of answering is asked for before the question is shown, so that an answer is given once.
    """
    portal = portal_of(request)
    session = await portal.session(request)
    if session is None:
        return portal.to_sign_in(request)
    try:
        found = await _asked(portal, session, readable(code))
        if found.open and not portal.may_file(session):
            return portal.to_sign_in(request, filing=True, back_to=f"/consents/{found.code}")
        place = await _place(portal, found)
    except REFUSALS as refusal:
        return refused(request, session, refusal)
    return _page(request, found, place)


@router.post("/consents/{code}")
async def answer(request: Request, code: str) -> Response:
    """The person's yes or no in the capacities ticked; it needs the level of filing."""
    portal = portal_of(request)
    session = await portal.session(request)
    form = await read_form(request)
    await csrf.check(request, form)
    here = f"/consents/{readable(code)}"
    if session is None or not portal.may_file(session):
        return portal.to_sign_in(request, filing=True, back_to=here)
    given, roles = ANSWERS.get(form.text("answer")), tuple(form.all("role"))
    try:
        found = await _asked(portal, session, code)
        known = {each.role for each in found.consents if each.state == "asked"}
        if given is None or not roles or not set(roles) <= known:
            texts = portal.pages.texts_for(request)
            errors = {"role": texts.t("consent.missing")}
            return _page(request, found, await _place(portal, found), 422, errors=errors)
        place = await _place(portal, found)
        token = await portal.own_access(session)
        channel = getattr(request.app.state, "consent_channel", "portal")
        signed = form.text("signed")[:LONGEST_SIGNED] if given else ""
        await portal.dossiers.answer_consent(
            token, code, given=given, roles=roles, channel=channel, signed=signed
        )
    except RegistryRefused as refusal:
        if refusal.code == SIGNATURE_WANTED:  # a phone is registered, and this is not it
            return _page(request, found, place, 403, sign_by_phone=True)
        return refused(request, session, refusal, filing=True, back_to=here)
    except REFUSALS as refusal:
        return refused(request, session, refusal, filing=True, back_to=here)
    return RedirectResponse(here, status_code=303)


def _page(request: Request, asked: AskedConsent, place: str, status: int = 200, **more: object) -> Response:
    """The question. In the e-ID app a phone signs the yes, so its script may ask the provider for the attestation."""
    portal = portal_of(request)
    told = getattr(request.app.state, "consent_signing", ())
    if told:
        allow_app(request, portal.settings.issuer)
    known = {"asked": asked, "place": place, "told": told, "sign_by_phone": False}
    return portal.render(request, "consent.html", status, **(known | more))


async def _asked(portal: Portal, session: PortalSession, code: str) -> AskedConsent:
    """What a dossier asks of this person; one that asks nothing of them does not exist for them."""
    for each in await portal.dossiers.asked_of_me(await portal.own_access(session)):
        if each.code == code:
            return each
    raise PageProblem(404, "not-found")


async def _place(portal: Portal, asked: AskedConsent) -> str:
    """The dwelling as people write it; empty where the dossier names none."""
    dwelling = asked.about.get("dwelling")
    if not isinstance(dwelling, dict) or "commune" not in dwelling:
        return ""
    return await portal.places.written(
        {"commune_code": dwelling["commune"], "text": dwelling.get("address", "")}
    )
