"""Clients that authenticate with a certificate, by an authority or by their own key."""

from __future__ import annotations

import base64
import ipaddress
from contextlib import suppress
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from keys import Algorithm
from keys.material import public_jwk
from keys.proof import (
    ExpectedSubject,
    ProofRefused,
    SubjectKind,
    TrustAnchors,
    check_pki,
    check_self_signed,
    read_certificate,
    x5t_s256,
)
from tests.keys_proof.certificates import DN, NOW, Authority, der, pem, usage

NAMES = (
    x509.DNSName("client.example.vn"),
    x509.UniformResourceIdentifier("urn:vn:client:1"),
    x509.IPAddress(ipaddress.ip_address("2001:db8::1")),
    x509.RFC822Name("van-thu@example.vn"),
)


def why(check, *arguments: object) -> str:
    """The reason of a refusal of client authentication."""
    with pytest.raises(ProofRefused) as refused:
        check(*arguments)
    assert refused.value.code == "invalid_client"
    return refused.value.reason


@pytest.fixture
def anchors(authority) -> TrustAnchors:
    """The authority that counts."""
    return TrustAnchors.from_pem(pem(authority.root))


SUBJECT = ExpectedSubject(SubjectKind.DN, DN)


def test_a_client_of_the_authority_is_known_by_its_subject(authority, anchors):
    """RFC 8705 section 2.1: chain and subject; a certificate without alternative names will do."""
    check_pki(authority.client(), SUBJECT, anchors, NOW)


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        (SubjectKind.DN, f"{DN}", "CN=Cổng dịch vụ công,O=Bộ Công an"),
        (
            SubjectKind.DN,
            DN.replace("CN=Cổng", "CN=C\\E1\\BB\\95ng"),
            "C=VN,O=Bộ Công an,CN=Cổng dịch vụ công",
        ),
        (SubjectKind.SAN_DNS, "Client.example.vn", "example.vn"),
        (SubjectKind.SAN_DNS, "client.example.vn", "*.example.vn"),
        (SubjectKind.SAN_URI, "urn:vn:client:1", "urn:vn:client:10"),
        (SubjectKind.SAN_IP, "2001:0DB8:0:0::1", "2001:db8::2"),
        (SubjectKind.SAN_EMAIL, "van-thu@EXAMPLE.vn", "Van-thu@example.vn"),
    ],
)
def test_each_kind_of_subject(authority, anchors, kind, right, wrong):
    """RFC 8705 section 2.1.2: names compare as parsed values, whole, without wildcards."""
    certificate = authority.client(names=NAMES)
    assert ExpectedSubject(kind, right).well_formed()
    check_pki(certificate, ExpectedSubject(kind, right), anchors, NOW)
    assert why(check_pki, certificate, ExpectedSubject(kind, wrong), anchors, NOW) == "subject"


@pytest.mark.parametrize("kind", SubjectKind)
def test_a_certificate_without_names_matches_none(authority, anchors, kind):
    """An empty or broken registered value never equals an absent name."""
    for value in ("", "no such thing", "CN", "@", ":"):
        assert (
            why(check_pki, authority.client("C=VN"), ExpectedSubject(kind, value), anchors, NOW) == "subject"
        )
    assert not ExpectedSubject(kind, "").well_formed()


@pytest.mark.attack
def test_same_subject_of_another_authority(authority, anchors):
    """Anyone can write any subject: only our anchors' word counts, not that of a namesake (CVE-2020-0601)."""
    impostor = Authority("Cơ quan chứng thực thử nghiệm")
    assert why(check_pki, impostor.client(), SUBJECT, anchors, NOW) == "chain"
    with_chain = read_certificate(impostor.issue(), [der(authority.root)])
    assert why(check_pki, with_chain, SUBJECT, anchors, NOW) == "chain"


def test_an_authority_may_leave_its_key_usage_out():
    """RFC 5280 section 6.1.4 (n): what plain OpenSSL makes is an authority, if the deployment says so."""
    plain = Authority("Plain", None)
    check_pki(plain.client(), SUBJECT, TrustAnchors.from_pem(pem(plain.root)), NOW)


@pytest.mark.attack
@pytest.mark.parametrize(
    "authority", [Authority("A", usage(signs_certificates=False)), Authority("B", ca=False)]
)
def test_who_may_not_sign_certificates_is_no_authority(authority):
    """RFC 5280 sections 4.2.1.3 and 4.2.1.9 (CVE-2002-0862, basic constraints): even as an anchor, nor in between."""
    assert (
        why(check_pki, authority.client(), SUBJECT, TrustAnchors.from_pem(pem(authority.root)), NOW)
        == "chain"
    )


@pytest.mark.attack
def test_a_client_is_no_authority(authority, anchors):
    """CVE-2002-0862: a client's own good certificate signs nobody else's."""
    rogue = Authority("rogue")
    middle = authority.issue("CN=rogue", key=rogue.key)
    assert why(check_pki, read_certificate(rogue.issue(), [middle]), SUBJECT, anchors, NOW) == "chain"


