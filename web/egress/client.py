"""The one HTTP client for everything a client's metadata can make us fetch or send.

jwks_uri, request_uri, sector_identifier_uri, logo_uri, back-channel logout, CIBA pings: all through `Egress`, so
that a rule made here is a rule everywhere (attack list, number 33). It speaks to the transport without
`httpx2.AsyncClient`, whose comforts (redirects, cookies, proxies and passwords of the environment) are the holes.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlencode

import httpcore2
import httpx2
import orjson

from web.egress.errors import EgressFailed, EgressRefused
from web.egress.pinning import PinnedTransport, Resolve, resolve
from web.egress.places import Places
from web.egress.policy import EgressPolicy
from web.egress.targets import Target, read_target

JSON_TYPES: Final = frozenset({"application/json", "application/jwk-set+json"})
# RFC 9101 10.2 names the first for its own; OpenID Connect Core 6.2 names none, and RFC 7515 9.2.1 calls any compact
# JWS "application/jose", which is how the certification suite serves what it signed.
REQUEST_OBJECT_TYPES: Final = frozenset(
    {"application/oauth-authz-req+jwt", "application/jwt", "application/jose"}
)
_OK: Final = 200
_NETWORK: Final = (
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.UnsupportedProtocol,
    httpx2.HTTPError,
    httpx2.InvalidURL,
    OSError,
    UnicodeError,
)
_TIMEOUT: Final = (TimeoutError, httpcore2.TimeoutException, httpx2.TimeoutException)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document of another side: its media type without parameters, and its bytes."""

    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Posted:
    """How another side answered what was posted: its status, and the beginning of what it said to a refusal."""

    status: int
    body: bytes


class Egress:
    """Fetches and posts within a policy. Use it as an async context manager, or call `aclose` at the end."""

    __slots__ = ("_places", "_policy", "_transport")

    def __init__(
        self,
        policy: EgressPolicy,
        *,
        look_up: Resolve = resolve,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._policy: Final = policy
        self._transport: Final = transport or PinnedTransport(policy, look_up)
        self._places: Final = Places(policy.per_host)

    async def get(self, url: str, *, accept: Collection[str]) -> Fetched:
        """Return the document at `url`, whose media type must be one of `accept`.

        Raises:
            EgressRefused: the policy forbids the place or the answer.
            EgressFailed: no answer in time, or not status 200.
        """
        headers = {"Accept": ", ".join(sorted(accept))}
        async with self._answer("GET", url, headers) as answer:
            if answer.has_redirect_location or answer.is_redirect:
                raise EgressRefused("redirect")
            if answer.status_code != _OK:
                raise EgressFailed(f"status {answer.status_code}")
            media_type = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if media_type not in accept:
                raise EgressRefused("content_type")
            return Fetched(media_type, await self._body(answer))

    async def get_json(self, url: str, *, accept: Collection[str] = JSON_TYPES) -> object:
        """Return the JSON value at `url`. Raises as `get`; EgressFailed (json) when it is none."""
        try:
            value: object = orjson.loads((await self.get(url, accept=accept)).body)
        except orjson.JSONDecodeError as broken:
            raise EgressFailed("json") from broken
        return value

    async def post_form(self, url: str, fields: Mapping[str, str]) -> int:
        """Send a form; return the status, redirects as they are. The answer's body is not read.

        Raises:
            EgressRefused, EgressFailed: as `get`.
        """
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        async with self._answer("POST", url, headers, urlencode(fields).encode()) as answer:
            return answer.status_code

    async def post_json(self, url: str, value: object, *, bearer: str | None = None) -> int:
        """Send JSON, with a bearer token if given (CIBA Core 10.2); return the status. Raises as `post_form`."""
        headers = {"Content-Type": "application/json"}
        if bearer is not None:
            headers["Authorization"] = f"Bearer {bearer}"
        async with self._answer("POST", url, headers, orjson.dumps(value)) as answer:
            return answer.status_code

    async def post_token(self, url: str, token: str, *, media_type: str) -> Posted:
        """Send a signed token (RFC 8935 section 2.1); return the answer, redirects as they are.

        Raises:
            EgressRefused, EgressFailed: as `get`.
        """
        headers = {"Content-Type": media_type, "Accept": "application/json"}
        async with self._answer("POST", url, headers, token.encode("ascii")) as answer:
            refused = answer.status_code >= HTTPStatus.BAD_REQUEST
            return Posted(answer.status_code, await self._body(answer) if refused else b"")

    async def aclose(self) -> None:
        """Close what is open."""
        await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    @asynccontextmanager
    async def _answer(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes = b""
    ) -> AsyncIterator[httpx2.Response]:
        target = read_target(url, self._policy)
        try:
            async with asyncio.timeout(self._policy.total_seconds), self._places.taken(target.host):
                request = self._request(method, target, headers, content)
                answer = await self._transport.handle_async_request(request)
                try:
                    yield answer
                finally:
                    await answer.aclose()
        except _TIMEOUT as late:
            raise EgressFailed("timeout") from late
        except _NETWORK as broken:
            raise EgressFailed("network") from broken

    def _request(
        self, method: str, target: Target, headers: Mapping[str, str], content: bytes
    ) -> httpx2.Request:
        # No compression is asked for and none is taken: a small answer can hide gigabytes.
        ours = {
            "User-Agent": self._policy.user_agent,
            "Accept-Encoding": "identity",
            "Connection": "close",
        }
        limit = self._policy.total_seconds
        timeout = {"connect": limit, "read": limit, "write": limit, "pool": limit}
        return httpx2.Request(
            method, target.url, headers={**ours, **headers}, content=content, extensions={"timeout": timeout}
        )

    async def _body(self, answer: httpx2.Response) -> bytes:
        if answer.headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}:
            raise EgressRefused("encoding")
        body = bytearray()
        async for part in answer.aiter_raw():
            body += part
            if len(body) > self._policy.max_bytes:
                raise EgressRefused("size")
        return bytes(body)
