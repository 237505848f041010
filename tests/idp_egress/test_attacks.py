"""Server-side request forgery, number 33 of the attack list: every address a client may register, one by one."""

from __future__ import annotations

import pytest

from tests.idp_egress.servers import HOST, PUBLIC, Names, answering, egress_to, serving
from web.egress import Egress, EgressPolicy, EgressRefused

URL = f"https://{HOST}/"
INSIDE = [
    "127.0.0.1",
    "10.1.2.3",
    "169.254.169.254",
    "::1",
    "fd00::1",
    "::ffff:192.168.0.1",
    "64:ff9b::a00:1",
]


def fetches(egress: Egress, url: str):
    """Every way in which a client's metadata makes us talk, with the advisory of a peer that talked too freely."""
    return {
        "jwks_uri, Keycloak CVE-2026-1180 and #51219": lambda: egress.get_json(url),
        "request_uri, Keycloak CVE-2020-10770": lambda: egress.get(url, accept={"application/jwt"}),
        "sector_identifier_uri, Keycloak CVE-2026-4366": lambda: egress.get_json(url),
        "logo_uri, MITREid CVE-2021-26715": lambda: egress.get(url, accept={"image/png"}),
        "back-channel logout, Keycloak CVE-2026-4874": lambda: egress.post_form(url, {"logout_token": "x"}),
        "CIBA notification, Keycloak CVE-2026-1518": lambda: egress.post_json(url, {}, bearer="x"),
    }


@pytest.mark.attack
@pytest.mark.parametrize("address", INSIDE)
async def test_no_registered_name_leads_inside(web, address):
    """A name in front of a private address, alone or hidden behind a public one.

    CVE-2026-1180, CVE-2020-10770, CVE-2026-4366, CVE-2021-26715, CVE-2026-4874, CVE-2026-1518.
    """
    async with serving(answering(b"{}"), web.context(HOST)) as server:
        for answer in ([address], [PUBLIC, address], [address, PUBLIC]):
            async with egress_to(server, web, names=Names(answer)) as (egress, wires):
                for act in fetches(egress, URL).values():
                    with pytest.raises(EgressRefused) as refused:
                        await act()
                    assert refused.value.reason == "address"
                assert wires.connected == []
        assert server.seen == []


@pytest.mark.attack
@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://100.100.100.200/",
        "https://localhost/",
        "https://kubernetes.default.svc.internal/",
        "http://client.example/",
        "file:///etc/passwd",
        "https://client.example:6379/",
        "https://2130706433/",
    ],
)
async def test_no_registered_address_leads_inside(web, url):
    """The same six ways with the address itself; `file:` is pyjwt#1169, the port is another service's."""
    async with serving(answering(b"{}"), web.context(HOST)) as server:
        names = Names([url.partition("//")[2].strip("[]/")])
        async with egress_to(server, web, names=names) as (egress, wires):
            for act in fetches(egress, url).values():
                with pytest.raises(EgressRefused):
                    await act()
            assert wires.connected == []


@pytest.mark.attack
async def test_rebinding_changes_nothing(web):
    """DNS rebinding: the second answer is private; each connection is made to the one answer that was judged."""
    names = Names([PUBLIC], ["127.0.0.1"])
    async with (
        serving(answering(b"{}"), web.context(HOST)) as server,
        egress_to(server, web, names=names) as (egress, wires),
    ):
        assert await egress.get_json(URL) == {}
        assert names.asked == [HOST]
        assert wires.connected == [(PUBLIC, 443)]
        with pytest.raises(EgressRefused) as refused:
            await egress.get_json(URL)
        assert refused.value.reason == "address"
        assert wires.connected == [(PUBLIC, 443)]


@pytest.mark.attack
@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"]
)
@pytest.mark.parametrize(
    "location", ["https://127.0.0.1/", "http://169.254.169.254/", "/elsewhere", "file:///etc/passwd"]
)
async def test_redirects_lead_nowhere(web, status, location):
    """Keycloak CVE-2026-4366: what was checked is what is fetched; a redirect is an answer we do not take."""
    handler = answering(b"{}", f"Location: {location}", status=status)
    async with serving(handler, web.context(HOST)) as server, egress_to(server, web) as (egress, wires):
        with pytest.raises(EgressRefused) as refused:
            await egress.get_json(URL)
        assert refused.value.reason == "redirect"
        assert len(server.seen) == len(wires.connected) == 1


@pytest.mark.attack
async def test_allowing_one_name_allows_no_other():
    """A deployment that names one origin stays closed for its neighbours (Keycloak CVE-2026-1180, default on)."""
    policy = EgressPolicy()
    async with Egress(policy, look_up=Names(["127.0.0.1"])) as egress:
        with pytest.raises(EgressRefused):
            await egress.get_json(URL)
