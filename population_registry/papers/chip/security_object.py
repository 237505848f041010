"""EF.SOD: the hashes of the data groups, signed by a document signer (CMS SignedData, ICAO Doc 9303 part 10).

Only ECDSA with SHA-256, SHA-384 or SHA-512 is written and accepted; SHA-1 and everything else is refused.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, ObjectIdentifier

from population_registry.papers.chip import structures
from population_registry.papers.chip.structures import (
    AlgorithmIdentifier,
    Attribute,
    ContentInfo,
    DataGroupHash,
    Encapsulated,
    IssuerAndSerial,
    SecurityObject,
    SignedData,
    SignerInfo,
)
from population_registry.papers.chip.tags import unwrap, wrap
from population_registry.papers.paper import PaperError, PaperFault

SOD_TAG = b"\x77"
_CMS_VERSION: Final = 3  # RFC 5652 section 5.1: the content is not id-data
_SIGNER_VERSION: Final = 1  # section 5.3: named by issuer and serial number
_LDS_VERSIONS: Final = {0, 1}
_SHA256 = ObjectIdentifier("2.16.840.1.101.3.4.2.1")
_ECDSA_SHA256 = ObjectIdentifier("1.2.840.10045.4.3.2")
_DIGESTS: Mapping[ObjectIdentifier, str] = {
    _SHA256: "sha256",
    ObjectIdentifier("2.16.840.1.101.3.4.2.2"): "sha384",
    ObjectIdentifier("2.16.840.1.101.3.4.2.3"): "sha512",
}
_SIGNATURES: Mapping[ObjectIdentifier, tuple[str, hashes.HashAlgorithm]] = {
    _ECDSA_SHA256: ("sha256", hashes.SHA256()),
    ObjectIdentifier("1.2.840.10045.4.3.3"): ("sha384", hashes.SHA384()),
    ObjectIdentifier("1.2.840.10045.4.3.4"): ("sha512", hashes.SHA512()),
}


@dataclass(frozen=True, slots=True)
class SecurityFile:
    """A security object that could be read; nothing about it is believed yet."""

    content: bytes
    object: SecurityObject
    signer: SignerInfo
    certificate: Certificate

    def is_signed(self) -> bool:
        """Whether the certificate in the file signed this content (RFC 5652 section 5.4 and 5.6)."""
        digest = _DIGESTS.get(self.signer.digest_algorithm.algorithm)
        name, algorithm = _SIGNATURES.get(self.signer.signature_algorithm.algorithm, (None, None))
        key = self.certificate.public_key()
        if digest is None or name != digest or algorithm is None or not self._names_its_signer():
            return False
        if not isinstance(key, EllipticCurvePublicKey):
            return False
        expected = {
            structures.CONTENT_TYPE: structures.encode(structures.LDS_SECURITY_OBJECT),
            structures.MESSAGE_DIGEST: structures.encode(hashlib.new(digest, self.content).digest()),
        }
        attributes = self.signer.attributes.as_list()
        if len({attribute.kind for attribute in attributes}) != len(attributes):
            return False
        values = {each.kind: [structures.encode(v) for v in each.values.as_list()] for each in attributes}
        if any(values.get(kind) != [value] for kind, value in expected.items()):
            return False
        try:
            key.verify(
                self.signer.signature,
                structures.attributes_to_sign(self.signer.attributes),
                ECDSA(algorithm),
            )
        except InvalidSignature:
            return False
        return True

    def holds(self, number: int, group: bytes) -> bool | None:
        """Whether the data group has the hash listed for it; None when no hash is listed, or one twice."""
        listed = [each.value for each in self.object.hashes if each.number == number]
        if len(listed) != 1:
            return None
        digest = _DIGESTS[self.object.hash_algorithm.algorithm]
        return listed[0] == hashlib.new(digest, group).digest()

    def _names_its_signer(self) -> bool:
        named = self.signer.signer
        return (
            named.serial == self.certificate.serial_number
            and structures.encode(named.issuer) == self.certificate.issuer.public_bytes()
        )


def write_sod(groups: Mapping[int, bytes], key: EllipticCurvePrivateKey, certificate: Certificate) -> bytes:
    """EF.SOD over the data group files, by number."""
    content = structures.encode(
        SecurityObject(
            version=0,
            hash_algorithm=AlgorithmIdentifier(algorithm=_SHA256, parameters=None),
            hashes=[
                DataGroupHash(number=number, value=hashlib.sha256(group).digest())
                for number, group in sorted(groups.items())
            ],
            version_info=None,
        )
    )
    attributes = asn1.SetOf(
        [
            _attribute(structures.CONTENT_TYPE, structures.LDS_SECURITY_OBJECT),
            _attribute(structures.MESSAGE_DIGEST, hashlib.sha256(content).digest()),
        ]
    )
    digest = AlgorithmIdentifier(algorithm=_SHA256, parameters=None)
    signer = SignerInfo(
        version=_SIGNER_VERSION,
        signer=IssuerAndSerial(
            issuer=structures.decode(asn1.TLV, certificate.issuer.public_bytes()),
            serial=certificate.serial_number,
        ),
        digest_algorithm=digest,
        attributes=attributes,
        signature_algorithm=AlgorithmIdentifier(algorithm=_ECDSA_SHA256, parameters=None),
        signature=key.sign(structures.attributes_to_sign(attributes), ECDSA(hashes.SHA256())),
    )
    signed = SignedData(
        version=_CMS_VERSION,
        digest_algorithms=asn1.SetOf([digest]),
        content=Encapsulated(kind=structures.LDS_SECURITY_OBJECT, content=content),
        certificates=asn1.SetOf([certificate]),
        signers=asn1.SetOf([signer]),
    )
    return wrap(SOD_TAG, structures.encode(ContentInfo(kind=structures.SIGNED_DATA, content=signed)))


def read_sod(encoded: bytes) -> SecurityFile:
    """A security object with one signer and one certificate.

    Raises:
        PaperError: it cannot be read, or says what a card's security object never says.
    """
    info = structures.decode(ContentInfo, unwrap(SOD_TAG, encoded))
    signed = info.content
    certificates, signers = signed.certificates.as_list(), signed.signers.as_list()
    if (
        info.kind != structures.SIGNED_DATA
        or signed.version != _CMS_VERSION
        or signed.content.kind != structures.LDS_SECURITY_OBJECT
        or len(certificates) != 1
        or len(signers) != 1
        or signers[0].version != _SIGNER_VERSION
        or [each.algorithm for each in signed.digest_algorithms.as_list()]
        != [signers[0].digest_algorithm.algorithm]
    ):
        raise PaperError(PaperFault.ENCODING)
    found = structures.decode(SecurityObject, signed.content.content)
    if found.version not in _LDS_VERSIONS or found.hash_algorithm.algorithm not in _DIGESTS:
        raise PaperError(PaperFault.ENCODING)
    _read_through(certificates[0])
    return SecurityFile(signed.content.content, found, signers[0], certificates[0])


def _read_through(certificate: Certificate) -> None:
    """The library reads a certificate's parts when they are asked for: ask now, so that nothing surprises later.

    Raises:
        PaperError: a part cannot be read.
    """
    try:
        certificate.public_key()
        _ = certificate.issuer, certificate.subject, certificate.extensions
        _ = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        _ = certificate.signature_hash_algorithm
        positive = certificate.serial_number > 0
        encoded = certificate.public_bytes(Encoding.DER)
    except structures.UNREADABLE:
        raise PaperError(PaperFault.ENCODING) from None
    whole = wrap(b"\x03", b"\x00" + certificate.signature)  # no unused bits: one signature, one encoding
    if not positive or not encoded.endswith(whole):
        raise PaperError(PaperFault.ENCODING)


def _attribute(kind: ObjectIdentifier, value: object) -> Attribute:
    return Attribute(kind=kind, values=asn1.SetOf([structures.decode(asn1.TLV, structures.encode(value))]))