@pytest.mark.attack
def test_a_server_certificate_is_no_client_certificate(authority, anchors):
    """RFC 5280 section 4.2.1.12: a web server's key does not authenticate clients."""
    served = authority.client(purpose=ExtendedKeyUsageOID.SERVER_AUTH)
    assert why(check_pki, served, SUBJECT, anchors, NOW) == "chain"


@pytest.mark.parametrize("days", [-32, 32])
def test_certificates_have_their_time(authority, anchors, days):
    """RFC 5280 section 4.1.2.5: neither before nor after."""
    certificate, then = authority.client(), NOW + timedelta(days=days)
    assert why(check_pki, certificate, SUBJECT, anchors, then) == "not_in_time"
    assert why(check_self_signed, certificate, {"keys": []}, then) == "not_in_time"


def test_no_certificate_is_no_client(anchors):
    """Both methods refuse a connection that showed none."""
    assert why(check_pki, None, SUBJECT, anchors, NOW) == "no_certificate"
    assert why(check_self_signed, None, {"keys": []}, NOW) == "no_certificate"


KEYS = {
    "EC": ec.generate_private_key(ec.SECP256R1()),
    "RSA": rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "OKP": ed25519.Ed25519PrivateKey.generate(),
}


@pytest.mark.parametrize("kind", KEYS)
def test_a_self_signed_client_is_known_by_its_key(authority, kind):
    """RFC 8705 section 2.2: the subject public key info is among the registered keys, with x5c or without."""
    jwk = public_jwk(KEYS[kind].public_key(), Algorithm.ES256)
    raw = authority.issue(key=KEYS[kind])
    certificate = read_certificate(raw)
    x5c = base64.b64encode(raw).decode()
    other = public_jwk(ec.generate_private_key(ec.SECP256R1()).public_key(), Algorithm.ES256)
    check_self_signed(certificate, {"keys": [other, jwk]}, NOW)
    check_self_signed(certificate, {"keys": [jwk | {"x5c": [x5c]}]}, NOW)
    assert why(check_self_signed, certificate, {"keys": [other]}, NOW) == "unknown_key"
    assert why(check_self_signed, certificate, {"keys": [jwk | {"use": "enc"}]}, NOW) == "unknown_key"
    assert why(check_self_signed, certificate, {"keys": jwk}, NOW) == "jwks"


@pytest.mark.attack
def test_key_and_certificate_of_a_jwk_agree(authority):
    """RFC 7517 section 4.7: a JWK whose x5c has another key is no key at all; x5c alone never counts."""
    jwk = public_jwk(KEYS["EC"].public_key(), Algorithm.ES256)
    mine, theirs = authority.issue(key=KEYS["EC"]), authority.issue()
    foreign = base64.b64encode(theirs).decode()
    for x5c in ([foreign], [], "x", [7], ["?"], None):
        for raw in (mine, theirs):
            listed = {"keys": [jwk | {"x5c": x5c}]}
            assert why(check_self_signed, read_certificate(raw), listed, NOW) == "unknown_key"


@pytest.mark.attack
def test_bytes_that_are_no_certificate(authority):
    """Oversized, truncated, padded or endless chains are refused before anything believes them (CVE-2025-61920)."""
    raw = authority.issue()
    for broken in (b"", raw[:-1], raw + b"\0", b"0" * 20000):
        assert why(read_certificate, broken).startswith("certificate")
    assert why(read_certificate, raw, [raw] * 11) == "certificate_size"


def test_the_thumbprint_is_that_of_the_example(rfc9440):
    """RFC 8705 section 3.1: base64url of the SHA-256 of the DER."""
    raw = base64.b64decode(rfc9440["client"])
    assert read_certificate(raw).x5t_s256 == x5t_s256(raw)
    assert len(x5t_s256(raw)) == 43


@given(st.binary(max_size=400), st.integers(0, 400))
def test_any_bytes_are_read_or_refused(authority, noise, place):
    """A certificate with any bytes changed: a value or `ProofRefused`."""
    raw = bytearray(authority.issue(names=NAMES, key=KEYS["EC"]))
    raw[place : place + len(noise)] = noise
    for each in (bytes(raw), noise):
        with suppress(ProofRefused):
            assert read_certificate(each).x5t_s256 == x5t_s256(each)


@given(st.sampled_from(SubjectKind), st.text(max_size=40))
def test_any_registered_subject_is_judged(authority, kind, value):
    """No registered text makes the comparison raise."""
    expected = ExpectedSubject(kind, value)
    assert isinstance(expected.well_formed(), bool)
    certificate = read_certificate(authority.issue("C=VN", key=KEYS["EC"]))
    assert isinstance(expected.names(certificate), bool)
