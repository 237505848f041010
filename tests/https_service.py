"""A service over https for a test: in a thread, on an event loop of its own, by the project's own serving."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import uvicorn

from tests.browser import QuietServer


@contextlib.contextmanager
def running(config: uvicorn.Config, port: int = 0) -> Iterator[int]:
    """Serve in a thread with an event loop of its own; gives the port, any free one unless it is named."""
    listener = socket.create_server(("127.0.0.1", port))
    config.log_config = None
    server = QuietServer(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.005)
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)
