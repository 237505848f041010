"""The machine-facing addresses, answered before any other middleware or route is walked through.

Everything else, and every outcome that needs a page, goes on to the application behind.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from idp.domain import paths
from idp.domain.errors import PageProblem
from idp.endpoints import (
    answers,
    assistance,
    authorize,
    decoupled,
    devices,
    operating,
    pushed,
    registration,
    registry_events,
    representing,
    tokens,
    userinfo,
)
from idp.endpoints.answers import CORS, HSTS, Answer
from idp.endpoints.documents import Documents
from idp.endpoints.exchange import Exchange, TooLarge
from idp.ports import Unavailable
from idp.protocol.errors import refusal
from idp.shell import Services
from keys import KeyRefused, KeyRing

log = logging.getLogger("idp.endpoints")

Endpoint = Callable[[Exchange], Awaitable[Answer | None]]
GET: Final = ("GET", "HEAD")
POST: Final = ("POST",)
BOTH: Final = ("GET", "HEAD", "POST")
VISITS: Final = ("GET", "POST")
"""No HEAD: a visit may issue a code."""


@dataclass(frozen=True, slots=True)
class Hot:
    """One address. ``cors``: scripts of any origin may read it (no cookie is ever looked at there).

    ``cached``: caches keep the answer, so it says so to everybody, not only to those who name an origin.
    ``people``: a browser with a person in front of it; failures are pages.
    """

    endpoint: Endpoint
    methods: tuple[str, ...]
    cors: bool = False
    people: bool = False
    cached: bool = False

    def says_cors(self, exchange: Exchange) -> bool:
        """Fetch, "CORS protocol and HTTP caches": a kept answer without ``*`` would lock out the next script."""
        return self.cors and (self.cached or exchange.header(b"origin") is not None)


MANAGEMENT: Final = Hot(registration.manage, ("GET", "HEAD", "PUT", "DELETE"))


class HotPaths:
    """ASGI middleware, outermost. ``services`` is asked for at each request: they exist once the lifespan began."""

    def __init__(self, app: ASGIApp, *, services: Callable[[], Services], https: bool) -> None:
        self.app = app
        self.services = services
        self.extra = (HSTS,) if https else ()
        self._table: dict[str, Hot] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        hot = self.hot(scope["path"]) if scope["type"] == "http" else None
        if hot is None:
            await self.app(scope, receive, send)
            return
        answer = await self.answer(hot, Exchange(scope, receive, self.services()))
        if answer is None:
            await self.app(scope, receive, send)
            return
        if self.extra:
            answer = Answer(answer.status, answer.body, (*answer.headers, *self.extra), answer.safe)
        await answer(scope, receive, send)

    def hot(self, path: str) -> Hot | None:
        """What answers at this path; clients that registered themselves have one each."""
        found = self.table().get(path)
        return MANAGEMENT if found is None and path.startswith(registration.PREFIX) else found

    def table(self) -> dict[str, Hot]:
        """The addresses, bound to this provider's documents."""
        if self._table is None:
            documents = Documents(self.services())
            self._table = {
                paths.PAR: Hot(pushed.push, POST, cors=True),
                paths.TOKEN: Hot(tokens.issue, POST, cors=True),
                paths.INTROSPECT: Hot(tokens.introspect, POST),
                paths.REVOKE: Hot(tokens.revoke, POST, cors=True),
                paths.DEVICE_AUTHORIZATION: Hot(decoupled.device_authorization, POST, cors=True),
                paths.BACKCHANNEL_AUTHENTICATION: Hot(decoupled.backchannel_authentication, POST),
                paths.USERINFO: Hot(userinfo.userinfo, BOTH, cors=True),
                paths.JWKS: Hot(documents.jwks, GET, cors=True, cached=True),
                paths.OPENID_CONFIGURATION: Hot(documents.metadata, GET, cors=True, cached=True),
                paths.OAUTH_METADATA: Hot(documents.metadata, GET, cors=True, cached=True),
                paths.RESOURCE_METADATA + paths.USERINFO: Hot(
                    documents.resource, GET, cors=True, cached=True
                ),
                paths.CHECK_SESSION: Hot(documents.check_session, GET),
                paths.REGISTER: Hot(registration.register, POST),
                paths.OPERATE: Hot(operating.act, POST),
                paths.DEVICE_CHALLENGES: Hot(devices.challenge, POST),
                paths.DEVICES: Hot(devices.register, POST, cors=True),
                paths.DEVICE_ACTS: Hot(devices.act, POST, cors=True),
                paths.DEPENDANTS_OF: Hot(representing.dependants, POST),
                paths.ASSISTANCE: Hot(assistance.confirm, POST),
                paths.REGISTRY_EVENTS: Hot(registry_events.receive, POST),
                paths.AUTHORIZE: Hot(authorize.authorize, VISITS, people=True),
                paths.CONTINUE: Hot(authorize.go_on, VISITS, people=True),
            }
        return self._table

    async def answer(self, hot: Hot, exchange: Exchange) -> Answer | None:
        """The endpoint's answer; every failure becomes a well-formed one."""
        if exchange.method not in hot.methods:
            return other_method(hot, exchange)
        try:
            turn(exchange.services.ring)
            answer = await hot.endpoint(exchange)
        except TooLarge:
            answer = failed(hot, exchange, PageProblem("body_too_large", 413), TOO_LARGE)
        except Unavailable as missing:
            log.warning("unavailable", extra={"part": missing.part})
            page = PageProblem("unavailable", 503)
            answer = failed(hot, exchange, page, answers.unavailable(missing.retry_after))
        except Exception:
            reference = secrets.token_hex(8)
            log.exception("unexpected error", extra={"reference": reference})
            answer = failed(hot, exchange, PageProblem("unexpected", 500), answers.unexpected(reference))
        if answer is not None and exchange.nonce is not None:
            nonce = (b"dpop-nonce", exchange.nonce.encode("ascii"))
            answer = Answer(answer.status, answer.body, (*answer.headers, nonce))
        if answer is not None and hot.says_cors(exchange):
            answer = Answer(answer.status, answer.body, (*answer.headers, *CORS))
        return answer


def failed(hot: Hot, exchange: Exchange, page: PageProblem, answer: Answer) -> Answer | None:
    """A failure as the reader understands it: None, and a page behind, for a person; the answer for a machine."""
    if not hot.people:
        return answer
    exchange.scope[authorize.OUTCOME] = page
    return None


def too_large() -> Answer:
    """RFC 9110 15.5.14, in the words of RFC 6749 5.2."""
    error = refusal("invalid_request")
    error.status = 413
    return answers.refused(error)


TOO_LARGE: Final = too_large()


def turn(ring: KeyRing) -> None:
    """See a rotated key ring at once; a damaged one is logged, and the keys that are known go on."""
    try:
        ring.reload_if_changed()
    except (KeyRefused, OSError):
        log.exception("the key ring cannot be read again")


def other_method(hot: Hot, exchange: Exchange) -> Answer:
    """RFC 9110 15.5.6, and the Fetch standard's preflight."""
    if exchange.method == "OPTIONS" and hot.cors and exchange.header(b"origin") is not None:
        allowed = ", ".join(hot.methods).encode("ascii")
        return Answer(
            204,
            b"",
            (
                *CORS,
                (b"access-control-allow-methods", allowed),
                (b"access-control-allow-headers", b"Authorization, Content-Type, DPoP"),
                (b"access-control-max-age", b"3600"),
            ),
        )
    return Answer(405, b"", ((b"allow", ", ".join(hot.methods).encode("ascii")),))
