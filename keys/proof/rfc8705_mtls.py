"""OAuth 2.0 Mutual-TLS Client Authentication and Certificate-Bound Access Tokens.

https://www.rfc-editor.org/rfc/rfc8705
Implemented: 2.1 and 2.1.2 (PKI method, five ways to name a subject), 2.2 (self-signed), 3.1 (x5t#S256).
Left out: 5 (endpoint aliases: metadata), 7.4 (revocation lists: the TLS layer's, before us).
Builds on no Authlib class: Authlib has none. Chains are checked by cryptography's client verifier.
"""

import binascii
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)
from joserfc.jwk import ECKey, OKPKey, RSAKey

from keys.proof.certificate import (
    MAX_BYTES,
    MAX_CHAIN,
    ClientCertificate,
    folded_email,
    name_of_text,
    subject_public_key,
)
from keys.proof.refusals import INVALID_CLIENT, ProofRefused

_CLASSES: Final[Mapping[str, type[ECKey | RSAKey | OKPKey]]] = {"EC": ECKey, "RSA": RSAKey, "OKP": OKPKey}
_MOST_KEYS: Final = 100
_HOST: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*", re.ASCII)


class SubjectKind(StrEnum):
    """The client metadata that names the expected subject (section 2.1.2); a client has exactly one."""

    DN = "tls_client_auth_subject_dn"
    SAN_DNS = "tls_client_auth_san_dns"
    SAN_URI = "tls_client_auth_san_uri"
    SAN_IP = "tls_client_auth_san_ip"
    SAN_EMAIL = "tls_client_auth_san_email"


@dataclass(frozen=True, slots=True)
class ExpectedSubject:
    """The subject that a client registered."""

    kind: SubjectKind
    value: str

    def well_formed(self) -> bool:
        """Whether a certificate could ever match; registration refuses values for which none can."""
        match self.kind:
            case SubjectKind.DN:
                return name_of_text(self.value) is not None
            case SubjectKind.SAN_DNS:
                return _HOST.fullmatch(self.value.lower()) is not None
            case SubjectKind.SAN_URI:
                return ":" in self.value and self.value.isascii()
            case SubjectKind.SAN_IP:
                return _address(self.value) is not None
            case SubjectKind.SAN_EMAIL:
                return "@" in self.value[1:-1]

    def names(self, certificate: ClientCertificate) -> bool:
        """Whether the certificate is this subject's: whole names, no wildcard, no part of a name."""
        match self.kind:
            case SubjectKind.DN:
                return certificate.subject == name_of_text(self.value)
            case SubjectKind.SAN_DNS:
                return self.value.lower() in certificate.dns_names
            case SubjectKind.SAN_URI:
                return self.value in certificate.uris
            case SubjectKind.SAN_IP:
                return _address(self.value) in certificate.addresses
            case SubjectKind.SAN_EMAIL:
                return folded_email(self.value) in certificate.emails


class TrustAnchors:
    """The certification authorities whose client certificates count."""

    __slots__ = ("_certificates", "_store")

    def __init__(self, certificates: tuple[x509.Certificate, ...]) -> None:
        self._certificates: Final = certificates
        self._store: Final = Store(list(certificates))

    @classmethod
    def from_pem(cls, pem: bytes) -> "TrustAnchors":
        """Return the anchors in PEM text. Raises ValueError when there is none or one does not parse."""
        return cls(tuple(x509.load_pem_x509_certificates(pem)))

    def check_chain(self, certificate: ClientCertificate, now: datetime) -> None:
        """Accept a certificate that leads to an anchor at `now`, for client authentication (RFC 5280 section 6).

        Raises:
            ProofRefused: `invalid_client`.
        """
        # A subject alternative name is the web's rule; section 2.1.2 also knows clients by their subject alone.
        ends = ExtensionPolicy.webpki_defaults_ee().may_be_present(
            x509.SubjectAlternativeName, Criticality.AGNOSTIC, None
        )
        # RFC 5280 section 6.1.4 (n): "If a key usage extension is present, verify that the keyCertSign bit is set";
        # the web's profile wants it always, authorities made with plain OpenSSL have none.
        issuers = ExtensionPolicy.webpki_defaults_ca().may_be_present(
            x509.KeyUsage, Criticality.AGNOSTIC, _signs_certificates
        )
        verifier = (
            PolicyBuilder()
            .store(self._store)
            .time(now.astimezone(UTC))
            .max_chain_depth(MAX_CHAIN)
            .extension_policies(ca_policy=issuers, ee_policy=ends)
            .build_client_verifier()
        )
        try:
            verifier.verify(certificate.parsed, list(certificate.chain))
        except (VerificationError, ValueError) as broken:
            raise ProofRefused(INVALID_CLIENT, "chain") from broken

    def __repr__(self) -> str:
        return f"TrustAnchors({len(self._certificates)})"


def check_pki(
    certificate: ClientCertificate | None, expected: ExpectedSubject, anchors: TrustAnchors, now: datetime
) -> None:
    """Accept a client of `tls_client_auth` (section 2.1): trusted chain, in time, the registered subject.

    Raises:
        ProofRefused: `invalid_client`; `reason` says what was missing.
    """
    found = _in_time(certificate, now)
    if not expected.names(found):
        raise ProofRefused(INVALID_CLIENT, "subject")
    anchors.check_chain(found, now)


def check_self_signed(
    certificate: ClientCertificate | None, jwks: Mapping[str, object], now: datetime
) -> None:
    """Accept a client of `self_signed_tls_client_auth` (section 2.2): its key is among the client's keys.

    "validated based on whether the subject public key info of the certificate matches one of the
    certificates configured or registered"; a JWK without `x5c` counts by its key alone.

    Raises:
        ProofRefused: `invalid_client`; `reason` says what was missing.
    """
    found = _in_time(certificate, now)
    listed = jwks.get("keys")
    if not isinstance(listed, list) or len(listed) > _MOST_KEYS:
        raise ProofRefused(INVALID_CLIENT, "jwks")
    if not any(_is_key_of(found, jwk) for jwk in listed):
        raise ProofRefused(INVALID_CLIENT, "unknown_key")


def _signs_certificates(_: Policy, __: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("key_cert_sign")


def _in_time(certificate: ClientCertificate | None, now: datetime) -> ClientCertificate:
    if certificate is None:
        raise ProofRefused(INVALID_CLIENT, "no_certificate")
    if not certificate.not_before <= now <= certificate.not_after:
        raise ProofRefused(INVALID_CLIENT, "not_in_time")
    return certificate


def _is_key_of(certificate: ClientCertificate, jwk: object) -> bool:
    if not isinstance(jwk, dict) or jwk.get("use", "sig") != "sig":
        return False
    try:
        key = _CLASSES[jwk["kty"]].import_key(
            {name: value for name, value in jwk.items() if name in {"kty", "crv", "x", "y", "n", "e"}}
        )
        public = key.public_key.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return False
    # RFC 7517 section 4.7: the first certificate's key "MUST match the public key represented by other members".
    return public == certificate.public_key and ("x5c" not in jwk or _first_key(jwk["x5c"]) == public)


def _first_key(x5c: object) -> bytes | None:
    if not isinstance(x5c, list) or not x5c or not isinstance(x5c[0], str) or len(x5c[0]) > 2 * MAX_BYTES:
        return None
    try:
        return subject_public_key(x509.load_der_x509_certificate(binascii.a2b_base64(x5c[0])))
    except (ValueError, TypeError):
        return None


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
