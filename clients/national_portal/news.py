"""Where the other portals post news of their dossiers."""

import httpx2
from fastapi import APIRouter
from jose import jwt
from jose.exceptions import JOSEError
from starlette.requests import Request
from starlette.responses import Response

from clients.portal_kit.news import MAX_BYTES, PATH, DossierNews, NewsRefused, read_news
from clients.portal_kit.portal import Portal, portal_of
from clients.portal_kit.sender_keys import UnknownSender
from clients.portal_kit.storage.received import ReceivedDossiers
from web import Problem

router = APIRouter(include_in_schema=False)


def received_dossiers(portal: Portal) -> ReceivedDossiers:
    """The store of received news under this portal's own lookup key."""
    return ReceivedDossiers(portal.database, lambda number: portal.ring.lookup_hash("portal.person", number))


@router.post(PATH)
async def receive(request: Request) -> Response:
    """Accept a signed message: 204 also for one we know already, 400 for what no known portal signed."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/jwt":
        raise Problem(415, "unsupported-media-type")
    portal = portal_of(request)
    message = (await request.body())[: MAX_BYTES + 1].decode("ascii", "replace")
    try:
        news = await checked(request, message, portal.settings.public_url)
    except (NewsRefused, UnknownSender) as refusal:
        raise Problem(400, "news-refused", cause=refusal) from refusal
    except httpx2.HTTPError as error:
        raise Problem(503, "unavailable", cause=error, headers={"Retry-After": "5"}) from error
    await received_dossiers(portal).accept(news)
    return Response(status_code=204)


async def checked(request: Request, message: str, receiver: str) -> DossierNews:
    """The content of a message whose signature holds; its sender is looked up before anything is believed."""
    try:
        sender = str(jwt.get_unverified_claims(message).get("iss"))
        kid = jwt.get_unverified_header(message).get("kid")
    except (JOSEError, RecursionError) as error:
        raise NewsRefused("not a signed message") from error
    jwks = await request.app.state.sender_keys.of(sender, kid)
    return read_news(message, jwks, sender=sender, receiver=receiver)
