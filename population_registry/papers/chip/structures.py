"""ASN.1 of the security object (RFC 5652, ICAO Doc 9303 part 10) and of the mock's data group 13.

Read and written by `cryptography`'s strict DER codec. Its interface is young and may still change, so that
nothing outside `papers` uses it; the pinned version keeps it still.
"""

from typing import Annotated, TypeVar

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat import asn1
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509 import (
    Certificate,
    DuplicateExtension,
    InvalidVersion,
    ObjectIdentifier,
    UnsupportedGeneralNameType,
)

from population_registry.papers.paper import PaperError, PaperFault

SIGNED_DATA = ObjectIdentifier("1.2.840.113549.1.7.2")
LDS_SECURITY_OBJECT = ObjectIdentifier("2.23.136.1.1.1")
CONTENT_TYPE = ObjectIdentifier("1.2.840.113549.1.9.3")
MESSAGE_DIGEST = ObjectIdentifier("1.2.840.113549.1.9.4")

UNREADABLE = (
    ValueError,
    DuplicateExtension,
    InvalidVersion,
    UnsupportedAlgorithm,
    UnsupportedGeneralNameType,
    CryptographyDeprecationWarning,
)
"""What the library raises for bytes that are none of the structures, a certificate's parts included.

The warning tells of certificates that the library will refuse one day; it is raised where warnings are errors.
"""

T = TypeVar("T")


@asn1.sequence
class AlgorithmIdentifier:
    """RFC 5280 section 4.1.1.2; the algorithms used here have no parameters, or NULL."""

    algorithm: ObjectIdentifier
    parameters: asn1.Null | None


@asn1.sequence
class DataGroupHash:
    """The hash of one data group file, tag and length included."""

    number: int
    value: bytes


@asn1.sequence
class VersionInfo:
    """LDS and Unicode version, in security objects of version 1."""

    lds: asn1.PrintableString
    unicode: asn1.PrintableString


@asn1.sequence
class SecurityObject:
    """LDSSecurityObject: what the document signer signs."""

    version: int
    hash_algorithm: AlgorithmIdentifier
    hashes: Annotated[list[DataGroupHash], asn1.Size(min=2, max=16)]
    version_info: VersionInfo | None


@asn1.sequence
class Attribute:
    """RFC 5652 section 5.3."""

    kind: ObjectIdentifier
    values: asn1.SetOf[asn1.TLV]


@asn1.sequence
class AttributeList:
    """Not a structure of its own: lends the signed attributes their SET OF tag (RFC 5652 section 5.4)."""

    attributes: asn1.SetOf[Attribute]


@asn1.sequence
class IssuerAndSerial:
    """Which certificate signed."""

    issuer: asn1.TLV
    serial: int


@asn1.sequence
class SignerInfo:
    """RFC 5652 section 5.3, the signer named by issuer and serial number, with signed attributes."""

    version: int
    signer: IssuerAndSerial
    digest_algorithm: AlgorithmIdentifier
    attributes: Annotated[asn1.SetOf[Attribute], asn1.Implicit(0)]
    signature_algorithm: AlgorithmIdentifier
    signature: bytes


@asn1.sequence
class Encapsulated:
    """RFC 5652 section 5.2; the content is there, not detached."""

    kind: ObjectIdentifier
    content: Annotated[bytes, asn1.Explicit(0)]


@asn1.sequence
class SignedData:
    """RFC 5652 section 5.1, with the signer's certificate and without revocation lists."""

    version: int
    digest_algorithms: asn1.SetOf[AlgorithmIdentifier]
    content: Encapsulated
    certificates: Annotated[asn1.SetOf[Certificate], asn1.Implicit(0)]
    signers: asn1.SetOf[SignerInfo]


@asn1.sequence
class ContentInfo:
    """RFC 5652 section 3."""

    kind: ObjectIdentifier
    content: Annotated[SignedData, asn1.Explicit(0)]


@asn1.sequence
class Item:
    """One item of data group 13: its number in the list of personal-id.md section 9, and its texts."""

    number: int
    texts: Annotated[list[str], asn1.Size(min=1, max=8)]


@asn1.sequence
class NationalData:
    """Data group 13 of the mock."""

    items: Annotated[list[Item], asn1.Size(min=1, max=32)]


def decode(kind: type[T], encoded: bytes) -> T:
    """A structure from DER.

    Raises:
        PaperError: it is no DER of that structure.
    """
    try:
        return asn1.decode_der(kind, encoded)
    except UNREADABLE:
        raise PaperError(PaperFault.ENCODING) from None


def encode(value: object) -> bytes:
    """DER of a structure."""
    return asn1.encode_der(value)


def attributes_to_sign(attributes: asn1.SetOf[Attribute]) -> bytes:
    """DER of the signed attributes under the tag SET OF, which is what is signed (RFC 5652 section 5.4)."""
    encoded = encode(AttributeList(attributes=attributes))
    return encoded[1 + (1 if encoded[1] < 0x80 else encoded[1] - 0x7F) :]  # noqa: PLR2004 -- the long form of a length
