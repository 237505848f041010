"""One look-up, one judgement, one connection: the address that was judged is the address that is connected.

httpcore2 asks this network backend for a TCP connection to a host name; it gets one to an address. TLS above it
still names and checks the host (server name indication and certificate, RFC 9110 section 4.3.4), so DNS that
changes its answer between check and use (rebinding) changes nothing.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from functools import cache
from typing import Final

import httpcore2
import httpx2

from web.egress.addresses import is_public
from web.egress.errors import EgressRefused
from web.egress.policy import EgressPolicy

Resolve = Callable[[str, int], Awaitable[list[str]]]
_MOST_TRIED: Final = 4


async def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host, the system's preference first. Raises OSError when it has none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class PinnedNetwork(httpcore2.AsyncNetworkBackend):
    """Connects to judged addresses only; there are no Unix sockets."""

    def __init__(self, policy: EgressPolicy, look_up: Resolve, inner: httpcore2.AsyncNetworkBackend) -> None:
        self._policy: Final = policy
        self._look_up: Final = look_up
        self._inner: Final = inner

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface is httpcore2's
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Return a connection to an address of the host.

        Raises:
            EgressRefused: an address is not public; one such among good ones is an attack, not a preference.
            OSError, httpcore2.ConnectError: no address, or none answers.
        """
        addresses = await self._look_up(host, port)
        if not self._policy.allows_private(host, port) and not all(map(is_public, addresses)):
            raise EgressRefused("address")
        failure: Exception = httpcore2.ConnectError("no address")
        for address in addresses[:_MOST_TRIED]:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.NetworkError, httpcore2.TimeoutException, OSError) as unreachable:
                failure = unreachable
        raise failure

    async def sleep(self, seconds: float) -> None:
        """Wait as httpcore2 asks between attempts (it is told to make one)."""
        await asyncio.sleep(seconds)


class _Body(httpx2.AsyncByteStream):
    """The body of an answer, as it comes."""

    def __init__(self, response: httpcore2.Response) -> None:
        self._response: Final = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._response.aiter_stream():
            yield part

    async def aclose(self) -> None:
        await self._response.aclose()


class PinnedTransport(httpx2.AsyncBaseTransport):
    """HTTP/1.1 over pinned connections; none is kept for later, so each fetch looks its host up anew."""

    def __init__(
        self,
        policy: EgressPolicy,
        look_up: Resolve = resolve,
        network: httpcore2.AsyncNetworkBackend | None = None,
    ) -> None:
        self._pool: Final = httpcore2.AsyncConnectionPool(
            ssl_context=tls(policy.anchors),
            max_connections=policy.most,
            max_keepalive_connections=0,
            network_backend=PinnedNetwork(policy, look_up, network or httpcore2.AnyIOBackend()),
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request. Raises what httpcore2 raises, and `EgressRefused`."""
        url = request.url
        response = await self._pool.handle_async_request(
            httpcore2.Request(
                method=request.method,
                url=httpcore2.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=request.headers.raw,
                content=request.content,
                extensions=request.extensions,
            )
        )
        return httpx2.Response(response.status, headers=response.headers, stream=_Body(response))

    async def aclose(self) -> None:
        """Close what is open."""
        await self._pool.aclose()


@cache
def tls(anchors: str) -> ssl.SSLContext:
    """Return the context of outgoing connections: TLS 1.2 at least, the anchors of the system and the deployment."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if anchors:
        context.load_verify_locations(cadata=anchors)
    return context
