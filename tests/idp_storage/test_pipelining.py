"""The connection to Redis: order, errors, cancellation, back-pressure, loss and return."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import hiredis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.ports import Unavailable
from idp.storage.redis.pipelining import Command, PipeliningConnection
from idp.storage.redis.scripts import LOAD, run, script


@pytest.fixture
async def line(redis_clean: str) -> AsyncIterator[PipeliningConnection]:
    """One connection with the scripts loaded."""
    connection = PipeliningConnection(redis_clean, greeting=LOAD, timeout=60.0)
    yield connection
    await connection.close()


ECHO = st.binary(max_size=40).map(lambda text: (("ECHO", text), text))
WRONG = st.just((("LPUSH", "a string", "x"), hiredis.ReplyError))
MISSING = st.just((("GET", "nothing here"), None))
BATCH = st.lists(st.one_of(ECHO, WRONG, MISSING), max_size=5)


@settings(max_examples=60)
@given(st.lists(BATCH, max_size=30))
def test_every_caller_gets_its_own_replies_in_order(redis_url: str, batches: list[list[object]]) -> None:
    """Whatever the callers ask at once, replies match commands one to one; errors stay in their place."""

    async def ask() -> list[list[object]]:
        connection = PipeliningConnection(redis_url)
        await connection.execute(("SET", "a string", "x"))
        try:
            return await asyncio.gather(
                *(connection.execute(*(command for command, _ in batch)) for batch in batches)
            )
        finally:
            await connection.close()

    for batch, replies in zip(batches, asyncio.run(ask()), strict=True):
        assert len(replies) == len(batch)
        for (_, expected), reply in zip(batch, replies, strict=True):
            if expected is hiredis.ReplyError:
                assert isinstance(reply, hiredis.ReplyError)
            else:
                assert reply == expected


async def test_commands_of_one_turn_leave_in_one_write(
    line: PipeliningConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred callers, one system call."""
    await line.execute(("PING",))
    writes = []
    assert line._line is not None
    assert line._line.transport is not None
    write = line._line.transport.write

    class Counting:
        def write(self, data: bytes) -> None:
            writes.append(data)
            write(data)

        def abort(self) -> None:
            pass

    transport = line._line.transport
    monkeypatch.setattr(line._line, "transport", Counting())
    replies = await asyncio.gather(*(line.execute(("ECHO", str(place))) for place in range(100)))
    monkeypatch.setattr(line._line, "transport", transport)
    assert [reply for (reply,) in replies] == [str(place).encode() for place in range(100)]
    assert len(writes) == 1


async def test_a_cancelled_caller_does_not_shift_the_others(line: PipeliningConnection) -> None:
    """The reply of a caller that went away is dropped, not handed to the next."""
    await line.execute(("PING",))
    callers = [asyncio.create_task(line.execute(("ECHO", str(place)))) for place in range(20)]
    await asyncio.sleep(0)
    for caller in callers[::3]:
        caller.cancel()
    results = await asyncio.gather(*callers, return_exceptions=True)
    for place, result in enumerate(results):
        if place % 3:
            assert result == [str(place).encode()]
        else:
            assert isinstance(result, asyncio.CancelledError)


async def test_whoever_waits_hears_of_a_lost_connection_and_the_next_one_connects(
    line: PipeliningConnection, redis_clean: str
) -> None:
    """Nothing is sent twice: a command that may have run is not repeated by itself."""
    await line.execute(("PING",))
    other = PipeliningConnection(redis_clean)
    waiting = asyncio.create_task(line.execute(("BLPOP", "never", "0")))
    await asyncio.sleep(0)
    (clients,) = await other.execute(("CLIENT", "LIST"))
    for client in clients.decode().splitlines():
        if "cmd=blpop" in client:
            number = client.split()[0].removeprefix("id=")
            await other.execute(("CLIENT", "KILL", "ID", number))
    with pytest.raises(Unavailable):
        await waiting
    assert await line.execute(("PING",)) == [b"PONG"]
    await other.close()


