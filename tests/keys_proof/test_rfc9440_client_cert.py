"""The certificate that a reverse proxy tells us, and who may tell us."""

from __future__ import annotations

import base64
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.proof import (
    ExpectedSubject,
    ProofRefused,
    SubjectKind,
    TrustAnchors,
    check_pki,
    read_client_cert,
    x5t_s256,
)


def test_the_example_of_appendix_a(rfc9440):
    """RFC 9440 figures 2 and 3: field and chain give the certificates, and the chain leads to its root in 2020."""
    found = read_client_cert([rfc9440["client_cert"]], [rfc9440["client_cert_chain"]], peer_trusted=True)
    assert found is not None
    assert found.x5t_s256 == x5t_s256(base64.b64decode(rfc9440["client"]))
    assert found.emails == {"bdc@example.com"}
    assert len(found.chain) == 2
    root = f"-----BEGIN CERTIFICATE-----\n{rfc9440['root']}\n-----END CERTIFICATE-----\n".encode()
    expected = ExpectedSubject(SubjectKind.DN, "CN=BC")
    check_pki(found, expected, TrustAnchors.from_pem(root), datetime(2020, 6, 1, tzinfo=UTC))


def test_a_chain_may_come_in_several_fields(rfc9440):
    """Section 2.3: a list of values or several instances are the same."""
    parts = rfc9440["client_cert_chain"].split(", ")
    found = read_client_cert([f" {rfc9440['client_cert']} "], parts, peer_trusted=True)
    assert found is not None
    assert len(found.chain) == 2


@pytest.mark.attack
def test_nobody_but_our_proxy_names_a_certificate(rfc9440):
    """Header spoofing (Keycloak's and Nginx's header advisories): from any other peer the field is not read."""
    assert read_client_cert([rfc9440["client_cert"]], [], peer_trusted=False) is None
    assert read_client_cert(["rubbish", "rubbish"], ["x"], peer_trusted=False) is None


def test_no_field_is_no_certificate():
    """A connection without a client certificate has no field."""
    assert read_client_cert([], [], peer_trusted=True) is None


@pytest.mark.attack
def test_an_injected_second_field_is_refused(rfc9440):
    """Section 2.2 and 4: what a client smuggled past the proxy comes twice, as a list, or as a chain alone."""
    good = rfc9440["client_cert"]
    for fields, chain in (
        ([good, good], []),
        ([f"{good}, {good}"], []),
        ([], [good]),
        ([good], [good] * 11),
        ([good], [", ".join([good] * 11)]),
    ):
        with pytest.raises(ProofRefused) as refused:
            read_client_cert(fields, chain, peer_trusted=True)
        assert refused.value.code == "invalid_request"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "::",
        ":",
        ":A:",
        ":AA",
        "AAAA",
        '"AAAA"',
        ":AA AA:",
        ":AAAA:;a=1",
        ":AA-_:",
        ":%41:",
        ":AAAA====:",
        ":" + "A" * 30000 + ":",
    ],
)
def test_only_a_byte_sequence_is_read(value):
    """RFC 8941 section 3.3.5; PEM in percent-encoding (other proxies' headers) is not this field."""
    with pytest.raises(ProofRefused) as refused:
        read_client_cert([value], [], peer_trusted=True)
    assert refused.value.code == "invalid_request"


def test_missing_padding_is_forgiven(rfc9440):
    """RFC 8941 section 4.2.7: "parsers SHOULD NOT fail" when padding is not there."""
    value = rfc9440["client_cert"].replace("=", "")
    assert read_client_cert([value], [], peer_trusted=True)


@given(st.lists(st.text(max_size=30), max_size=3), st.lists(st.text(max_size=30), max_size=3))
def test_any_fields_are_read_or_refused(fields, chain):
    """No header makes reading raise anything but its own error."""
    with suppress(ProofRefused):
        assert read_client_cert(fields, chain, peer_trusted=True) is None
