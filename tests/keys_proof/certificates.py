"""Certification authorities and client certificates for tests, made with cryptography."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from keys.proof import ClientCertificate, read_certificate

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
DN = "CN=Cổng dịch vụ công,O=Bộ Công an,C=VN"


def name(text: str) -> x509.Name:
    """A name from its RFC 4514 text."""
    return x509.Name.from_rfc4514_string(text)


def der(certificate: x509.Certificate) -> bytes:
    """The certificate's bytes."""
    return certificate.public_bytes(serialization.Encoding.DER)


def pem(certificate: x509.Certificate) -> bytes:
    """The certificate's text."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def usage(*, signs_certificates: bool) -> x509.KeyUsage:
    """What the key is for."""
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


CA_USAGE = usage(signs_certificates=True)


class Authority:
    """An authority with a root certificate and a key."""

    def __init__(
        self, common_name: str, key_usage: x509.KeyUsage | None = CA_USAGE, *, ca: bool = True
    ) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = name(f"CN={common_name}")
        builder = self._begun(self.name, self.key.public_key()).add_extension(
            x509.BasicConstraints(ca=ca, path_length=None), critical=True
        )
        self.root = self._signed(builder.add_extension(key_usage, critical=True) if key_usage else builder)

    def _begun(
        self, subject: x509.Name, public: Any, start: datetime = NOW - timedelta(days=30), days: int = 60
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + timedelta(days=days))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False
            )
        )

    def _signed(self, builder: x509.CertificateBuilder) -> x509.Certificate:
        return builder.sign(self.key, hashes.SHA256())

    def issue(
        self,
        subject: str = DN,
        *,
        names: tuple[x509.GeneralName, ...] = (),
        key: Any = None,
        start: datetime = NOW - timedelta(days=1),
        days: int = 30,
        purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.CLIENT_AUTH,
    ) -> bytes:
        """A client's certificate, DER."""
        public = (key or ec.generate_private_key(ec.SECP256R1())).public_key()
        builder = (
            self._begun(name(subject), public, start, days)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return der(self._signed(builder))

    def client(self, *arguments: Any, **options: Any) -> ClientCertificate:
        """A client's certificate, read."""
        return read_certificate(self.issue(*arguments, **options))
