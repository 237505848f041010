"""Security objects that a signer of ours could sign but never does: each departure from the profile is refused."""

from __future__ import annotations

import dataclasses
import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ObjectIdentifier
from cryptography.x509.oid import NameOID

from population_registry.papers.chip import structures
from population_registry.papers.chip.certificates import SIGNER_LASTS, Signatory
from population_registry.papers.chip.groups import read_dg13
from population_registry.papers.chip.passive import authenticate
from population_registry.papers.chip.security_object import read_sod, write_sod
from population_registry.papers.chip.tags import wrap
from population_registry.papers.paper import PaperError
from tests.registry_papers.cards import NOW, authority, card, signer, trust

pytestmark = pytest.mark.attack
SHA1, SHA256 = ObjectIdentifier("1.3.14.3.2.26"), ObjectIdentifier("2.16.840.1.101.3.4.2.1")
SHA384 = ObjectIdentifier("2.16.840.1.101.3.4.2.2")
ECDSA_SHA1, ECDSA_SHA256 = ObjectIdentifier("1.2.840.10045.4.1"), ObjectIdentifier("1.2.840.10045.4.3.2")
ID_DATA = ObjectIdentifier("1.2.840.113549.1.7.1")


def plain(oid):
    """An algorithm without parameters."""
    return structures.AlgorithmIdentifier(algorithm=oid, parameters=None)


def attribute(kind, *values):
    """A signed attribute."""
    tlvs = [structures.decode(asn1.TLV, structures.encode(value)) for value in values]
    return structures.Attribute(kind=kind, values=asn1.SetOf(tlvs))


def crafted(
    *,
    kind=structures.LDS_SECURITY_OBJECT,
    said_kind=None,
    hashed_with=SHA256,
    digest=SHA256,
    listed=None,
    signature=ECDSA_SHA256,
    serial=None,
    more=(),
    numbers=(1, 13),
    lds=0,
    copies=1,
):
    """A security object over the groups of our card, truly signed by our signer, with one thing changed."""
    files, who = card().chip, signer()
    groups = {1: files.dg1, 13: files.dg13}
    content = structures.encode(
        structures.SecurityObject(
            version=lds,
            hash_algorithm=plain(hashed_with),
            hashes=[
                structures.DataGroupHash(number=n, value=hashlib.sha256(groups[n]).digest()) for n in numbers
            ],
            version_info=None,
        )
    )
    attributes = asn1.SetOf(
        [
            attribute(structures.CONTENT_TYPE, said_kind or kind),
            attribute(
                structures.MESSAGE_DIGEST,
                (hashlib.sha384 if digest == SHA384 else hashlib.sha256)(content).digest(),
            ),
            *more,
        ]
    )
    signed = structures.SignerInfo(
        version=1,
        signer=structures.IssuerAndSerial(
            issuer=structures.decode(asn1.TLV, who.certificate.issuer.public_bytes()),
            serial=serial or who.certificate.serial_number,
        ),
        digest_algorithm=plain(digest),
        attributes=attributes,
        signature_algorithm=plain(signature),
        signature=who.key.sign(structures.attributes_to_sign(attributes), ec.ECDSA(hashes.SHA256())),
    )
    data = structures.SignedData(
        version=3,
        digest_algorithms=asn1.SetOf([plain(listed or digest)]),
        content=structures.Encapsulated(kind=kind, content=content),
        certificates=asn1.SetOf([who.certificate] * copies),
        signers=asn1.SetOf([signed]),
    )
    info = structures.ContentInfo(kind=structures.SIGNED_DATA, content=data)
    return wrap(b"\x77", structures.encode(info))


def judged(sod):
    """Every check that does not agree."""
    checks = authenticate(dataclasses.replace(card().chip, sod=sod), trust(), NOW).checks
    return {name: check.reasons for name, check in checks.items() if check.flag != "match"}


def test_the_unchanged_object_is_genuine():
    """Nothing changed, nothing refused: the tests below fail for their own reason."""
    assert judged(crafted()) == {}


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": ID_DATA},
        {"hashed_with": SHA1},
        {"listed": SHA384},
        {"lds": 2},
        {"copies": 2},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_what_is_no_security_object_of_a_card(changed):
    """Another content type, SHA-1, other digests announced, an unknown version, two certificates: not read at all."""
    with pytest.raises(PaperError):
        read_sod(crafted(**changed))


