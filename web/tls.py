"""TLS as a server that asks for a client certificate and takes any: whose it is, the rules above TLS decide.

https://www.rfc-editor.org/rfc/rfc8705 (section 2.2: a self-signed certificate authenticates by its registration, so
no authority can vouch for it in the handshake), https://www.rfc-editor.org/rfc/rfc9325,
https://openid.net/specs/fapi-security-profile-2_0-final.html (section 5.2.1).

Python's own `ssl` cannot say this: `CERT_OPTIONAL` ends the handshake for an authority that it does not know, and no
flag or callback of it changes that. pyOpenSSL offers OpenSSL's verify callback, and an event loop drives any
`SSLContext` through `wrap_bio` alone, so `ServerContext` gives it a connection of pyOpenSSL there. That the client
owns the key of its certificate is still proved by the handshake (CertificateVerify, RFC 8446 section 4.4.3).
"""

import logging
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from OpenSSL import SSL, crypto

log = logging.getLogger("web.tls")

#: RFC 9325 section 4.2: with TLS 1.2 only suites with ephemeral keys and AEAD; those of TLS 1.3 all are.
TLS12_SUITES: Final = ":".join(
    (
        *("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"),
        *("ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384"),
        *("ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305"),
    )
)
_PROTOCOL: Final = b"http/1.1"
_RECORD: Final = 16384
T = TypeVar("T")


class ServerContext(ssl.SSLContext):
    """The TLS side of a service; a certificate that was renewed on disk serves the next connection.

    Raises:
        ValueError: the certificate or its key cannot be read, or they do not belong together.
    """

    _certificate: Path
    _key: Path
    _read_at: tuple[int, int]
    _context: SSL.Context

    def __new__(cls, certificate: Path, key: Path) -> Self:
        """A context that itself holds no certificate: whatever bypassed `wrap_bio` could not even shake hands."""
        made = super().__new__(cls, ssl.PROTOCOL_TLS_SERVER)
        made._certificate, made._key = certificate, key
        made._read_at = made._written()
        made._context = _built(certificate, key)
        return made

    def wrap_bio(  # type: ignore[override]  # the event loop gives these and no others
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
    ) -> "Connection":
        """One connection, not yet shaken hands on."""
        if not server_side or server_hostname is not None:
            raise ValueError("this context is a server's")
        return Connection(self._current(), incoming, outgoing)

    def _written(self) -> tuple[int, int]:
        try:
            return self._certificate.stat().st_mtime_ns, self._key.stat().st_mtime_ns
        except OSError as gone:
            raise ValueError(f"{gone.filename} cannot be read ({gone.strerror})") from gone

    def _current(self) -> SSL.Context:
        try:
            written = self._written()
            if written != self._read_at:
                self._read_at = written
                self._context = _built(self._certificate, self._key)
        except ValueError as broken:  # half of a renewal; the other half changes the time again
            log.error("certificate not read again", extra={"cause": str(broken)})  # noqa: TRY400 -- no trace needed
        return self._context


