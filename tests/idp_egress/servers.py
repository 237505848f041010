"""Real TLS servers on loopback that answer as a test wants, and a resolver that says what a test wants."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpcore2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from web.egress import AllowedOrigin, Egress, EgressPolicy
from web.egress.pinning import PinnedTransport

HOST = "client.example"
PUBLIC = "93.184.215.14"
Handler = Callable[[asyncio.StreamWriter, bytes], Awaitable[None]]


class Web:
    """A certification authority and the certificates of its servers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name.from_rfc4514_string("CN=Egress test")
        self.anchor = self._certificate(self.name, self.key.public_key(), None)

    def _certificate(self, subject: x509.Name, public: ec.EllipticCurvePublicKey, host: str | None) -> bytes:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=host is None, path_length=None), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        )
        if host is not None:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def context(self, host: str) -> ssl.SSLContext:
        """The TLS context of a server named `host`."""
        key = ec.generate_private_key(ec.SECP256R1())
        file = self.folder / f"{host}.pem"
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file.write_bytes(
            secret + self._certificate(x509.Name.from_rfc4514_string("CN=x"), key.public_key(), host)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


@dataclass
class Server:
    """A running server: its port and the requests it saw."""

    port: int
    seen: list[bytes] = field(default_factory=list)

    def url(self, path: str = "/", host: str = HOST) -> str:
        """An address of it."""
        return f"https://{host}:{self.port}{path}"


@asynccontextmanager
async def serving(handler: Handler, context: ssl.SSLContext | None) -> AsyncIterator[Server]:
    """A server on 127.0.0.1 that hands each request to `handler`; it closes the connection afterwards."""
    server = Server(0)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await reader.readuntil(b"\r\n\r\n")
            length = next(
                (
                    int(line.split(b":")[1])
                    for line in request.lower().split(b"\r\n")
                    if line.startswith(b"content-length")
                ),
                0,
            )
            request += await reader.readexactly(length)
            server.seen.append(request)
            await handler(writer, request)
        except (OSError, EOFError, asyncio.CancelledError):
            return
        finally:
            writer.transport.abort()

    listener = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=context)
    server.port = listener.sockets[0].getsockname()[1]
    async with listener:
        yield server


def answering(body: bytes, *headers: str, status: str = "200 OK", kind: str = "application/json") -> Handler:
    """A handler with one fixed answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers]

    async def handle(writer: asyncio.StreamWriter, _: bytes) -> None:
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await writer.drain()

    return handle


class Names:
    """A resolver that gives the next of its answers each time, the last one for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        """The addresses of a host."""
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Wires(httpcore2.AnyIOBackend):
    """The network of a test: the public address is a server on loopback; every connection is written down."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connected: list[tuple[str, int]] = []

    async def connect_tcp(self, host, port, *rest, **named):
        """Connect to loopback whatever the address was."""
        self.connected.append((host, port))
        return await super().connect_tcp("127.0.0.1", self.port, *rest, **named)


@asynccontextmanager
async def egress_to(
    server: Server, web: Web, *, names: Names | None = None, **limits: object
) -> AsyncIterator[tuple[Egress, Wires]]:
    """Egress for which the server lives at a public address, port 443."""
    policy = EgressPolicy(anchors=web.anchor.decode(), **limits)
    wires = Wires(server.port)
    transport = PinnedTransport(policy, names or Names([PUBLIC]), wires)
    async with Egress(policy, transport=transport) as egress:
        yield egress, wires


def allowed(server: Server, web: Web, **limits: object) -> Egress:
    """Egress with no trick at all: the deployment names the server's origin, the resolver is the system's."""
    origin = AllowedOrigin.parse(f"https://localhost:{server.port}")
    return Egress(EgressPolicy(anchors=web.anchor.decode(), allowed=(origin,), **limits))
