"""One connection to Redis that pipelines by itself.

The commands of all requests of one turn of the event loop leave in one write; replies come back in order and
are handed out in order. Parsing and packing are hiredis's, as in redis-py. Nothing is ever sent twice: when
the line breaks, whoever waits hears :class:`Unavailable`, and the next request connects again.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Sequence
from typing import Any, Final, cast

import hiredis
from redis.asyncio.connection import parse_url

from idp.ports import Unavailable
from web.patience import patient

Parts = tuple[str | bytes | int, ...]
Command = Parts | bytes
"""Its parts, or the whole command as bytes of the wire, packed before."""
Reply = Any
"""``bytes``, ``int``, ``None``, a list of those, or ``hiredis.ReplyError``."""

_PART: Final = "redis"


def packed(*parts: str | bytes | int) -> bytes:
    """A command as it goes over the wire (RESP arrays of bulk strings)."""
    return cast("bytes", hiredis.pack_command(cast("Any", parts)))


class _Batch:
    """Commands of one caller: the replies so far and who waits for them."""

    __slots__ = ("asked_at", "future", "replies", "size")

    def __init__(self, size: int, future: "asyncio.Future[list[Reply]]", asked_at: float) -> None:
        self.size = size
        self.future = future
        self.asked_at = asked_at
        self.replies: list[Reply] = []


class _Line(asyncio.Protocol):
    """The socket: bytes in, replies out to the oldest batch."""

    def __init__(self) -> None:
        self._parser = hiredis.Reader()
        self._scheduled = False
        self._out: list[bytes] = []
        self.waiting: deque[_Batch] = deque()
        self.waiting_commands = 0
        self.transport: asyncio.Transport | None = None
        self.open = False
        self.writable = asyncio.Event()
        self.writable.set()
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.open = True

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - why does not matter to those who wait
        self.close()

    def pause_writing(self) -> None:
        self.writable.clear()

    def resume_writing(self) -> None:
        self.writable.set()

    def data_received(self, data: bytes) -> None:
        self._parser.feed(data)
        gets = self._parser.gets
        waiting = self.waiting
        try:
            while (reply := gets()) is not False:
                batch = waiting[0]
                batch.replies.append(reply)
                if len(batch.replies) == batch.size:
                    waiting.popleft()
                    self.waiting_commands -= batch.size
                    if not batch.future.done():
                        batch.future.set_result(batch.replies)
        except (hiredis.ProtocolError, IndexError):
            self.close()  # not Redis, or out of step: no reply can be trusted any more

    def send(self, commands: Sequence[Command]) -> "asyncio.Future[list[Reply]]":
        """Queue the commands; they leave together with everybody else's of this turn."""
        future: asyncio.Future[list[Reply]] = self._loop.create_future()
        self._out += [command if type(command) is bytes else packed(*command) for command in commands]
        self.waiting.append(_Batch(len(commands), future, self._loop.time()))
        self.waiting_commands += len(commands)
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._flush)
        return future

    def _flush(self) -> None:
        self._scheduled = False
        if self.open and self.transport is not None:
            self.transport.write(b"".join(self._out))
        self._out.clear()

    def close(self) -> None:
        """Fail whoever waits and drop the socket. Repeatable."""
        self.open = False
        self.writable.set()
        if self.transport is not None:
            self.transport.abort()
        while self.waiting:
            batch = self.waiting.popleft()
            if not batch.future.done():
                batch.future.set_exception(Unavailable(_PART))
        self.waiting_commands = 0


