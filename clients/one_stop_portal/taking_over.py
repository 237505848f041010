"""A colleague of the same office goes on with a case: the citizen came back, and whoever received them is not there.

Nothing of a case is shown before the colleague holds it but its code, its procedure and who has it. The citizen
stands at the desk: their number is compared once more, so that the look stands in the citizen's log with the
colleague and the dossier, and the case says for ever who held it from when. A yes that was asked for by the
colleague who left counts for nobody else: it is asked for anew.

Decree 118/2025/NĐ-CP, Art. 8: whoever receives answers for it.
"""

import hmac
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from clients.one_stop_portal.card_line import CardLine
from clients.one_stop_portal.card_reading import card_in
from clients.one_stop_portal.cases import found, learnt
from clients.one_stop_portal.people import arrived, clerk_of, hands_of, name_of
from clients.one_stop_portal.reception import verified
from clients.one_stop_portal.storage.hands import Hand
from clients.portal_kit.answers import SPACES
from clients.portal_kit.dossiers import CODE, MAX_CODE
from clients.portal_kit.portal import Portal, now
from clients.portal_kit.refusals import REFUSALS, refused
from clients.portal_kit.storage.sessions import PortalSession
from clients.relying_party import SignInFailed
from web import PageProblem, csrf, read_form

router = APIRouter(prefix="/colleagues", include_in_schema=False)
PURPOSE: Final = "Tiếp tục hồ sơ thay đồng nghiệp tại bộ phận một cửa"
LONGEST: Final = 2_304


@router.get("")
async def listed(request: Request) -> Response:
    """The office's cases that others hold."""
    portal, session, answer = await arrived(request, staff=True)
    if session is None or answer is not None:
        return answer or portal.to_sign_in(request)
    held, clerk = hands_of(portal), clerk_of(session)
    hands = await held.of_colleagues(clerk, now() - portal.drafts.lifetime)
    mine = await held.let_go_by(clerk)
    return portal.render(request, "colleagues.html", hands=hands, mine=mine)


@router.get("/{code}")
async def ask(request: Request, code: str) -> Response:
    """Who is at the desk; or that the case is one's own, or a colleague's who took it over."""
    portal, session, answer = await arrived(request, staff=True)
    if session is None or answer is not None:
        return answer or portal.to_sign_in(request)
    hands = await _hands(portal, session, code)
    if hands[-1].subject == session.signed_in.subject:
        return _to_case(code)
    return _page(request, portal, session, hands)


@router.post("/{code}")
async def take_over(request: Request, code: str) -> Response:
    """Compare who is at the desk, and the case is the colleague's."""
    portal, session, answer = await arrived(request, staff=True)
    form = await read_form(request, max_fields=4)
    await csrf.check(request, form)
    if session is None or answer is not None:
        return answer or portal.to_sign_in(request, back_to=f"/colleagues/{code[:MAX_CODE]}")
    hands = await _hands(portal, session, code)
    before = hands[-1].subject
    if before == session.signed_in.subject:
        return _to_case(code)
    try:
        scanned = await card_in(portal, form.text("card")[:LONGEST])
    except SignInFailed as failed:
        raise PageProblem(503, "provider-unreachable", headers={"Retry-After": "5"}) from failed
    number = scanned.number if isinstance(scanned, CardLine) else SPACES.sub("", form.text("card")[:20])
    case = await found(portal, before, code)
    if not hmac.compare_digest(number.encode(), case.number.encode()):
        return _page(request, portal, session, hands, wrong=True)
    try:
        flags = await verified(portal, session, case, PURPOSE)
    except REFUSALS as refusal:
        return refused(request, session, refusal, filing=True, draft=f"/colleagues/{code}")
    if any(flag != "match" for flag in flags.values()):
        return _page(request, portal, session, hands, wrong=True)
    if not await hands_of(portal).taken_over(code, before, clerk_of(session), name_of(session)):
        raise PageProblem(409, "move-refused")
    await learnt(portal, case, request="", way="", sent_to="")
    return _to_case(code)


async def _hands(portal: Portal, session: PortalSession, code: str) -> tuple[Hand, ...]:
    """Who held this case of one's own office. Raises PageProblem 404, for those of others too."""
    known = len(code) <= MAX_CODE and CODE.match(code)
    hands = await hands_of(portal).of(code, clerk_of(session).office) if known else ()
    if not hands:
        raise PageProblem(404, "draft-gone")
    return hands


def _page(
    request: Request, portal: Portal, session: PortalSession, hands: tuple[Hand, ...], *, wrong: bool = False
) -> Response:
    errors = {"card": portal.pages.texts_for(request).t("take.card_wrong")} if wrong else {}
    mine = any(each.subject == session.signed_in.subject for each in hands)
    return portal.render(
        request, "take_over.html", 422 if wrong else 200, hands=hands, mine=mine, errors=errors
    )


def _to_case(code: str) -> Response:
    return RedirectResponse(f"/cases/{code}", status_code=303)
