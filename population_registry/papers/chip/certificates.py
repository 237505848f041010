"""The mock's own signing authorities and document signers: of cards (CSCA, ICAO Doc 9303 part 12) and of papers.

The names say that they are a mock: the true root of Viet Nam is distributed under agreement only.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.x509 import Certificate, CertificateRevocationList
from cryptography.x509.oid import NameOID

AUTHORITY_SIGNS_FOR = timedelta(days=5 * 365)
AUTHORITY_LASTS = timedelta(days=31 * 365)
SIGNER_SIGNS_FOR = timedelta(days=90)
SIGNER_LASTS = timedelta(days=26 * 365)
"""As long as the longest card with an end (part 12 section 4.1: signing time plus validity of the document)."""
REVOCATIONS_NEXT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of certificates: where it is kept, what its keys are sealed as, what its certificates are called.

    `commits`: its signers stand for the content (RFC 5280 section 4.2.1.3, contentCommitment), as under a letter.
    """

    folder: str
    sealed_as: str
    authority: str
    signer: str
    commits: bool


CARDS = Line(
    "cards", "registry.card-key", "CSCA mô phỏng, not of the State", "Document signer mô phỏng", False
)
SEALS = Line(
    "seals",
    "registry.seal-key",
    "CA ký giấy mô phỏng, not of the State",
    "Cơ quan đăng ký cư trú mô phỏng",
    True,
)


def _signs_documents(line: Line) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=line.commits,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


_SIGNS_CERTIFICATES = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


@dataclass(frozen=True, slots=True)
class Signatory:
    """A certificate with its private key; of the key nothing is ever shown."""

    certificate: Certificate
    key: ec.EllipticCurvePrivateKey

    def __repr__(self) -> str:
        return f"Signatory(serial={self.certificate.serial_number:x})"


def make_authority(now: datetime, line: Line = CARDS) -> Signatory:
    """A new authority, signing for itself."""
    key = ec.generate_private_key(ec.SECP384R1())
    name = _name(line.authority, now)
    made = _certificate(name, name, key.public_key(), now, AUTHORITY_SIGNS_FOR, AUTHORITY_LASTS)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    made = made.add_extension(_SIGNS_CERTIFICATES, critical=True)
    made = made.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False
    )
    return Signatory(made.sign(key, SHA384()), key)


def make_signer(authority: Signatory, now: datetime, line: Line = CARDS) -> Signatory:
    """A new document signer of that authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = authority.certificate
    made = _certificate(
        _name(line.signer, now),
        issuer.subject,
        key.public_key(),
        now,
        SIGNER_SIGNS_FOR,
        min(SIGNER_LASTS, issuer.not_valid_after_utc - now),
    )
    made = made.add_extension(_signs_documents(line), critical=True)
    made = made.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False
    )
    return Signatory(made.sign(authority.key, SHA384()), key)


def make_revocations(
    authority: Signatory, serials: frozenset[int], now: datetime
) -> CertificateRevocationList:
    """The authority's list of document signers that are believed no longer."""
    made = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(now)
        .next_update(now + REVOCATIONS_NEXT)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False
        )
        .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
    )
    for serial in sorted(serials):
        made = made.add_revoked_certificate(
            x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now).build()
        )
    return made.sign(authority.key, SHA384())


def signs_until(certificate: Certificate) -> datetime:
    """The end of the private key's use; documents stay genuine until the certificate itself ends."""
    period = certificate.extensions.get_extension_for_class(x509.PrivateKeyUsagePeriod).value
    if period.not_after is None:
        return certificate.not_valid_after_utc
    return period.not_after.replace(tzinfo=UTC)  # GeneralizedTime is UTC; the library leaves that unsaid


def _name(common: str, now: datetime) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Định Danh (mock)"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{common} {now:%Y-%m}"),
        ]
    )


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime,
    signs_for: timedelta,
    lasts: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + lasts)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.PrivateKeyUsagePeriod(now, now + signs_for), critical=False)
    )
