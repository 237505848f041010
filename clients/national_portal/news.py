"""Where the other portals post news of their dossiers."""

import time
from pathlib import Path
from typing import Any, Final

import httpx2
from fastapi import APIRouter
from jose import jwt
from jose.exceptions import JOSEError
from starlette.requests import Request
from starlette.responses import Response

from clients.portal_kit.news import MAX_BYTES, PATH, DossierNews, NewsRefused, read_news
from clients.portal_kit.portal import Portal, portal_of
from clients.portal_kit.storage.received import ReceivedDossiers
from web import Problem
from web.anchors import trusting

router = APIRouter(include_in_schema=False)
KEYS_LIVE: Final = 300
KEYS_REST: Final = 5
"""Seconds between two fetches of a sender's keys: fresh enough, and no stranger can make us hammer a portal."""


class SenderKeys:
    """Public keys of the portals that may send news, fetched from the addresses in the settings only."""

    def __init__(self, portal_urls: tuple[str, ...], anchors: Path | None = None) -> None:
        self._anchors = anchors
        self._allowed = frozenset(url.rstrip("/") for url in portal_urls)
        self._known: dict[str, tuple[float, dict[str, Any]]] = {}

    async def of(self, sender: str, kid: object) -> dict[str, Any]:
        """The sender's keys; fetched again when old, or when ``kid`` is not among them."""
        if sender not in self._allowed:
            raise NewsRefused("an unknown sender")
        fetched_at, jwks = self._known.get(sender, (-KEYS_LIVE * 2.0, {"keys": []}))
        age = time.monotonic() - fetched_at
        missing = all(key.get("kid") != kid for key in jwks["keys"])
        if age > KEYS_LIVE or (missing and age > KEYS_REST):
            jwks = await self.fetched(sender)
            self._known[sender] = (time.monotonic(), jwks)
        return jwks

    async def fetched(self, sender: str) -> dict[str, Any]:
        """The keys a known sender publishes now. Raises ``httpx2.HTTPError``."""
        trusted = trusting(self._anchors)
        async with httpx2.AsyncClient(timeout=5.0, follow_redirects=False, verify=trusted) as client:
            answer = await client.get(f"{sender}/.well-known/jwks.json")
        answer.raise_for_status()
        content = answer.json()
        if not isinstance(content, dict) or not isinstance(content.get("keys"), list):
            raise NewsRefused("a sender without keys")
        return content


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
    except NewsRefused as refusal:
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
