"""Which addresses are public, and which URLs lead anywhere at all."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.egress import LOOPBACK, AllowedOrigin, EgressPolicy, EgressRefused
from web.egress.addresses import is_public
from web.egress.targets import Target, read_target

STRICT = EgressPolicy()
DEMO = EgressPolicy(allowed=LOOPBACK)


@pytest.mark.parametrize("address", ["93.184.215.14", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001::1"])
def test_public_addresses(address):
    """Addresses of the Internet pass."""
    assert is_public(address)


@pytest.mark.attack
@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.9.9.9", "169.254.169.254", "172.16.0.1",
        "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.7",
        "203.0.113.9", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "::", "::1", "::7f00:1",
        "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:93.184.215.14", "64:ff9b::7f00:1", "64:ff9b:1::a00:1",
        "100::1", "2001::1", "2001:0:7f00:1::", "2001:10::1", "2001:db8::1", "2002:7f00:1::1", "2002:a00:1::",
        "3fff::1", "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "2606:4700::1%lo", "fec0::1",
        "ff02::1", "4000::1", "", "localhost", "127.1", "0x7f000001", "2130706433", "127.0.0.01",
    ],
)  # a table, read by rows  # fmt: skip
def test_addresses_that_are_not_public(address):
    """RFC 6890 and every form of an IPv4 address within IPv6 (logto#9249, Keycloak CVE-2026-1180)."""
    assert not is_public(address)


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:0:0", "64:ff9b::", "64:ff9b:1::", "2002::", "::"]))
def test_no_ipv4_address_hides_in_ipv6(address, prefix):
    """Whatever IPv4 address is wrapped: the wrapping is refused."""
    shift = 80 if prefix == "2002::" else 0
    wrapped = ipaddress.IPv6Address(int(ipaddress.IPv6Address(prefix)) | int(address) << shift)
    assert not is_public(str(wrapped))


def refused(url: str, policy: EgressPolicy = STRICT) -> str:
    """Why a URL is refused."""
    with pytest.raises(EgressRefused) as found:
        read_target(url, policy)
    return found.value.reason


def test_a_url_in_one_spelling():
    """RFC 3986 section 6.2: scheme and host have no case; the path does."""
    target = read_target("HTTPS://Client.Example/Keys?v=1", STRICT)
    assert target == Target("https", "client.example", 443, "/Keys?v=1")
    assert target.url == "https://client.example:443/Keys?v=1"
    assert read_target("https://[2606:4700::1111]", STRICT).url == "https://[2606:4700::1111]:443/"


@pytest.mark.attack
@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("file:///etc/passwd", "url"),
        ("gopher://client.example/", "scheme"),
        ("ftp://client.example/keys", "scheme"),
        ("http://client.example/keys", "scheme"),
        ("javascript:alert(1)", "url"),
        ("data:application/json,{}", "url"),
        ("https://client.example:8443/", "port"),
        ("https://client.example:22/", "port"),
        ("https://client.example:0/", "port"),
        ("https://client.example:99999/", "port"),
        ("https://user@client.example/", "url"),
        ("https://client.example@10.0.0.1/", "url"),
        ("https://client.example\\@10.0.0.1/", "url"),
        ("https://client.example/#@10.0.0.1", "url"),
        ("https://client.example/a b", "url"),
        ("https://client.example/\r\nHost: x", "url"),
        ("https://client.example\t/", "url"),
        ("https://clíent.example/", "url"),
        ("https://127.1/", "host"),
        ("https://0x7f.1/", "host"),
        ("https://2130706433/", "host"),
        ("https://0177.0.0.1/", "host"),
        ("https://1.2.3.4.5/", "host"),
        ("https://[::1%25lo]/", "url"),
        ("https://[1::2::3]/", "host"),
        ("https://localhost/", "host"),
        ("https://10.0.0.8/", "address"),
        ("https://169.254.169.254/latest/meta-data", "address"),
        ("https://[::ffff:127.0.0.1]/", "address"),
        ("https://intranet/", "host"),
        ("https://db.internal/", "host"),
        ("https://printer.local/", "host"),
        ("https://a.localhost/", "host"),
        ("https://client.example./", "host"),
        ("https://-client.example/", "host"),
        ("https://client..example/", "host"),
        ("https:///keys", "url"),
        ("https://client.example/" + "a" * 2048, "url"),
        ("", "url"),
    ],
)
def test_urls_that_lead_nowhere(url, reason):
    """pyjwt#1169 (file:), CVE-2020-10770 and parser differentials: one strict reading, before any look-up."""
    assert refused(url) == reason


def test_only_what_is_named_is_allowed():
    """A deployment names origins: scheme, host and port; the demo names loopback."""
    assert read_target("http://localhost:8201/logout", DEMO).port == 8201
    assert read_target("http://[::1]:9/", DEMO).host == "::1"
    partner = EgressPolicy(allowed=(AllowedOrigin.parse("https://keys.internal:8443"),))
    assert read_target("https://keys.internal:8443/", partner)
    assert partner.allows_private("keys.internal", 8443)
    assert not partner.allows_private("keys.internal", 443)
    assert refused("https://keys.internal/", partner) == "host"
    assert refused("http://keys.internal:8443/", partner) == "scheme"
    for port in (0, 65536, 99999):
        assert refused(f"http://localhost:{port}/", DEMO) == "port"
    assert refused("http://localhost.evil.example:8201/", DEMO) == "scheme"
    for text in ("localhost", "http://localhost/", "HTTP://localhost", "http://*:80", "http://localhost:**"):
        with pytest.raises(ValueError, match="not an origin"):
            AllowedOrigin.parse(text)


@given(st.text(max_size=80) | st.from_regex(r"https?://[a-zA-Z0-9.:@\[\]%/\\-]{0,40}", fullmatch=True))
def test_any_text_is_a_target_or_refused(url):
    """Nothing that a client registers makes reading raise anything else, and http never passes unnamed."""
    try:
        target = read_target(url, STRICT)
    except EgressRefused:
        return
    assert (target.scheme, target.port) == ("https", 443)
