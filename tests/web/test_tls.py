"""Serving https: real sockets, real handshakes, on both event loops."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.certificates import Certified
from tests.https_service import running
from web.serving import CLIENT_CERTIFICATE, CLIENT_CERTIFICATE_CHAIN, configuration
from web.tls import ServerContext

HOST = "localhost"
LARGE = 3_000_000


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Answers what the scope says about the client's certificate, or a body as long as it was sent."""
    if scope["type"] != "http":
        return
    body = b""
    more = True
    while more:
        message = await receive()
        body += message["body"]
        more = message.get("more_body", False)
    extensions = scope.get("extensions", {})
    said = {
        "scheme": scope["scheme"],
        "known": sorted(extensions),
        "certificate": extensions.get(CLIENT_CERTIFICATE, b"").hex(),
        "chain": [each.hex() for each in extensions.get(CLIENT_CERTIFICATE_CHAIN, ())],
        "length": len(body),
    }
    answer = body if scope["path"] == "/echo" else json.dumps(said).encode()
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-length", str(len(answer)).encode())],
        }
    )
    await send({"type": "http.response.body", "body": answer})


class Place:
    """A running https service and the authority of its certificate."""

    def __init__(self, port: int, authority: Certified, folder: Path) -> None:
        self.port, self.authority, self.folder = port, authority, folder

    def context(self, shown: Certified | None = None, *chain: Certified) -> ssl.SSLContext:
        """A client's TLS, which may show a certificate."""
        made = ssl.create_default_context(cadata=self.authority.pem.decode())
        if shown is not None:
            made.load_cert_chain(*shown.write(self.folder, "client", *chain))
        return made

    def connected(self, context: ssl.SSLContext) -> http.client.HTTPSConnection:
        """A connection, shaken hands on."""
        made = http.client.HTTPSConnection(HOST, self.port, context=context, timeout=300)
        made.connect()
        return made

    def asked(self, context: ssl.SSLContext, headers: dict[str, str] | None = None) -> dict[str, Any]:
        """What the application saw of one request."""
        with contextlib.closing(self.connected(context)) as connection:
            connection.request("GET", "/", headers=headers or {})
            found: dict[str, Any] = json.loads(connection.getresponse().read())
            return found


