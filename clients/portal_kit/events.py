"""Events of the registry, pushed to us as Security Event Tokens.

https://www.rfc-editor.org/rfc/rfc8417 and https://www.rfc-editor.org/rfc/rfc8935
A portal takes them with ``event_router(handle)``: the token is checked with python-jose and the keys that the
registry publishes, its ``jti`` is kept so a second push changes nothing, and ``handle`` runs in the same transaction.
Events of one dossier come in order; whoever applies them still looks at ``number``, which a dead letter that was sent
again has lower than what is known.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx2
import orjson
from fastapi import APIRouter
from jose import jwt
from jose.exceptions import JOSEError
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from clients.portal_kit.portal import portal_of
from clients.portal_kit.sender_keys import SenderKeys, UnknownSender
from clients.portal_kit.storage.filed import FiledDossiers, standing_of
from clients.portal_kit.storage.tables import taken_event

PATH: Final = "/events"
KIND: Final = "application/secevent+jwt"
TYP: Final = "secevent+jwt"
PREFIX: Final = "urn:example:vn:registry:event:"
DOSSIER_CHANGED: Final = "dossier-changed"
MAX_BYTES: Final = 16_384
LONGEST_JTI: Final = 128


@dataclass(frozen=True, slots=True)
class RegistryEvent:
    """One event; ``names`` are its identifiers without the common prefix, with what each says."""

    event_id: str
    subject: str
    happened_at: int
    names: Mapping[str, Mapping[str, Any]]


class EventRefused(Exception):
    """RFC 8935 section 2.4: ``err`` is one of its codes."""

    def __init__(self, err: str) -> None:
        super().__init__(err)
        self.err = err


Handle = Callable[[AsyncConnection, RegistryEvent], Awaitable[None]]


def read_event(token: str, jwks: Mapping[str, Any], *, issuer: str, audience: str) -> RegistryEvent:
    """Check a token and give its event. Raises :class:`EventRefused`."""
    try:
        header = jwt.get_unverified_header(token)
        key = next(each for each in jwks["keys"] if each.get("kid") == header.get("kid"))
        claims = jwt.decode(
            token,
            key,
            algorithms=["ES256"],
            issuer=issuer,
            audience=audience,
            options={"require_iat": True, "require_jti": True, "require_aud": True},
        )
    except (JOSEError, StopIteration, RecursionError) as error:
        raise EventRefused("invalid_key") from error
    # RFC 8417 2.3: the type keeps it apart from every other token of the registry; 2.2: an event does not expire.
    if header.get("typ") != TYP or "exp" in claims or not isinstance(claims["aud"], str):
        raise EventRefused("invalid_request")
    try:
        event_id, subject, events = claims["jti"], claims["sub_id"]["id"], claims["events"]
        names = {name.removeprefix(PREFIX): dict(said) for name, said in events.items()}
        happened_at = int(claims.get("toe", claims["iat"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EventRefused("invalid_request") from error
    if not (
        isinstance(event_id, str) and 0 < len(event_id) <= LONGEST_JTI and isinstance(subject, str) and names
    ):
        raise EventRefused("invalid_request")
    return RegistryEvent(event_id, subject, happened_at, names)


def event_router(handle: Handle | None = None) -> APIRouter:
    """``POST /events``: 202 once the event is applied, also when it was before; 400 with ``err`` for what is none.

    Where a dossier stands is kept, what is newer by its ``number``. ``handle`` does what else a portal wants; it may
    raise :class:`EventRefused` too: then nothing of the event is kept, its ``jti`` neither.
    """
    router = APIRouter(include_in_schema=False)

    @router.post(PATH)
    async def receive(request: Request) -> Response:
        try:
            event = await _checked(request)
            portal = portal_of(request)
            async with portal.database.transaction() as connection:
                taken = await connection.execute(
                    insert(taken_event).values(event_id=event.event_id).on_conflict_do_nothing()
                )
                if taken.rowcount == 1:
                    if handle is not None:
                        await handle(connection, event)
                    await _keep_word(portal.filed, connection, event)
        except EventRefused as refused:
            return Response(
                orjson.dumps({"err": refused.err, "description": "not an event for this portal"}),
                400,
                media_type="application/json",
            )
        except httpx2.HTTPError:
            return Response(status_code=503, headers={"Retry-After": "5"})
        return Response(status_code=202)

    return router


async def _checked(request: Request) -> RegistryEvent:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != KIND:
        raise EventRefused("invalid_request")
    settings = portal_of(request).settings
    token = (await request.body())[: MAX_BYTES + 1].decode("ascii", "replace")
    if len(token) > MAX_BYTES:
        raise EventRefused("invalid_request")
    issuer = settings.registry_url.rstrip("/")
    try:
        kid = jwt.get_unverified_header(token).get("kid")
        keys: SenderKeys = request.app.state.registry_keys
        jwks = await keys.of(issuer, kid)
    except (JOSEError, RecursionError) as error:
        raise EventRefused("invalid_key") from error
    except UnknownSender as error:
        raise EventRefused("invalid_issuer") from error
    return read_event(token, jwks, issuer=issuer, audience=settings.public_url)


async def _keep_word(filed: FiledDossiers, connection: AsyncConnection, event: RegistryEvent) -> None:
    """A dossier has moved on: its new state is kept."""
    said = event.names.get(DOSSIER_CHANGED)
    standing = None if said is None else standing_of(said.get("number"), said.get("state"), said)
    if standing is not None:
        await filed.hear(connection, event.subject, standing)
