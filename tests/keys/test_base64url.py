"""Base64url has one spelling per value."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import base64url


@given(st.binary(max_size=100))
def test_round_trip(data):
    """The encoding is the standard library's without padding (RFC 7515 appendix C), and decodes to itself."""
    assert base64url.encode(data) == base64.urlsafe_b64encode(data).rstrip(b"=")
    assert base64url.decode(base64url.encode(data)) == data


@given(st.binary(max_size=12) | st.text(alphabet="AQgw=+/-_ \n", max_size=9).map(str.encode))
def test_one_spelling(text):
    """Whatever decodes is the one spelling of its value; everything else is refused (RFC 4648 section 3.5)."""
    try:
        data = base64url.decode(text)
    except ValueError:
        return
    assert base64url.encode(data) == text


@pytest.mark.parametrize(
    "text", [b"A", b"AB", b"AAB", b"AA==", b"A+", b"A/", b"AA\n", b"=", b"AAAA=", b"\x00", b"AAAAA"]
)
def test_refused(text):
    """Padding, the other alphabet, white space, impossible lengths and unused bits are refused."""
    with pytest.raises(ValueError):  # noqa: PT011 - binascii's own or ours
        base64url.decode(text)
