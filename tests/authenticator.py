"""An authenticator without a screen: makes passkeys and signs with them as WebAuthn says, and lies when told to."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40
AAGUID = bytes.fromhex("d1d1d1d1000000000000000000000001")


def text(value: bytes) -> str:
    """URL-safe base 64 without padding."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def raw(value: str) -> bytes:
    """The opposite."""
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))


@dataclass
class Authenticator:
    """One device with one key. Change a field to make it lie; ``maker`` attests its keys."""

    origin: str
    rp_id: str
    flags: int = UP | UV
    count: int = 1
    algorithm: int = -7
    cross_origin: bool = False
    kind: str | None = None
    maker: Maker | None = None
    attest_itself: bool = False
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    user_handle: bytes | None = None

    def client_data(self, kind: str, challenge: str) -> bytes:
        """What a browser says of the page."""
        said: dict[str, Any] = {
            "type": self.kind or kind,
            "challenge": challenge,
            "origin": self.origin,
            "crossOrigin": self.cross_origin,
        }
        return json.dumps(said).encode()

    def data(self, flags: int, attested: bytes = b"") -> bytes:
        """Authenticator data (6.1)."""
        return (
            hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4) + attested
        )

    @property
    def cose(self) -> bytes:
        """The public key (RFC 9052)."""
        numbers = self.key.public_key().public_numbers()
        return cbor2.dumps(
            {1: 2, 3: self.algorithm, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        )

    def create(self, options: dict[str, Any]) -> str:
        """``navigator.credentials.create``."""
        self.user_handle = raw(options["user"]["id"])
        client_data = self.client_data("webauthn.create", options["challenge"])
        attested = AAGUID + len(self.credential_id).to_bytes(2) + self.credential_id + self.cose
        data = self.data(self.flags | AT, attested)
        signed = data + hashlib.sha256(client_data).digest()
        statement: dict[str, Any] = {}
        if self.maker is not None:
            statement = {
                "alg": -7,
                "sig": self.maker.key.sign(signed, ec.ECDSA(SHA256())),
                "x5c": [self.maker.certificate.public_bytes(Encoding.DER)],
            }
        elif self.attest_itself:
            statement = {"alg": -7, "sig": self.key.sign(signed, ec.ECDSA(SHA256()))}
        attestation = cbor2.dumps(
            {"fmt": "packed" if statement else "none", "attStmt": statement, "authData": data}
        )
        return self.credential(
            clientDataJSON=text(client_data), attestationObject=text(attestation), transports=["internal"]
        )

    def get(self, options: dict[str, Any], **changes: Any) -> str:
        """``navigator.credentials.get``; every use counts."""
        self.count += 1 if self.count else 0
        client_data = self.client_data("webauthn.get", options["challenge"])
        data = self.data(self.flags)
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        handle = None if self.user_handle is None else text(self.user_handle)
        return self.credential(
            **{
                "clientDataJSON": text(client_data),
                "authenticatorData": text(data),
                "signature": text(signature),
                "userHandle": handle,
                **changes,
            }
        )

    def credential(self, **response: Any) -> str:
        """The credential as the page's script writes it."""
        identity = text(self.credential_id)
        return json.dumps(
            {"id": identity, "rawId": identity, "type": "public-key", "response": response}
            | {"clientExtensionResults": {}, "authenticatorAttachment": "platform"}
        )


class Maker:
    """Somebody who makes hardware: a root, and the certificate that attests its devices (8.2.1)."""

    def __init__(self) -> None:
        root_key, self.key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        root = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Maker of the tests")])
        leaf = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Maker of the tests"),
                x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Authenticator Attestation"),
                x509.NameAttribute(NameOID.COMMON_NAME, "Batch 1"),
            ]
        )
        self.root = _certificate(root, root, root_key.public_key(), root_key, authority=True)
        self.certificate = _certificate(leaf, root, self.key.public_key(), root_key, authority=False)

    @property
    def pem(self) -> bytes:
        """The root, as a deployment names it."""
        return self.root.public_bytes(Encoding.PEM)


def _certificate(
    subject: x509.Name, issuer: x509.Name, public: Any, signer: Any, *, authority: bool
) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .sign(signer, SHA256())
    )