class Connection(ssl.SSLObject):
    """One TLS connection between two memory buffers, as `ssl.SSLObject` is one."""

    def __init__(self, context: SSL.Context, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._plain = bytearray()
        self._refusal: ssl.SSLError | None = None
        self._tls = SSL.Connection(context, None)
        self._tls.set_accept_state()

    def do_handshake(self) -> None:
        """Take the handshake one step further; raises `ssl.SSLWantReadError` until it is done."""
        if self._refusal is not None:
            raise self._refusal
        self._feed()
        try:
            self._run(self._tls.do_handshake)
        except ssl.SSLWantReadError:
            raise
        except ssl.SSLError as refused:
            if not self._outgoing.pending:
                raise
            # The loop sends what was made (the alert, RFC 8446 section 6.2) only where more is to come.
            self._refusal = refused
            raise ssl.SSLWantReadError(ssl.SSL_ERROR_WANT_READ, "refused") from refused
        with suppress(ssl.SSLError):  # the client's first words may have come with its last of the handshake
            self._run(self._decrypt)

    def read(self, len: int = 1024, buffer: Any = None) -> Any:  # noqa: A002 -- the name that SSLObject gives it
        """What the client sent: at most that many bytes, or, into a buffer, how many; nothing when it has ended."""
        if not self._plain:
            self._feed()
            self._run(self._decrypt)
        taken = bytes(self._plain[:len])
        del self._plain[:len]
        if buffer is None:
            return taken
        size = taken.__len__()
        buffer[:size] = taken
        return size

    def pending(self) -> int:
        """How many bytes can be read at once."""
        return self._plain.__len__()

    def write(self, data: Any) -> int:
        """Encrypt for the client; how many bytes were taken."""
        return self._run(lambda: self._tls.send(data))

    def unwrap(self) -> None:
        """Say farewell, and hear the other's; raises `ssl.SSLWantReadError` until it came."""
        self._feed()
        if not self._run(self._tls.shutdown):
            raise ssl.SSLWantReadError(ssl.SSL_ERROR_WANT_READ, "waiting for the other side's farewell")

    def getpeercert(self, binary_form: bool = False) -> Any:
        """The client's certificate, DER; None when it showed none. Names are the rules' to read, so none are here."""
        shown = self._tls.get_peer_certificate()
        if shown is None or not binary_form:
            return None if shown is None else {}
        return crypto.dump_certificate(crypto.FILETYPE_ASN1, shown)

    def peer_chain(self) -> tuple[bytes, ...]:
        """What came beside the client's certificate, in the order in which it came, DER."""
        chain = self._tls.get_peer_cert_chain() or []
        own = self.getpeercert(binary_form=True)
        ders = (crypto.dump_certificate(crypto.FILETYPE_ASN1, each) for each in chain)
        return tuple(der for der in ders if der != own)

    def cipher(self) -> tuple[str, str, int] | None:
        """Suite, protocol, bits."""
        name, version, bits = (
            self._tls.get_cipher_name(),
            self._tls.get_cipher_version(),
            self._tls.get_cipher_bits(),
        )
        return (name, version, bits) if name and version and bits else None

    def compression(self) -> None:
        """None, always (RFC 9325 section 3.3)."""

    def version(self) -> str | None:
        """The protocol's name."""
        return self._tls.get_protocol_version_name()

    def _decrypt(self) -> None:
        """Decrypt all that was fed."""
        try:
            while piece := self._tls.recv(_RECORD):
                self._plain += piece
        except SSL.ZeroReturnError:
            return  # the client's farewell: the end of what it says
        except SSL.Error:
            if (
                not self._plain
            ):  # otherwise what came before is said first, and the error again at the next reading
                raise

    def _feed(self) -> None:
        """Give OpenSSL what has come; only before something that takes it all, for inside nobody can see it wait."""
        while piece := self._incoming.read(_RECORD):
            self._tls.bio_write(piece)

    def _run(self, act: Callable[[], T]) -> T:
        """Do one thing, hand over what it made, and say errors in `ssl`'s words."""
        try:
            return act()
        except SSL.WantReadError:
            raise ssl.SSLWantReadError(ssl.SSL_ERROR_WANT_READ, "more is to come") from None
        except SSL.SysCallError as cut:
            raise ssl.SSLEOFError(ssl.SSL_ERROR_EOF, "cut off") from cut
        except SSL.Error as refused:
            raise ssl.SSLError(ssl.SSL_ERROR_SSL, _reason(refused)) from refused
        finally:
            self._hand_over()

    def _hand_over(self) -> None:
        try:
            while piece := self._tls.bio_read(_RECORD):
                self._outgoing.write(piece)
        except SSL.WantReadError:
            return  # no more


def _built(certificate: Path, key: Path) -> SSL.Context:
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_cipher_list(TLS12_SUITES.encode())
    context.set_options(SSL.OP_NO_RENEGOTIATION | SSL.OP_NO_COMPRESSION | SSL.OP_CIPHER_SERVER_PREFERENCE)
    # Every connection shakes hands anew: no session, hence no certificate, outlives its connection.
    context.set_options(SSL.OP_NO_TICKET)
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    context.set_session_id(b"dinhdanh")
    context.set_alpn_select_callback(_http)
    # Requested, not required; any is taken. The size of its key is still OpenSSL's to judge (security level).
    context.set_verify(SSL.VERIFY_PEER, lambda *_: True)
    try:
        context.use_certificate_chain_file(str(certificate))
        context.use_privatekey_file(str(key))
        context.check_privatekey()
    except SSL.Error as broken:
        raise ValueError(
            f"{certificate} and {key} are no certificate and its key ({_reason(broken)})"
        ) from broken
    return context


def _http(_: SSL.Connection, offered: Sequence[bytes]) -> Any:
    return _PROTOCOL if _PROTOCOL in offered else SSL.NO_OVERLAPPING_PROTOCOLS


def _reason(error: SSL.Error) -> str:
    """OpenSSL's last word about it."""
    found = error.args[0] if error.args else ()
    return str(found[-1][-1]) if found else "unknown"