@pytest.fixture(params=["uvloop", "asyncio"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """An https service with a certificate of an authority."""
    authority = Certified("authority of the test", ca=True)
    files = Certified(HOST, signer=authority, hosts=(HOST,), kind="rsa").write(tmp_path, "server")
    config = configuration(lambda: application, host="127.0.0.1", port=0, certificate=files[0], key=files[1])
    config.loop = request.param
    with running(config) as port:
        yield Place(port, authority, tmp_path)


def test_without_a_client_certificate_everything_works(place: Place) -> None:
    """A certificate is requested, not required (RFC 8705 section 6.2 speaks of optional certificates)."""
    seen = place.asked(place.context())
    assert (seen["scheme"], seen["known"]) == ("https", [])


def test_a_self_signed_client_certificate_arrives(place: Place) -> None:
    """RFC 8705 section 2.2: no authority vouches for it, so the handshake must not ask one."""
    shown = Certified("client of the test")
    seen = place.asked(place.context(shown))
    assert seen["known"] == [CLIENT_CERTIFICATE, CLIENT_CERTIFICATE_CHAIN]
    assert (bytes.fromhex(seen["certificate"]), seen["chain"]) == (shown.der, [])


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_certificate_of_an_unknown_authority_arrives_with_its_chain(
    place: Place, version: ssl.TLSVersion
) -> None:
    """The chain is passed on as it came: `tls_client_auth` (RFC 8705 section 2.1) judges it, TLS does not."""
    root = Certified("root of a ministry", ca=True)
    middle = Certified("issuing authority", signer=root, ca=True)
    shown = Certified("client", signer=middle)
    context = place.context(shown, middle)
    context.minimum_version = context.maximum_version = version
    seen = place.asked(context)
    assert bytes.fromhex(seen["certificate"]) == shown.der
    assert [bytes.fromhex(each) for each in seen["chain"]] == [middle.der]


@pytest.mark.attack
def test_a_certificate_in_a_header_is_no_certificate(place: Place) -> None:
    """RFC 9440 section 4: whatever a client writes into `Client-Cert`, the scope holds only what TLS proved."""
    seen = place.asked(
        place.context(), {"Client-Cert": ":MIIB:", "X-SSL-Client-Cert": "MIIB", CLIENT_CERTIFICATE: "MIIB"}
    )
    assert seen["known"] == []


@pytest.mark.parametrize("together", [True, False])
def test_a_request_may_come_with_the_end_of_the_handshake(place: Place, together: bool) -> None:
    """One segment may hold the client's Finished and its request: neither waits for a further byte."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = place.context(Certified("client")).wrap_bio(incoming, outgoing, server_hostname=HOST)
    with socket.create_connection(("127.0.0.1", place.port), timeout=300) as plain:
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                plain.sendall(outgoing.read())
                incoming.write(plain.recv(65536))
        if not together:
            plain.sendall(outgoing.read())
            time.sleep(0.05)  # let the server finish: the other segment is what this variant is about
        tls.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        plain.sendall(outgoing.read())
        said = b""
        while b"length" not in said:
            with contextlib.suppress(ssl.SSLWantReadError):
                said += tls.read(65536)
                continue
            incoming.write(plain.recv(65536))
    assert said.startswith(b"HTTP/1.1 200")


def test_the_preferred_protocol_is_tls_1_3(place: Place) -> None:
    """FAPI 2.0 section 5.2.1; ALPN says http/1.1."""
    context = place.context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with contextlib.closing(place.connected(context)) as connection:
        assert isinstance(connection.sock, ssl.SSLSocket)
        assert (connection.sock.version(), connection.sock.selected_alpn_protocol()) == (
            "TLSv1.3",
            "http/1.1",
        )


@pytest.mark.attack
@pytest.mark.parametrize(
    ("version", "suites"),
    [
        (ssl.TLSVersion.TLSv1_1, "ALL:@SECLEVEL=0"),
        (ssl.TLSVersion.TLSv1_2, "AES128-GCM-SHA256:@SECLEVEL=0"),
        (ssl.TLSVersion.TLSv1_2, "AES128-SHA:@SECLEVEL=0"),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-RSA-AES128-SHA:@SECLEVEL=0"),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-RSA-AES128-SHA256:@SECLEVEL=0"),
        (ssl.TLSVersion.TLSv1_2, "DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0"),
    ],
)
def test_old_protocols_and_weak_suites_are_refused(
    place: Place, version: ssl.TLSVersion, suites: str
) -> None:
    """RFC 9325 sections 3.1.1 and 4.1: no TLS below 1.2, with 1.2 only ECDHE and AEAD; the server itself says no."""
    context = place.context()
    with (
        pytest.warns(DeprecationWarning, match="TLSv1_1")
        if version < ssl.TLSVersion.TLSv1_2
        else contextlib.nullcontext()
    ):
        context.minimum_version = version
        context.maximum_version = version
    context.set_ciphers(suites)
    with pytest.raises(ssl.SSLError, match="ALERT"):
        place.connected(context)
    assert place.asked(place.context())["known"] == []


def test_a_strong_suite_of_tls_1_2_is_taken(place: Place) -> None:
    """The counterpart: the refusals above are about the suites."""
    context = place.context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256")
    with contextlib.closing(place.connected(context)) as connection:
        assert isinstance(connection.sock, ssl.SSLSocket)
        assert connection.sock.cipher() == ("ECDHE-RSA-AES128-GCM-SHA256", "TLSv1.2", 128)


@pytest.mark.attack
def test_plain_http_on_the_tls_port_gets_nothing(place: Place) -> None:
    """Whatever is no handshake is answered by TLS alone; no request reaches the application."""
    with socket.create_connection(("127.0.0.1", place.port), timeout=300) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        said = plain.recv(1000)
    assert b"HTTP" not in said
    assert place.asked(place.context())["scheme"] == "https"


def test_megabytes_go_both_ways_over_one_connection(place: Place) -> None:
    """Records, buffers and back-pressure: what goes in comes out, many times, on one connection."""
    body = os.urandom(LARGE)
    with contextlib.closing(place.connected(place.context(Certified("client")))) as connection:
        for piece in (body, b"", body[:1], body):
            connection.request("POST", "/echo", body=piece)
            assert connection.getresponse().read() == piece


def test_requests_of_one_connection_have_one_certificate_each(place: Place) -> None:
    """The certificate belongs to the connection; an application that changes its copy changes no other request's."""
    shown = Certified("client")
    with contextlib.closing(place.connected(place.context(shown))) as connection:
        for _ in range(3):
            connection.request("GET", "/")
            assert json.loads(connection.getresponse().read())["certificate"] == shown.der.hex()
    assert place.asked(place.context())["known"] == []


@pytest.mark.attack
def test_no_session_is_taken_up_again(place: Place) -> None:
    """RFC 9325 section 3.4: no certificate of an earlier connection comes back through a ticket."""
    context = place.context(Certified("client"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with contextlib.closing(place.connected(context)) as first:
        assert isinstance(first.sock, ssl.SSLSocket)
        session = first.sock.session
    plain = socket.create_connection((HOST, place.port), timeout=300)
    with context.wrap_socket(plain, server_hostname=HOST, session=session) as again:
        assert not again.session_reused


def test_a_renewed_certificate_serves_the_next_connection(place: Place) -> None:
    """Certificates live for weeks: no restart for a new one, and half of a renewal keeps the old one."""

    def served() -> bytes | None:
        with contextlib.closing(place.connected(place.context())) as connection:
            assert isinstance(connection.sock, ssl.SSLSocket)
            return connection.sock.getpeercert(binary_form=True)

    before = served()
    renewed = Certified(HOST, signer=place.authority, hosts=(HOST,))
    certificate, key = renewed.write(place.folder, "renewed")
    certificate.replace(place.folder / "server.pem")
    assert served() == before
    key.replace(place.folder / "server.key")
    assert served() == renewed.der


@pytest.mark.parametrize(
    "broken",
    [
        lambda files, _: (files[0], None),
        lambda files, _: (None, files[1]),
        lambda files, other: (files[0], other[1]),
        lambda files, _: (files[1], files[0]),
        lambda files, _: (files[0].with_name("absent.pem"), files[1]),
    ],
)
def test_wrong_files_are_refused_before_anything_is_served(
    tmp_path: Path, broken: Callable[[Any, Any], tuple[Path | None, Path | None]]
) -> None:
    """A certificate without a key, another's key, swapped files, no file: ValueError with a sentence."""
    files = Certified(HOST, hosts=(HOST,)).write(tmp_path, "one")
    other = Certified(HOST, hosts=(HOST,)).write(tmp_path, "other")
    certificate, key = broken(files, other)
    with pytest.raises(ValueError, match=r"TLS_|no certificate|cannot be read"):
        configuration(lambda: application, host="127.0.0.1", port=0, certificate=certificate, key=key)


def test_the_context_shakes_hands_through_pyopenssl_only(tmp_path: Path) -> None:
    """A loop that wrapped a socket directly would meet a context without a certificate, which can serve nobody."""
    context = ServerContext(*Certified(HOST, hosts=(HOST,)).write(tmp_path, "one"))
    with pytest.raises(ValueError, match="server"):
        context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_side=False)
    assert context.cert_store_stats()["x509"] == 0
