"""One HTTP request as endpoints read it: bounded, once, without trusting anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from starlette.types import Receive, Scope

from idp.protocol.parameters import Parameters
from idp.shell import Services
from web import address_seen

MAX_BODY: Final = 65_536
FORM: Final = b"application/x-www-form-urlencoded"
BROKEN: Final = Parameters(broken=True)


class TooLarge(Exception):
    """The body is longer than any request of ours may be."""


class CutOff(TooLarge):
    """The sender went away in the middle (RFC 9112 section 8): nothing is acted on, and nobody reads the answer."""


@dataclass(slots=True)
class Exchange:
    """A request in the making. Header names are lower case; of a repeated header the values are all kept.

    ``nonce`` is a DPoP nonce that the answer must carry (RFC 9449 section 8.2).
    """

    scope: Scope
    receive: Receive
    services: Services
    nonce: str | None = field(default=None, repr=False)
    _headers: dict[bytes, list[bytes]] | None = field(default=None, repr=False)

    @property
    def method(self) -> str:
        """The HTTP method."""
        method: str = self.scope["method"]
        return method

    def header(self, name: bytes) -> str | None:
        """A header's value; None when absent, and an unusable text when it came twice."""
        values = self.values(name)
        if not values:
            return None
        return values[0].decode("latin-1") if len(values) == 1 else "repeated"

    def values(self, name: bytes) -> Sequence[bytes]:
        """Every value of a header, in their order."""
        if self._headers is None:
            self._headers = {}
            for key, value in self.scope["headers"]:
                self._headers.setdefault(key, []).append(value)
        return self._headers.get(name, ())

    @property
    def query(self) -> Parameters:
        """The query's parameters."""
        return Parameters.parse(self.scope["query_string"])

    async def form(self) -> Parameters:
        """The body's parameters; broken when it is no form. Raises :class:`TooLarge`."""
        body = await self.body()
        if not body:
            return Parameters()
        kind, _, charset = (self.header(b"content-type") or "").partition(";")
        # RFC 6749 3.2 and Appendix B: application/x-www-form-urlencoded in UTF-8, nothing else.
        if kind.strip().lower().encode("latin-1") != FORM:
            return BROKEN
        if charset.strip().lower().replace('"', "") not in {"", "charset=utf-8"}:
            return BROKEN
        # A body may hold a request object of 16 kB beside an assertion; an address may not.
        return Parameters.parse(body, MAX_BODY)

    async def body(self) -> bytes:
        """The whole body. Raises :class:`TooLarge` as soon as it is, whatever Content-Length says."""
        length = self.header(b"content-length")
        if length is not None and (not length.isdecimal() or int(length[:9]) > MAX_BODY):
            raise TooLarge
        body: bytes = b""
        while True:
            message = await self.receive()
            if message["type"] != "http.request":
                raise CutOff
            body += message.get("body", b"")
            if len(body) > MAX_BODY:
                raise TooLarge
            if not message.get("more_body"):
                return body

    def cookies(self) -> dict[str, str]:
        """The browser's cookies; empty when the header is broken."""
        text = self.header(b"cookie")
        if not text:
            return {}
        found: dict[str, str] = {}
        for part in text.split(";"):
            name, equals, value = part.strip().partition("=")
            if equals and name not in found:
                found[name] = value.strip('"')
        return found

    @property
    def peer(self) -> str | None:
        """The address of the TCP connection's other end."""
        client = self.scope.get("client")
        return client[0] if client else None

    @property
    def address(self) -> str:
        """Where the request comes from: of the trusted proxies, what the outermost one saw."""
        lines = (value.decode("latin-1") for value in self.values(b"x-forwarded-for"))
        return address_seen(self.peer or "unknown", lines, self.services.settings.forwarded_hops)