class PipeliningConnection:
    """Redis at ``url``, connected when first needed and again after every loss.

    ``greeting`` is sent on each new connection before anything else. ``timeout`` in seconds bounds connecting
    and the wait for the oldest reply; ``most_waiting`` bounds the commands in flight: beyond it
    :meth:`execute` raises :class:`Unavailable` at once instead of letting a queue grow.
    """

    def __init__(
        self,
        url: str,
        *,
        greeting: Sequence[Command] = (),
        timeout: float = patient(2.0),
        most_waiting: int = 20_000,
    ) -> None:
        self._options: dict[str, Any] = dict(parse_url(url))
        self._secure = url.startswith("rediss://")
        self._greeting = tuple(greeting)
        self._timeout = timeout
        self._most_waiting = most_waiting
        self._line: _Line | None = None
        self._connecting: asyncio.Task[_Line] | None = None
        self._watchdog: asyncio.TimerHandle | None = None
        self._found_overdue: float | None = None
        self._closed = False
        self.run_id = b""

    async def execute(self, *commands: Command) -> list[Reply]:
        """The replies, one for each command and in their order; error replies are returned, not raised.

        Raises :class:`Unavailable`; then the commands may or may not have run.
        """
        if not commands:
            return []
        line = self._line
        if line is None or not line.open:
            line = await self._connected()
        if line.waiting_commands + len(commands) > self._most_waiting:
            raise Unavailable(_PART, retry_after=1)
        if not line.writable.is_set():
            await line.writable.wait()
            if not line.open:
                raise Unavailable(_PART)
        return await line.send(commands)

    async def close(self) -> None:
        """Close for good; whoever waits hears Unavailable."""
        self._closed = True
        if self._watchdog is not None:
            self._watchdog.cancel()
        if self._connecting is not None:
            self._connecting.cancel()
        if self._line is not None:
            self._line.close()
        await asyncio.sleep(0)  # let the transport say goodbye

    async def _connected(self) -> _Line:
        if self._closed:
            raise Unavailable(_PART)
        if self._connecting is None:
            self._connecting = asyncio.create_task(self._connect())
            self._connecting.add_done_callback(self._connecting_done)
        return await asyncio.shield(self._connecting)

    def _connecting_done(self, task: "asyncio.Task[_Line]") -> None:
        self._connecting = None
        if not task.cancelled():
            task.exception()  # heard by those who waited, if any still does

    async def _connect(self) -> _Line:
        line: _Line | None = None
        try:
            async with asyncio.timeout(self._timeout):
                line = await self._dial()
                *_, information = await line.send((*self._handshake(), *self._greeting, ("INFO", "server")))
        except (OSError, TimeoutError, Unavailable) as failure:
            if line is not None:
                line.close()
            raise Unavailable(_PART) from failure
        if isinstance(information, hiredis.ReplyError):  # not let in, or still loading its file
            line.close()
            raise Unavailable(_PART) from information
        self.run_id = information.partition(b"run_id:")[2].partition(b"\r\n")[0]
        self._line = line
        if self._watchdog is None:
            self._watch()
        return line

    async def _dial(self) -> _Line:
        loop = asyncio.get_running_loop()
        if path := self._options.get("path"):
            _, line = await loop.create_unix_connection(_Line, path)
        else:
            _, line = await loop.create_connection(
                _Line,
                self._options.get("host", "localhost"),
                self._options.get("port", 6379),
                ssl=ssl.create_default_context() if self._secure else None,
            )
        return line

    def _handshake(self) -> list[Command]:
        commands: list[Command] = []
        if password := self._options.get("password"):
            name = self._options.get("username")
            commands.append(("AUTH", name, password) if name else ("AUTH", password))
        if database := self._options.get("db"):
            commands.append(("SELECT", int(database)))
        return commands

    def _watch(self) -> None:
        """Drop a line on which a reply is overdue at two looks: a stalled server must not hold requests for ever.

        At the first look the reply may have come while this process itself stood still; it is read before the second.
        What is overdue then and was asked before the first look the server still owes, though it may have answered
        others meanwhile: one that trickles is given up as one that is silent.
        """
        loop = asyncio.get_running_loop()
        now, line = loop.time(), self._line
        first_look, self._found_overdue = self._found_overdue, None
        if line is not None and line.waiting and now - line.waiting[0].asked_at > self._timeout:
            if first_look is not None and line.waiting[0].asked_at <= first_look:
                line.close()
            else:
                self._found_overdue = now
        self._watchdog = None if self._closed else loop.call_later(self._timeout / 4, self._watch)
