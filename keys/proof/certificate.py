"""A client certificate, read once into plain values; nothing later touches its bytes again (RFC 5280)."""

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import NameOID

from keys import base64url
from keys.proof.refusals import INVALID_CLIENT, ProofRefused

MAX_BYTES: Final = 16384
MAX_CHAIN: Final = 10

#: One attribute of a name: dotted object identifier and value; a name is a sequence of sets of them.
ParsedName = tuple[frozenset[tuple[str, str]], ...]
#: Short names that people write beside those of RFC 4514 section 3.
_SHORT_NAMES: Final = {
    "E": NameOID.EMAIL_ADDRESS,
    "emailAddress": NameOID.EMAIL_ADDRESS,
    "serialNumber": NameOID.SERIAL_NUMBER,
    "organizationIdentifier": NameOID.ORGANIZATION_IDENTIFIER,
}
#: The warning is an error where warnings are: what a later release will not read, nobody needs to show us now.
_UNREADABLE: Final = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    CryptographyDeprecationWarning,
)


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A certificate that a client showed; whether the client owns its key was TLS's question (RFC 8446 4.4.3)."""

    x5t_s256: str
    subject: ParsedName
    dns_names: frozenset[str]
    uris: frozenset[str]
    addresses: frozenset[ipaddress.IPv4Address | ipaddress.IPv6Address]
    emails: frozenset[str]
    not_before: datetime
    not_after: datetime
    public_key: bytes = field(repr=False)
    parsed: x509.Certificate = field(repr=False, compare=False)
    chain: tuple[x509.Certificate, ...] = field(default=(), repr=False, compare=False)


def read_certificate(der: bytes, chain: Sequence[bytes] = ()) -> ClientCertificate:
    """Return the certificate in `der`, with the other certificates that came beside it, end entity's issuer first.

    Raises:
        ProofRefused: `invalid_client`: too long, too many, or not a certificate that can be read wholly.
    """
    if len(chain) > MAX_CHAIN or any(len(each) > MAX_BYTES for each in (der, *chain)):
        raise ProofRefused(INVALID_CLIENT, "certificate_size")
    try:
        parsed = x509.load_der_x509_certificate(der)
        if parsed.serial_number <= 0:
            raise ProofRefused(INVALID_CLIENT, "serial_number")  # RFC 5280 section 4.1.2.2
        names = _alternative_names(parsed)
        return ClientCertificate(
            x5t_s256=x5t_s256(der),
            subject=parsed_name(parsed.subject),
            dns_names=frozenset(name.lower() for name in _texts(names, x509.DNSName)),
            uris=frozenset(_texts(names, x509.UniformResourceIdentifier)),
            addresses=frozenset(_addresses(names)),
            emails=frozenset(folded_email(name) for name in _texts(names, x509.RFC822Name)),
            not_before=parsed.not_valid_before_utc,
            not_after=parsed.not_valid_after_utc,
            public_key=subject_public_key(parsed),
            parsed=parsed,
            chain=tuple(x509.load_der_x509_certificate(each) for each in chain),
        )
    except _UNREADABLE as broken:
        raise ProofRefused(INVALID_CLIENT, "certificate") from broken


def x5t_s256(der: bytes) -> str:
    """Return the certificate's thumbprint for `cnf` (RFC 8705 section 3.1): base64url of the SHA-256 of the DER."""
    return base64url.encode(hashlib.sha256(der).digest()).decode()


def subject_public_key(parsed: x509.Certificate) -> bytes:
    """Return the SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7), DER."""
    return parsed.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def parsed_name(name: x509.Name) -> ParsedName:
    """Return a name as values: two spellings of one name are equal, whatever string type held them."""
    return tuple(
        frozenset((attribute.oid.dotted_string, str(attribute.value)) for attribute in rdn)
        for rdn in name.rdns
    )


def name_of_text(text: str) -> ParsedName | None:
    """Return the name that an RFC 4514 text spells; None when it spells none."""
    try:
        return parsed_name(x509.Name.from_rfc4514_string(text, _SHORT_NAMES)) or None
    except _UNREADABLE:
        return None


def folded_email(address: str) -> str:
    """Return an address whose domain is in lower case (RFC 5280 section 7.5)."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.lower()}"


def _alternative_names(parsed: x509.Certificate) -> x509.SubjectAlternativeName | None:
    try:
        return parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None


def _texts(
    names: x509.SubjectAlternativeName | None,
    kind: type[x509.DNSName | x509.UniformResourceIdentifier | x509.RFC822Name],
) -> list[str]:
    return [] if names is None else [name.value for name in names if isinstance(name, kind)]


def _addresses(
    names: x509.SubjectAlternativeName | None,
) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    found = [] if names is None else [name.value for name in names if isinstance(name, x509.IPAddress)]
    return [each for each in found if isinstance(each, ipaddress.IPv4Address | ipaddress.IPv6Address)]