async def test_a_stalled_server_is_given_up(redis_clean: str) -> None:
    """A server that accepts and never answers holds a request for the time limit only."""
    connection = PipeliningConnection(redis_clean, timeout=60.0)
    await connection.execute(("PING",))
    connection._timeout = 0.2
    connection._watch()
    with pytest.raises(Unavailable):
        await connection.execute(("BLPOP", "never", "0"))
    connection._timeout = 60.0
    assert await connection.execute(("PING",)) == [b"PONG"]
    await connection.close()


async def test_a_pause_of_this_process_is_no_stall_of_the_server(line: PipeliningConnection) -> None:
    """Who stood still themselves (a busy machine) read the reply that came meanwhile before they give anybody up."""
    await line.execute(("PING",))
    asked = asyncio.create_task(line.execute(("ECHO", "come")))
    await asyncio.sleep(0)
    assert line._line is not None
    line._line.waiting[0].asked_at -= 1_000  # so long ago, and not one turn of the loop since
    line._watch()
    assert await asked == [b"come"]


async def test_a_server_that_trickles_is_given_up_too(line: PipeliningConnection, redis_clean: str) -> None:
    """A reply now and then for another caller does not make a reply that is overdue come: nobody waits for ever."""
    await line.execute(("PING",))
    other = PipeliningConnection(redis_clean, timeout=60.0)
    answered = asyncio.create_task(line.execute(("BLPOP", "one", "0")))
    owed = asyncio.create_task(line.execute(("BLPOP", "never", "0")))
    await asyncio.sleep(0)
    assert line._line is not None
    for batch in line._line.waiting:
        batch.asked_at -= 1_000
    line._watch()
    await other.execute(("RPUSH", "one", "x"))
    assert await answered == [[b"one", b"x"]]
    line._watch()
    assert not line._line.open
    with pytest.raises(Unavailable):
        await owed
    await other.close()


async def test_too_many_in_flight_are_refused_at_once(redis_clean: str) -> None:
    """Back-pressure: a queue that would only grow is not joined."""
    connection = PipeliningConnection(redis_clean, most_waiting=10)
    await connection.execute(("PING",))
    results = await asyncio.gather(
        *(connection.execute(("PING",)) for _ in range(30)), return_exceptions=True
    )
    assert sum(isinstance(result, Unavailable) for result in results) == 20
    assert await connection.execute(("PING",)) == [b"PONG"]
    await connection.close()


async def test_garbage_closes_the_line(unused_tcp_port: int) -> None:
    """Bytes that are no Redis reply: no later reply can be trusted, so nobody gets one."""

    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", unused_tcp_port)
    connection = PipeliningConnection(f"redis://127.0.0.1:{unused_tcp_port}/0", timeout=60.0)
    with pytest.raises(Unavailable):
        await connection.execute(("PING",))
    await connection.close()
    server.close()
    await server.wait_closed()


async def test_scripts_that_redis_forgot_are_loaded_and_run_once(line: PipeliningConnection) -> None:
    """SCRIPT FLUSH under load: each count still counts exactly once, in order with plain commands."""
    await line.execute(("SCRIPT", "FLUSH"))
    count: Command = script("count_attempt", ("n:{x}",), 60_000, 0)
    replies = await run(line, ("SET", "k", "v"), count, count, ("GET", "k"))
    assert replies == [b"OK", 1, 2, b"v"]


async def test_an_error_reply_is_an_outage_not_a_value(line: PipeliningConnection) -> None:
    """A read-only replica, a full memory: whoever needed the reply hears Unavailable."""
    await line.execute(("SET", "text", "x"))
    with pytest.raises(Unavailable):
        await run(line, ("GET", "text"), ("INCR", "text"))


async def test_nothing_is_asked_nothing_is_sent() -> None:
    """No commands, no connection: a decision without writes does not need Redis."""
    connection = PipeliningConnection("unix:///nowhere/redis.sock")
    assert await connection.execute() == []
    with pytest.raises(Unavailable):
        await connection.execute(("PING",))
    await connection.close()
    with pytest.raises(Unavailable):
        await connection.execute(("PING",))
