"""A small load generator: prepared requests over kept-alive connections, every answer read and checked."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Prepared:
    """One request as bytes, and the status that a right answer has."""

    raw: bytes
    status: int = 200


def prepare(
    url: str,
    *,
    method: str = "GET",
    headers: Sequence[tuple[str, str]] = (),
    body: bytes = b"",
    status: int = 200,
) -> Prepared:
    """The bytes of an HTTP/1.1 request."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [
        f"{method} {target} HTTP/1.1",
        f"Host: {parts.netloc}",
        *(f"{name}: {value}" for name, value in headers),
    ]
    if body or method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return Prepared("\r\n".join([*lines, "", ""]).encode() + body, status)


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run showed; latencies in seconds, sorted."""

    requests: int
    seconds: float
    latencies: tuple[float, ...] = field(repr=False)
    bodies: tuple[bytes, ...] = field(repr=False, default=())
    heads: tuple[bytes, ...] = field(repr=False, default=())

    def quantile(self, share: float) -> float:
        """The latency that ``share`` of the requests did not exceed, in seconds."""
        return self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]


class _Connection(asyncio.Protocol):
    """Sends the next request when the last answer is complete."""

    def __init__(self, requests: Iterator[Prepared], run: "_Run") -> None:
        self._requests = requests
        self._run = run
        self._buffer = b""
        self._sent_at = 0.0
        self._expected = 200

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            self._run.finished()
            return
        self._expected = request.status
        self._sent_at = time.perf_counter()
        self._transport.write(request.raw)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end]
        lower = head.lower()
        mark = lower.find(b"content-length:")
        if mark >= 0:
            stop = lower.find(b"\r\n", mark)
            size = int(lower[mark + 15 : stop if stop >= 0 else len(lower)])
            if len(self._buffer) < end + 4 + size:
                return
            body = self._buffer[end + 4 : end + 4 + size]
            self._buffer = self._buffer[end + 4 + size :]
        elif b"transfer-encoding: chunked" in lower:
            if not self._buffer.endswith(b"0\r\n\r\n"):
                return
            body, self._buffer = self._buffer[end + 4 :], b""
        else:
            body, self._buffer = b"", self._buffer[end + 4 :]
        status = int(head[9:12])
        if status != self._expected:
            self._run.failed(f"expected {self._expected}, got {status}: {head[:300]!r} {body[:300]!r}")
            self._transport.close()
            return
        self._run.answered(time.perf_counter() - self._sent_at, head, body)
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            self._run.failed(repr(exc))


class _Run:
    def __init__(self, connections: int, *, keep: bool) -> None:
        self._open = connections
        self._keep = keep
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.latencies: list[float] = []
        self.bodies: list[bytes] = []
        self.heads: list[bytes] = []

    def answered(self, seconds: float, head: bytes, body: bytes) -> None:
        self.latencies.append(seconds)
        if self._keep:
            self.bodies.append(body)
            self.heads.append(head)

    def finished(self) -> None:
        self._open -= 1
        if self._open == 0 and not self.done.done():
            self.done.set_result(None)

    def failed(self, why: str) -> None:
        if not self.done.done():
            self.done.set_exception(RuntimeError(why))


async def run(
    port: int, requests: Sequence[Prepared], *, connections: int = 16, keep: bool = False
) -> Measured:
    """Send every request once. With ``keep`` the answers are kept, in the order in which they came.

    Raises RuntimeError with the answer when one has another status than expected.
    """
    state = _Run(connections, keep=keep)
    source = iter(requests)
    loop = asyncio.get_running_loop()
    begun = time.perf_counter()
    for _ in range(connections):
        await loop.create_connection(lambda: _Connection(source, state), "127.0.0.1", port)
    await state.done
    seconds = time.perf_counter() - begun
    return Measured(
        len(state.latencies), seconds, tuple(sorted(state.latencies)), tuple(state.bodies), tuple(state.heads)
    )
