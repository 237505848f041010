"""Asks a local service whether it is ready, in few lines and without a client library to load."""

from __future__ import annotations

import asyncio

LIMIT = 5.0  # seconds for one answer


async def answers(port: int, path: str) -> bool:
    """Whether ``GET path`` on a loopback port answers 200; with an empty path, whether the port is open."""
    try:
        async with asyncio.timeout(LIMIT):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                if not path:
                    return True
                writer.write(
                    f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode()
                )
                return (await reader.readline()).split()[1:2] == [b"200"]
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False
