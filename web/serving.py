"""Serving an application over http or https: one way for every service, by command line or environment.

``TLS_CERTIFICATE`` and ``TLS_KEY`` name PEM files (the certificate with its chain); without them the service speaks
plain http to a reverse proxy. What a client's certificate is arrives in the ASGI scope, where nobody but this module
can put it, and never from a header.
"""

import argparse
import asyncio
import gc
import os
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import uvicorn

from web.at_once import AtOnceProtocol
from web.tls import Connection, ServerContext

CLIENT_CERTIFICATE: Final = "dinhdanh.client_certificate"
"""In ``scope["extensions"]``: the DER of the certificate whose key the client has proved to own (bytes)."""
CLIENT_CERTIFICATE_CHAIN: Final = "dinhdanh.client_certificate_chain"
"""In ``scope["extensions"]``: what came beside it, as it came (a tuple of DER); proves nothing by itself."""
REFUSED: Final = 2


class CertificateProtocol(AtOnceProtocol):
    """HTTP/1.1 as uvicorn speaks it, and the client's certificate in the scope of each request."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """The handshake is over, so the certificate is known for the whole connection."""
        super().connection_made(transport)
        self._shown: Mapping[str, Any] = {}
        tls = transport.get_extra_info("ssl_object")
        if isinstance(tls, Connection) and (shown := tls.getpeercert(binary_form=True)) is not None:
            self._shown = {CLIENT_CERTIFICATE: shown, CLIENT_CERTIFICATE_CHAIN: tls.peer_chain()}

    def on_message_begin(self) -> None:
        """A new request begins."""
        super().on_message_begin()
        if self._shown:
            self.scope["extensions"] = dict(self._shown)


YOUNG_OBJECTS: Final = 20_000
"""New objects between two searches for garbage; with Python's own 700 nearly every request pays for one."""


class SettledServer(uvicorn.Server):
    """A server that never again searches its application's own objects for garbage, and new ones seldom.

    The first live as long as the process: some two hundred thousand, which a full collection looks at for a tenth of
    a second while every request waits.
    """

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then set aside everything that is there."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG_OBJECTS, *gc.get_threshold()[1:])


def add_serving_options(parser: argparse.ArgumentParser) -> None:
    """The options of a ``serve`` command; files default to the environment."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen at (default 8000)")
    for name, what in (("TLS_CERTIFICATE", "certificate with its chain"), ("TLS_KEY", "private key")):
        parser.add_argument(
            f"--{name.lower().replace('_', '-')}",
            type=Path,
            default=os.environ.get(name) or None,
            metavar="FILE",
            help=f"serve https: {what}, PEM (default: {name})",
        )


def configuration(
    factory: Any, *, host: str, port: int, certificate: Path | None = None, key: Path | None = None
) -> uvicorn.Config:
    """How an application is served: ``factory`` is its maker, or where to import that from.

    Raises:
        ValueError: a certificate without a key, or files that are none.
    """
    if (certificate is None) != (key is None):
        raise ValueError("TLS_CERTIFICATE and TLS_KEY belong together: name both or none")
    tls = ServerContext(certificate, key) if certificate is not None and key is not None else None
    return uvicorn.Config(
        factory,
        factory=True,
        host=host,
        port=port,
        loop="uvloop",
        http=AtOnceProtocol if tls is None else CertificateProtocol,
        ws="none",
        ssl_context_factory=None if tls is None else lambda *_: tls,
        server_header=False,
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
    )


def serve(factory: str, options: argparse.Namespace) -> int:
    """Serve until told to stop; the exit code."""
    try:
        config = configuration(
            factory,
            host=options.host,
            port=options.port,
            certificate=options.tls_certificate,
            key=options.tls_key,
        )
    except ValueError as wrong:
        sys.stderr.write(f"{wrong}\n")
        return REFUSED
    for name, value in (("TLS_CERTIFICATE", options.tls_certificate), ("TLS_KEY", options.tls_key)):
        if value is not None:  # so that the application's settings know what the command line said
            os.environ[name] = str(value)
    server = SettledServer(config)
    with suppress(KeyboardInterrupt):
        server.run()
    return 0 if server.started else 1
