"""Whom chip data are believed: authorities, their revocation lists, and the check of a signer against both."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509 import (
    AuthorityKeyIdentifier,
    BasicConstraints,
    Certificate,
    CertificateRevocationList,
    ExtensionNotFound,
    KeyUsage,
    PrivateKeyUsagePeriod,
    SubjectKeyIdentifier,
)
from cryptography.x509.oid import NameOID

_KNOWN = (AuthorityKeyIdentifier, BasicConstraints, KeyUsage, PrivateKeyUsagePeriod, SubjectKeyIdentifier)
_STRONG = frozenset({"sha256", "sha384", "sha512"})


class ChainFault(StrEnum):
    """Why a signer is not believed."""

    UNKNOWN_AUTHORITY = "unknown_authority"
    SIGNER_UNSUITABLE = "signer_unsuitable"
    SIGNER_NOT_YET_VALID = "signer_not_yet_valid"
    SIGNER_EXPIRED = "signer_expired"
    SIGNER_REVOKED = "signer_revoked"
    AUTHORITY_EXPIRED = "authority_expired"


@dataclass(frozen=True, slots=True)
class Trust:
    """Authorities that are believed, and their signed lists of signers that are not."""

    authorities: tuple[Certificate, ...] = ()
    revocations: tuple[CertificateRevocationList, ...] = ()

    def faults(self, signer: Certificate, now: datetime) -> tuple[ChainFault, ...]:
        """Nothing when an authority issued this document signer and both stand on that day (part 12 section 5)."""
        issuer = next((each for each in self.authorities if _issued(each, signer)), None)
        if issuer is None:
            return (ChainFault.UNKNOWN_AUTHORITY,)
        checks = (
            (not _suitable(signer, issuer), ChainFault.SIGNER_UNSUITABLE),
            (now < signer.not_valid_before_utc, ChainFault.SIGNER_NOT_YET_VALID),
            (now > signer.not_valid_after_utc, ChainFault.SIGNER_EXPIRED),
            (self._revoked(signer, issuer), ChainFault.SIGNER_REVOKED),
            (
                not issuer.not_valid_before_utc <= now <= issuer.not_valid_after_utc,
                ChainFault.AUTHORITY_EXPIRED,
            ),
        )
        return tuple(fault for failed, fault in checks if failed)

    def _revoked(self, signer: Certificate, issuer: Certificate) -> bool:
        serial = signer.serial_number
        return any(
            each.issuer == issuer.subject
            and each.get_revoked_certificate_by_serial_number(serial) is not None
            for each in self.revocations
        )


def _issued(authority: Certificate, signer: Certificate) -> bool:
    """Whether the authority's key signed the certificate, and each names the other."""
    try:
        signer.verify_directly_issued_by(authority)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def _suitable(signer: Certificate, issuer: Certificate) -> bool:
    """A document signer: signs documents, no certificates; same country; strong hash; nothing critical unknown."""
    extensions, digest = signer.extensions, signer.signature_hash_algorithm
    try:
        usage = extensions.get_extension_for_class(KeyUsage).value
    except ExtensionNotFound:
        return False
    constraints = [e.value for e in extensions if isinstance(e.value, BasicConstraints)]
    countries = [
        {str(each.value).upper() for each in certificate.subject.get_attributes_for_oid(NameOID.COUNTRY_NAME)}
        for certificate in (signer, issuer)
    ]
    return (
        usage.digital_signature
        and not usage.key_cert_sign
        and not any(each.ca for each in constraints)
        and not any(each.critical and not isinstance(each.value, _KNOWN) for each in extensions)
        and digest is not None
        and digest.name in _STRONG
        and countries[0] == countries[1]
    )
