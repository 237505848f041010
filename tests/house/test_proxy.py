"""The reverse proxy's real configuration in a real nginx: TLS, and headers that nobody outside can set."""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.house.tree import ROOT
from tests.ports import free_port

HOST = "id.dinhdanh.test"
NGINX = shutil.which("nginx", path=os.environ.get("PATH", os.defpath) + ":/usr/sbin") or ""
MODULE = Path("/usr/lib/nginx/modules/ngx_http_js_module.so")
pytestmark = pytest.mark.skipif(
    not (NGINX and MODULE.exists()),
    reason="needs nginx with njs: apt-get install --yes nginx-light libnginx-mod-http-js",
)


@dataclass(frozen=True)
class Identity:
    """A certificate and its key as files, and the certificate itself."""

    certificate: Path
    key: Path
    parsed: x509.Certificate


class Echo(BaseHTTPRequestHandler):
    """Answers with the headers that arrived."""

    def do_GET(self) -> None:
        """All headers, names in lower case, as JSON."""
        body = json.dumps({name.lower(): value for name, value in self.headers.items()}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def _identity(folder: Path, name: str) -> Identity:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, SHA256())
    )
    files = folder / f"{name}.crt", folder / f"{name}.key"
    files[0].write_bytes(certificate.public_bytes(Encoding.PEM))
    files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return Identity(*files, certificate)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    """The proxy's own certificate."""
    return _identity(tmp_path_factory.mktemp("tls"), HOST)


@pytest.fixture(scope="module")
def port(server: Identity, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A running nginx with the project's configuration; only addresses and paths are those of the test."""
    folder = tmp_path_factory.mktemp("nginx")
    folder.chmod(0o755)
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    port = free_port()
    configuration = (ROOT / "deploy/nginx/nginx.conf").read_text()
    configuration = re.sub(
        r"server [a-z0-9-]+:8000", f"server 127.0.0.1:{upstream.server_port}", configuration
    )
    for there, here in {
        " /tmp/": f" {folder}/",
        "8443": f"127.0.0.1:{port}",
        "/etc/nginx/deploy": str(ROOT / "deploy/nginx"),
        "/run/secrets/tls_certificate": str(server.certificate),
        "/run/secrets/tls_key": str(server.key),
    }.items():
        configuration = configuration.replace(there, here)
    file = folder / "nginx.conf"
    file.write_text(configuration)
    command = [NGINX, "-c", str(file), "-p", str(folder), "-g", "daemon off;"]
    log = folder / "error.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=output)
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            continue
    try:
        assert process.poll() is None, log.read_text()
        yield port
    finally:
        process.terminate()
        process.wait()
        upstream.shutdown()
        upstream.server_close()


def _context(server: Identity) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(server.certificate))


def _get(port: int, context: ssl.SSLContext, headers: dict[str, str]) -> dict[str, str]:
    with (
        socket.create_connection(("127.0.0.1", port), 5) as plain,
        context.wrap_socket(plain, server_hostname=HOST) as line,
    ):
        connection = http.client.HTTPConnection(HOST)
        connection.sock = line
        connection.request("GET", "/token?code=x", headers=headers)
        return json.loads(connection.getresponse().read())


SPOOFED = {
    "Client-Cert": ":AAAA:",
    "Client-Cert-Chain": ":AAAA:",
    "X-SSL-Client-Cert": "AAAA",
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Host": "evil.example",
    "Forwarded": "for=203.0.113.9",
    "X-Real-IP": "203.0.113.9",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-Port": "1",
}


def test_claims_of_the_caller_about_itself_are_replaced(port: int, server: Identity) -> None:
    """Client-Cert and forwarding headers of a caller never arrive (RFC 9440 section 4); the proxy sets its own."""
    seen = _get(port, _context(server), SPOOFED)
    for name in ("client-cert", "client-cert-chain", "x-ssl-client-cert", "forwarded", "x-forwarded-prefix"):
        assert name not in seen
    assert seen["x-forwarded-for"] == "127.0.0.1"
    assert seen["x-forwarded-proto"] == "https"
    assert seen["x-forwarded-host"] == HOST
    assert seen["host"] == HOST


def test_a_client_certificate_arrives_as_rfc_9440_says(port: int, server: Identity, tmp_path: Path) -> None:
    """The certificate shown in the handshake arrives as base64 of its DER between colons (RFC 9440 section 2.1)."""
    client = _identity(tmp_path, "client.example")
    context = _context(server)
    context.load_cert_chain(client.certificate, client.key)
    seen = _get(port, context, SPOOFED)
    expected = base64.b64encode(client.parsed.public_bytes(Encoding.DER)).decode()
    assert seen["client-cert"] == f":{expected}:"


@pytest.mark.parametrize(
    ("version", "ciphers", "accepted"),
    [
        (ssl.TLSVersion.TLSv1_3, None, True),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES128-GCM-SHA256", True),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES128-SHA256", False),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES256-SHA", False),
    ],
)
def test_only_modern_tls_is_spoken(
    port: int, server: Identity, version: ssl.TLSVersion, ciphers: str | None, accepted: bool
) -> None:
    """TLS 1.3, or 1.2 with ECDHE and AEAD; CBC suites are refused (RFC 9325 section 4.2)."""
    context = _context(server)
    context.minimum_version = context.maximum_version = version
    if ciphers:
        context.set_ciphers(ciphers)
    if accepted:
        assert "host" in _get(port, context, {})
    else:
        with pytest.raises(ssl.SSLError):
            _get(port, context, {})


def test_an_unknown_name_gets_nothing(port: int, server: Identity) -> None:
    """A handshake for a name that is none of ours is refused, so no invented Host reaches a service."""
    context = _context(server)
    with socket.create_connection(("127.0.0.1", port), 5) as plain, pytest.raises(ssl.SSLError):
        context.wrap_socket(plain, server_hostname="evil.example")
