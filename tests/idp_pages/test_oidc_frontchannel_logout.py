"""OpenID Connect Front-Channel Logout 1.0: the rule, the page's policy, and two portals in a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from joserfc.util import urlsafe_b64decode
from orjson import loads
from playwright.async_api import Page

from idp.domain.session import Participant
from idp.protocol import oidc_pairwise
from idp.protocol.oidc_frontchannel_logout import MOST_FRAMES, frames
from idp.settings import Settings
from tests.browser import assert_accessible
from tests.idp_pages.in_a_browser import Served, provider_at, sign_in
from tests.idp_pages.portal_in_a_browser import Portal, portal_at
from tests.idp_protocol.world import ISSUER, POLICY

URI = "https://portal.example/out?kept=1"


def test_each_client_that_took_part_and_registered_gets_one_frame() -> None:
    """Section 2: the registered address, with iss and the client's own sid; a query stays."""
    taking_part = (
        Participant("portal", "s", "g1"),
        Participant("portal", "s", "g2"),
        Participant("silent", "s", "g3"),
    )
    (made,) = frames(taking_part, {"portal": URI, "absent": URI}, "session-1", POLICY)
    sid = oidc_pairwise.session_identifier("portal", "session-1", POLICY)
    assert made == f"{URI}&iss={ISSUER.replace(':', '%3A').replace('/', '%2F')}&sid={sid}"


@pytest.mark.attack
@pytest.mark.parametrize("uri", ["javascript:alert(1)", "data:text/html,x", "JavaScript:x", "//evil.example"])
def test_a_script_is_no_address(uri: str) -> None:
    """Keycloak CVE-2026-9086: rendered addresses are judged again, whoever registered them."""
    assert frames((Participant("portal", "s", "g"),), {"portal": uri}, "session-1", POLICY) == ()


def test_a_page_has_only_so_many_frames() -> None:
    """A bound on what one sign-out makes a browser load."""
    many = tuple(Participant(f"c{each}", "s", f"g{each}") for each in range(100))
    registered = {each.client_id: URI for each in many}
    assert len(frames(many, registered, "session-1", POLICY)) == MOST_FRAMES


@pytest.fixture
async def served(provider_settings: Settings, unused_tcp_port: int) -> AsyncIterator[Served]:
    """A provider for browsers."""
    async with provider_at(provider_settings, unused_tcp_port) as made:
        yield made


@pytest.fixture
async def portals(served: Served) -> AsyncIterator[tuple[Portal, Portal, Portal]]:
    """Two portals that hear of the end in frames, and one that does not."""
    async with (
        portal_at(served.issuer, "first") as first,
        portal_at(served.issuer, "second") as second,
        portal_at(served.issuer, "third") as third,
    ):
        for each in (first, second):
            await served.register(each.client(frontchannel_logout_uri=f"{each.origin}/frontchannel"))
        await served.register(third.client())
        yield first, second, third


async def entered(page: Page, *portals: Portal) -> None:
    """Sign in at the first portal and go on to the others."""
    for place, portal in enumerate(portals):
        await page.goto(portal.visit())
        if place == 0:
            await sign_in(page)
        await page.wait_for_url(f"{portal.origin}/callback")


def claims(token: str) -> dict[str, object]:
    """What a token says; its signature is judged elsewhere."""
    found: dict[str, object] = loads(urlsafe_b64decode(token.split(".")[1].encode()))
    return found


async def test_every_portal_hears_and_the_person_goes_on(
    page: Page, served: Served, portals: tuple[Portal, Portal, Portal]
) -> None:
    """Section 2, RP-Initiated Logout 3: frames with iss and sid load, then the person is back with the state."""
    first, second, third = portals
    await entered(page, first, second, third)
    hint = first.answers[-1]["id_token"]
    back = f"{first.origin}/bye"
    response = await page.goto(
        f"{served.issuer}/logout?id_token_hint={hint}&post_logout_redirect_uri={back}&state=st%201",
        wait_until="commit",
    )
    assert response is not None
    policy = response.headers["content-security-policy"]
    assert f"frame-src {first.origin} {second.origin};" in policy or (
        f"frame-src {second.origin} {first.origin};" in policy
    )
    await page.wait_for_url(f"{back}?state=st+1")
    for portal in (first, second):
        said = claims(portal.answers[-1]["id_token"])
        assert portal.ended == [{"iss": served.issuer, "sid": said["sid"]}]
        assert portal.framed_by == ["iframe"]
    assert first.ended != second.ended
    assert third.ended == []
    await page.goto(first.visit(prompt="none"))
    await page.wait_for_url(f"{first.origin}/callback")
    assert first.answers[-1]["error"] == "login_required"


async def test_without_an_address_to_go_back_to_the_page_stays(
    page: Page, served: Served, portals: tuple[Portal, Portal, Portal]
) -> None:
    """Section 2: the signed-out page itself carries the frames; it is as accessible as every page."""
    first, second, _ = portals
    await entered(page, first)
    await page.goto(f"{served.issuer}/logout")
    await page.click("form[action='/logout'] button[type=submit]")
    await page.wait_for_load_state("networkidle")
    assert len(first.ended) == 1
    assert second.ended == []
    await assert_accessible(page)
    # Nothing is said twice: who reloads is signed out already.
    await page.goto(f"{served.issuer}/logout")
    await page.wait_for_url("**/signed-out")
    assert len(first.ended) == 1


async def test_a_disabled_client_is_not_loaded(
    page: Page, served: Served, portals: tuple[Portal, Portal, Portal]
) -> None:
    """A client that was switched off meanwhile gets no frame, and the page's policy does not name it."""
    first, _, _ = portals
    await entered(page, first)
    registered = first.client(frontchannel_logout_uri=f"{first.origin}/frontchannel")
    await served.register(replace(registered, disabled=True))
    await page.goto(f"{served.issuer}/logout")
    await page.click("form[action='/logout'] button[type=submit]")
    await page.wait_for_url("**/signed-out")
    assert first.ended == []
