"""The detached CMS signature inside a signed PDF, profile CAdES of PAdES-B-B (ETSI EN 319 142-1 section 6.3).

https://www.etsi.org/deliver/etsi_en/319100_319199/31914201/
Implemented: content-type and message-digest, signing-certificate-v2 (RFC 5035), the signer's certificate and its
authority's; no signing-time (EN 319 142-1 table 1: the moment stands in the PDF itself). Left out: time-stamps and
revocation data (levels B-T, B-LT): whether a paper still holds is asked of the registry, which the paper says.
"""

import hashlib
from typing import Annotated, Final

from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, ObjectIdentifier

from population_registry.papers.chip import structures
from population_registry.papers.chip.certificates import Signatory
from population_registry.papers.chip.structures import (
    AlgorithmIdentifier,
    Attribute,
    IssuerAndSerial,
    SignerInfo,
)

_DATA: Final = ObjectIdentifier("1.2.840.113549.1.7.1")
_SIGNING_CERTIFICATE_V2: Final = ObjectIdentifier("1.2.840.113549.1.9.16.2.47")
_SHA256: Final = ObjectIdentifier("2.16.840.1.101.3.4.2.1")
_ECDSA_SHA256: Final = ObjectIdentifier("1.2.840.10045.4.3.2")
_VERSION: Final = 1  # RFC 5652 section 5.1: id-data, no attribute certificates; 5.3: issuer and serial number


@asn1.sequence
class Detached:
    """RFC 5652 section 5.2 without the content: that is the file around it."""

    kind: ObjectIdentifier


@asn1.sequence
class DetachedSignedData:
    """RFC 5652 section 5.1 with the signer's chain."""

    version: int
    digest_algorithms: asn1.SetOf[AlgorithmIdentifier]
    content: Detached
    certificates: Annotated[asn1.SetOf[Certificate], asn1.Implicit(0)]
    signers: asn1.SetOf[SignerInfo]


@asn1.sequence
class DetachedContentInfo:
    """RFC 5652 section 3."""

    kind: ObjectIdentifier
    content: Annotated[DetachedSignedData, asn1.Explicit(0)]


@asn1.sequence
class CertificateHash:
    """ESSCertIDv2 of RFC 5035 section 4; SHA-256 is the default and is not written."""

    value: bytes


@asn1.sequence
class SigningCertificate:
    """SigningCertificateV2 of RFC 5035 section 3."""

    certificates: Annotated[list[CertificateHash], asn1.Size(min=1, max=8)]


def detached_signature(digest: bytes, signer: Signatory, authority: Certificate) -> bytes:
    """DER of the signature over content with that SHA-256; the same for the same input (RFC 6979)."""
    own = hashlib.sha256(signer.certificate.public_bytes(Encoding.DER)).digest()
    attributes = asn1.SetOf(
        [
            _attribute(structures.CONTENT_TYPE, _DATA),
            _attribute(structures.MESSAGE_DIGEST, digest),
            _attribute(
                _SIGNING_CERTIFICATE_V2, SigningCertificate(certificates=[CertificateHash(value=own)])
            ),
        ]
    )
    algorithm = AlgorithmIdentifier(algorithm=_SHA256, parameters=None)
    info = SignerInfo(
        version=_VERSION,
        signer=IssuerAndSerial(
            issuer=structures.decode(asn1.TLV, signer.certificate.issuer.public_bytes()),
            serial=signer.certificate.serial_number,
        ),
        digest_algorithm=algorithm,
        attributes=attributes,
        signature_algorithm=AlgorithmIdentifier(algorithm=_ECDSA_SHA256, parameters=None),
        signature=signer.key.sign(
            structures.attributes_to_sign(attributes), ECDSA(SHA256(), deterministic_signing=True)
        ),
    )
    signed = DetachedSignedData(
        version=_VERSION,
        digest_algorithms=asn1.SetOf([algorithm]),
        content=Detached(kind=_DATA),
        certificates=asn1.SetOf([signer.certificate, authority]),
        signers=asn1.SetOf([info]),
    )
    return structures.encode(DetachedContentInfo(kind=structures.SIGNED_DATA, content=signed))


def _attribute(kind: ObjectIdentifier, value: object) -> Attribute:
    return Attribute(kind=kind, values=asn1.SetOf([structures.decode(asn1.TLV, structures.encode(value))]))