@pytest.mark.parametrize(
    "changed",
    [
        {"said_kind": ID_DATA},
        {"digest": SHA1},
        {"digest": SHA384},
        {"signature": ECDSA_SHA1},
        {"serial": 5},
        {"more": (attribute(structures.CONTENT_TYPE, structures.LDS_SECURITY_OBJECT, ID_DATA),)},
        {"more": (attribute(structures.MESSAGE_DIGEST, b"\x00" * 32),)},
        {"more": (attribute(structures.MESSAGE_DIGEST, b"\xff" * 32),)},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_what_a_true_signature_does_not_cover(changed):
    """Content type, digests, algorithms and signer's name must be those of the profile (RFC 5652 section 5.3-5.6)."""
    assert judged(crafted(**changed)) == {"signature": ("wrong_signature",)}


def test_a_hash_listed_twice():
    """Two hashes for one group leave open which was meant: the group counts as not listed."""
    assert judged(crafted(numbers=(1, 13, 13))) == {"hashes": ("dg13_not_listed",)}


def issued(country="VN", extension=None, *, usage=True, certificates=False, ca=False):
    """A certificate truly issued by our authority, for another use."""
    key, root = ec.generate_private_key(ec.SECP256R1()), authority()
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, country)]))
        .issuer_name(root.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW)
        .not_valid_after(NOW + SIGNER_LASTS)
    )
    if usage:
        off = dict.fromkeys(
            ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "crl_sign"),
            False,
        )
        made = made.add_extension(
            x509.KeyUsage(
                digital_signature=True,
                key_cert_sign=certificates,
                encipher_only=False,
                decipher_only=False,
                **off,
            ),
            critical=True,
        )
    if ca:
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    if extension is not None:
        made = made.add_extension(x509.UnrecognizedExtension(extension, b"\x05\x00"), critical=True)
    return Signatory(made.sign(root.key, hashes.SHA384()), key)


@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        ({}, {}),
        ({"country": "XX"}, {"chain": ("signer_unsuitable",)}),
        ({"extension": ObjectIdentifier("1.2.3.4")}, {"chain": ("signer_unsuitable",)}),
        ({"usage": False}, {"chain": ("signer_unsuitable",)}),
        ({"certificates": True}, {"chain": ("signer_unsuitable",)}),
        ({"ca": True}, {"chain": ("signer_unsuitable",)}),
    ],
)
def test_certificates_for_another_use(changed, faults):
    """Another country, an unknown critical extension, no or another key usage: no document signer (part 12)."""
    files, who = card().chip, issued(**changed)
    sod = write_sod({1: files.dg1, 13: files.dg13}, who.key, who.certificate)
    assert judged(sod) == faults


def national(*items):
    """Data group 13 of these items."""
    held = [structures.Item(number=number, texts=[text]) for number, text in items]
    return wrap(b"\x6d", structures.encode(structures.NationalData(items=held)))


ITEMS = [
    (1, "099190000123"),
    (2, "Phạm Thị Kiểm Thử"),
    (3, "1990-05-17"),
    (4, "Nữ"),
    (11, "2022-05-20"),
    (12, "2030-05-17"),
]


def test_items_not_known_here_are_passed_over():
    """A later card may carry more items."""
    assert read_dg13(national(*ITEMS, (10, "Nốt ruồi"), (99, "?"))) == read_dg13(national(*ITEMS))


@pytest.mark.parametrize(
    "items",
    [
        [*ITEMS, (2, "Trần Văn Mẫu")],
        ITEMS[1:],
        ITEMS[:-1],
        [*ITEMS[:1], (2, ""), *ITEMS[2:]],
        [*ITEMS[:1], (2, "A\u202eB"), *ITEMS[2:]],
        [*ITEMS[:1], (2, "A" * 501), *ITEMS[2:]],
        [*ITEMS[:2], (3, "1990-02-30"), *ITEMS[3:]],
        [*ITEMS[:3], (4, "M"), *ITEMS[4:]],
        [*ITEMS[:5], (12, "never")],
        [*ITEMS, (16, "12")],
    ],
    ids=[
        "twice",
        "no number",
        "no end",
        "no name",
        "direction",
        "long",
        "no day",
        "sex",
        "end",
        "old number",
    ],
)
def test_national_data_that_say_nothing_clear(items):
    """An item twice, missing or with a value that is none: not read."""
    with pytest.raises(PaperError):
        read_dg13(national(*items))
