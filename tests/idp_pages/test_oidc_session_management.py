"""OpenID Connect Session Management 1.0: the rule, the page, and both with a portal in a real browser."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from playwright.async_api import Page

from idp.domain.authorization import AuthorizationRequest
from idp.endpoints.check_session import page as check_session_page
from idp.protocol.oidc_session_management import browser_state, origin, session_state, takes_part
from idp.settings import Settings
from tests.browser import serving
from tests.idp_pages.in_a_browser import HOA, LAN, Served, provider_at, sign_in
from tests.idp_pages.portal_in_a_browser import Portal, portal_at
from tests.idp_protocol.world import CLIENT, POLICY


@pytest.fixture
async def served(provider_settings: Settings, unused_tcp_port: int) -> AsyncIterator[Served]:
    """A provider for browsers."""
    async with provider_at(provider_settings, unused_tcp_port) as made:
        yield made


@pytest.fixture
async def portal(served: Served) -> AsyncIterator[Portal]:
    """A portal that watches the session."""
    async with portal_at(served.issuer, "watcher") as made:
        await served.register(made.client())
        yield made


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("https://Portal.EXAMPLE/cb?x=1", "https://portal.example"),
        ("https://portal.example:443/cb", "https://portal.example"),
        ("http://localhost:80/", "http://localhost"),
        ("http://localhost:8201/callback", "http://localhost:8201"),
        ("http://[::1]:9/cb", "http://[::1]:9"),
        ("com.example.app:/cb", ""),
        ("https:/nothing", ""),
    ],
)
def test_origins_are_written_as_browsers_write_them(uri: str, expected: str) -> None:
    """Section 3.2: the page compares with ``e.origin`` (RFC 6454 section 6.2)."""
    assert origin(uri) == expected


def test_the_session_state_is_that_of_the_specification() -> None:
    """Section 3.2: SHA-256 of client, origin, browser state and salt, with spaces between, then the salt."""
    made = session_state("portal", "https://portal.example/cb", "state", "salt")
    expected = hashlib.sha256(b"portal https://portal.example state salt").hexdigest()
    assert made == f"{expected}.salt"
    assert " " not in made


def test_the_browser_state_says_nothing_and_belongs_to_one_session() -> None:
    """Section 3.2: unguessable, another one for another session, and none of our secrets or sids."""
    one, other = browser_state("session-1", POLICY), browser_state("session-2", POLICY)
    assert one != other
    assert len(one) == 64
    assert "session-1" not in one
    assert one != browser_state("session-1", replace(POLICY, pairwise_salt=b"other"))


def test_who_takes_part() -> None:
    """Section 2: answers to openid requests at web origins; a FAPI client's answers stay as its profile has them."""
    request = AuthorizationRequest("portal", "https://portal.example/cb")
    assert takes_part(request, CLIENT)
    assert not takes_part(replace(request, scopes=("profile",)), CLIENT)
    assert not takes_part(replace(request, redirect_uri="com.example.app:/cb"), CLIENT)
    assert not takes_part(request, replace(CLIENT, fapi2_profile="security"))


def test_the_page_runs_its_one_script_and_nothing_else() -> None:
    """Section 3.2: framed by anybody, hence a policy that allows this very script, by its hash, and no fetch."""
    headers = dict(check_session_page("name").headers)
    policy = headers[b"content-security-policy"].decode()
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "frame-ancestors" not in policy
    assert "unsafe" not in policy


def test_over_https_frames_of_other_sites_bring_the_cookie(provider_settings: Settings) -> None:
    """Section 3.2: the page is a third party's frame; without https there is no such cookie (RFC 6265bis 5.6)."""
    (plain,) = provider_settings.browser_state("s" * 43, {})
    (secure,) = replace(provider_settings, public_url="https://id.example").browser_state("s" * 43, {})
    assert "SameSite=Lax" in plain
    assert secure.startswith("__Host-")
    assert secure.endswith("; SameSite=None; Secure")
    assert provider_settings.browser_state("s", {provider_settings.browser_state_cookie: "s"}) == ()
    assert provider_settings.browser_state("", {}) == ()


async def asked(page: Page, message: str) -> str:
    """What the provider's frame answers."""
    answer: str = await page.evaluate("(message) => ask(message)", message)
    return answer


async def test_a_portal_sees_the_session_end_and_another_person_come(
    page: Page, served: Served, portal: Portal
) -> None:
    """Section 3: unchanged while the session lives, changed when it ended or is somebody else's."""
    await page.goto(portal.visit())
    await sign_in(page)
    await page.wait_for_url(f"{portal.origin}/callback")
    state = portal.answers[-1]["session_state"]
    assert await asked(page, f"watcher {state}") == "unchanged"
    # 3.2: "if message is syntactically invalid: postMessage('error', e.origin)".
    for broken in ("", "watcher", "watcher x.y", f"watcher {state} more", f"watcher {state[:-1]}é"):
        assert await asked(page, broken) == "error"
    assert await asked(page, f"other {state}") == "changed"
    flipped = ("0" if state[0] != "0" else "1") + state[1:]
    assert await asked(page, f"watcher {flipped}") == "changed"

    # The same person proves themselves again: the session goes on.
    other = await page.context.new_page()
    await other.goto(portal.visit(prompt="login"))
    await sign_in(other)
    await other.wait_for_url(f"{portal.origin}/callback")
    assert await asked(page, f"watcher {state}") == "unchanged"

    await other.goto(f"{served.issuer}/logout")
    await other.click("form[action='/logout'] button[type=submit]")
    await other.wait_for_url("**/signed-out")
    assert await asked(page, f"watcher {state}") == "changed"

    await other.goto(portal.visit(prompt="none"))
    await other.wait_for_url(f"{portal.origin}/callback")
    assert portal.answers[-1]["error"] == "login_required"
    assert "session_state" not in portal.answers[-1]

    await other.goto(portal.visit())
    await sign_in(other, HOA)
    await other.wait_for_url(f"{portal.origin}/callback")
    assert await asked(page, f"watcher {state}") == "changed"
    assert await asked(other, f"watcher {portal.answers[-1]['session_state']}") == "unchanged"


@pytest.mark.attack
async def test_another_site_learns_nothing_with_a_stolen_state(
    page: Page, served: Served, portal: Portal
) -> None:
    """Section 5 and attack 44: the origin of who asks is part of the hash, and only one cookie is readable."""
    await page.goto(portal.visit())
    await sign_in(page, LAN)
    await page.wait_for_url(f"{portal.origin}/callback")
    state = portal.answers[-1]["session_state"]
    (frame,) = [each for each in page.frames if each.url == f"{served.issuer}/session/check"]
    readable: str = await frame.evaluate("document.cookie")
    assert [part.partition("=")[0] for part in readable.split("; ")] == ["dinhdanh_idp_browser_state"]
    async with serving(portal.app()) as elsewhere:
        await page.goto(f"{elsewhere}/callback?code=stolen")
        assert await asked(page, f"watcher {state}") == "changed"
