"""The e-ID app's server: a shell that knows nobody, a strict policy, and consents of the person of the token."""

from __future__ import annotations

import re

import pytest

from tests.clients.conftest import LAN, Start
from tests.clients.provider import ISSUER

ADDRESS = re.compile(r"const SHELL = (\[[^\]]*\]);")


async def test_the_shell_names_nobody(start: Start) -> None:
    """What a phone keeps for times without network is the same for everybody, signed in or not."""
    app = await start("eid_app")
    worker = await app.http.get("/worker.js")
    kept = ADDRESS.search(worker.text)
    assert kept is not None
    addresses = re.findall(r'"([^"]+)"', kept[1])
    assert addresses[0] == "/offline"
    assert all(each.startswith("/static/") for each in addresses[1:])
    strangers = (await app.http.get("/offline")).text
    await app.sign_in(LAN)
    own = (await app.http.get("/offline")).text
    assert "Lan" not in own
    assert re.sub(r'csrf_token[^>]+|nonce="[^"]+"', "", own) == re.sub(
        r'csrf_token[^>]+|nonce="[^"]+"', "", strangers
    )
    for each in addresses:
        assert (await app.http.get(each)).status_code == 200, each
    assert "set-cookie" not in (await app.http.get("/worker.js")).headers


async def test_the_app_may_ask_its_provider_and_nobody_else(start: Start) -> None:
    """CSP Level 3: scripts by nonce, one foreign origin to ask, no frame around; the camera on this page alone."""
    app = await start("eid_app")
    page = await app.http.get("/")
    policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
    assert policy["connect-src"] == f"'self' {ISSUER}"
    assert policy["worker-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["script-src"].startswith("'nonce-")
    assert "camera=(self)" in page.headers["permissions-policy"]
    other = await app.http.get("/offline")
    assert "camera=()" in other.headers["permissions-policy"]
    assert "worker-src" not in other.headers["content-security-policy"]


async def test_the_app_can_be_installed(start: Start) -> None:
    """W3C Web Application Manifest: name, start, icon of our own, in the reader's language."""
    app = await start("eid_app")
    manifest = (await app.http.get("/manifest.webmanifest?lang=en")).json()
    assert (manifest["name"], manifest["display"], manifest["start_url"]) == ("e-ID app", "standalone", "/")
    icon = await app.http.get(manifest["icons"][0]["src"])
    assert (icon.status_code, icon.headers["content-type"]) == (200, "image/svg+xml")


async def test_no_key_is_made_without_a_challenge(start: Start) -> None:
    """Whoever opens the page of the PIN by itself is sent to sign in first."""
    app = await start("eid_app")
    answer = await app.http.get("/enrol/key")
    assert (answer.status_code, answer.headers["location"]) == (303, "/enrol")


async def test_consents_are_the_persons_own(start: Start) -> None:
    """The registry's list for the person of the token; a dossier that asks somebody else is nobody's to answer."""
    app = await start("eid_app")
    assert app.app.state.consent_channel == "app"
    assert (await app.http.get("/consents")).status_code == 303
    await app.sign_in(LAN)
    assert (await app.http.get("/consents")).status_code == 200
    assert (await app.http.get("/consents/G01.899.05-261121-010042")).status_code == 404


@pytest.mark.attack
async def test_no_other_site_answers_a_consent(start: Start) -> None:
    """Attack 43: without the form's own token nothing is asked of the registry."""
    app = await start("eid_app")
    await app.sign_in(LAN)
    forged = await app.http.post(
        "/consents/G01.899.05-261121-010042", data={"role": "owner", "answer": "yes"}
    )
    assert forged.status_code == 403
