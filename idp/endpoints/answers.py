"""Answers as bytes, with the headers of each kind prepared once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from http import HTTPStatus
from typing import Final

import orjson
from starlette.types import Receive, Scope, Send

from idp.domain.errors import ProtocolError
from idp.domain.values import frozen
from web.at_once import AT_ONCE, rendered, rendered_once

Header = tuple[bytes, bytes]

JSON: Final[Header] = (b"content-type", b"application/json")
# RFC 6749 5.1: "Cache-Control" with "no-store" and "Pragma" with "no-cache" wherever tokens or credentials travel.
NO_STORE: Final[tuple[Header, ...]] = ((b"cache-control", b"no-store"), (b"pragma", b"no-cache"))
PUBLIC: Final[tuple[Header, ...]] = ((b"cache-control", b"public, max-age=300"),)
CORS: Final[tuple[Header, ...]] = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"WWW-Authenticate, Retry-After, DPoP-Nonce"),
)
SAFE: Final[tuple[Header, ...]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
JWK_SET: Final[Header] = (b"content-type", b"application/jwk-set+json")
SHARED: Final = frozenset(
    (kind, *caching, *cors)
    for kind in (JSON, JWK_SET)
    for caching in (NO_STORE, PUBLIC)
    for cors in ((), CORS)
)
"""Headers of many answers, rendered once. Others are not kept: they may hold a code, a cookie or a nonce."""
NO_CONTENT: Final = 204
HSTS: Final[Header] = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")


@frozen
class Answer:
    """One answer; an ASGI application of its own. ``safe``: the headers that go before its own."""

    status: int
    body: bytes = field(default=b"", repr=False)
    headers: tuple[Header, ...] = field(default=(), repr=False)
    safe: tuple[Header, ...] = field(default=SAFE, repr=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        del receive
        body = b"" if scope["method"] == "HEAD" else self.body
        at_once = scope.get(AT_ONCE)
        if at_once is not None and at_once(self.status, self.fields(), body):
            return
        headers = [*self.safe, *self.headers]
        if self.status != NO_CONTENT:
            headers.append((b"content-length", b"%d" % len(self.body)))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def fields(self) -> bytes:
        """Every header field as it travels. Raises ValueError for what is none."""
        own = rendered_once(self.headers) if self.headers in SHARED else rendered(self.headers)
        # RFC 9110 8.6: no Content-Length with 204.
        length = b"" if self.status == NO_CONTENT else b"content-length: %d\r\n" % len(self.body)
        return b"%b%b%b" % (rendered_once(self.safe), own, length)


def json(status: int, document: Mapping[str, object], extra: Iterable[Header] = ()) -> Answer:
    """A JSON answer that nobody stores."""
    return Answer(status, orjson.dumps(document), (JSON, *NO_STORE, *extra))


def token(kind: bytes, text: str) -> Answer:
    """A JWT as the whole answer; nobody stores it."""
    return Answer(200, text.encode("ascii"), ((b"content-type", kind), *NO_STORE))


def refused(error: ProtocolError, extra: Iterable[Header] = ()) -> Answer:
    """RFC 6749 5.2 and RFC 6750 3: error, description, challenge; the cause stays here."""
    headers: list[Header] = list(extra)
    if error.challenge is not None:
        headers.append((b"www-authenticate", error.challenge.encode("ascii")))
    if error.status == HTTPStatus.TOO_MANY_REQUESTS:
        headers.append((b"retry-after", b"60"))
    # RFC 6750 3.1: a request without any token learns no error code.
    if not error.description:
        return Answer(error.status, b"", (*NO_STORE, *headers))
    return json(error.status, {"error": error.code, "error_description": error.description}, headers)


def unavailable(retry_after: int) -> Answer:
    """RFC 9110 15.6.4: a part of us does not answer; nothing was granted."""
    document = {"error": "temporarily_unavailable", "error_description": "Try again later"}
    return json(503, document, ((b"retry-after", str(retry_after).encode("ascii")),))


def unexpected(reference: str) -> Answer:
    """The one sentence for whatever nobody foresaw."""
    document = {
        "error": "server_error",
        "error_description": f"Something unexpected happened, reference {reference}",
    }
    return json(500, document)


def see_other(location: str, cookies: Iterable[str] = ()) -> Answer:
    """303: whatever the method was, go on with GET; never cached (RFC 9700 4.12: no 307)."""
    headers = [(b"location", location.encode("ascii", "strict")), *NO_STORE]
    headers += [(b"set-cookie", cookie.encode("ascii")) for cookie in cookies]
    return Answer(303, b"", tuple(headers))
