"""Request objects by reference: shared, kept for a moment, bounded, and what their address says they are."""

from __future__ import annotations

import asyncio

import pytest

from idp.egress import RequestObjects, fetching
from idp.egress.request_objects import hash_of
from tests.idp_egress.servers import HOST, Web, answering, egress_to, serving
from web.egress import EgressFailed, EgressRefused

URI = "https://client.example/object.jwt"
TEXT = "aaa.bbb.ccc"


class Site:
    """A client's address and how often it was asked."""

    def __init__(self, body: bytes = TEXT.encode()) -> None:
        self.body = body
        self.error: Exception | None = None
        self.asked: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, url: str) -> bytes:
        """Fetch."""
        self.asked.append(url)
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return self.body


class Clock:
    """A clock that moves when told."""

    now = 1000.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


async def test_a_reference_is_asked_again_after_a_moment() -> None:
    """Core 6.2: without a hash the content may change at any time; a visitor cannot make us ask in between."""
    site, clock = Site(), Clock()
    objects = RequestObjects(site, now=clock)
    assert [await objects.get(URI, None) for _ in range(3)] == [TEXT] * 3
    assert site.asked == [URI]
    clock.now += 5
    site.body = b"new.new.new"
    assert await objects.get(URI, None) == "new.new.new"


async def test_a_reference_that_names_its_hash_is_kept() -> None:
    """Core 6.2: the fragment is the base64url SHA-256 of the content; it is not sent, and it must be true."""
    site, clock = Site(), Clock()
    objects = RequestObjects(site, now=clock)
    named = hash_of(TEXT.encode())
    uri = f"{URI}#{named}"
    assert await objects.get(uri, named) == TEXT
    clock.now += 299
    assert await objects.get(uri, named) == TEXT
    assert site.asked == [URI]
    site.body = b"changed"
    clock.now += 1
    assert await objects.get(uri, named) is None
    assert await objects.get(f"{URI}#{'x' * 43}", "x" * 43) is None


@pytest.mark.attack
@pytest.mark.parametrize("error", [EgressRefused("address"), EgressFailed("timeout")])
async def test_a_failure_is_remembered_for_a_moment(error: Exception) -> None:
    """Attack 33: a dead or forbidden address is not asked by every visit."""
    site, clock = Site(), Clock()
    site.error = error
    objects = RequestObjects(site, now=clock)
    assert await objects.get(URI, None) is None
    site.error = None
    assert await objects.get(URI, None) is None
    clock.now += 5
    assert await objects.get(URI, None) == TEXT
    assert len(site.asked) == 2


async def test_visitors_share_one_fetch_and_none_spoils_it() -> None:
    """A hundred visits at once are one fetch; whoever goes away takes nothing from the others."""
    site = Site()
    site.gate.clear()
    objects = RequestObjects(site)
    visits = [asyncio.create_task(objects.get(URI, None)) for _ in range(100)]
    await asyncio.sleep(0)
    visits[0].cancel()
    site.gate.set()
    answers = await asyncio.gather(*visits, return_exceptions=True)
    assert answers[1:] == [TEXT] * 99
    assert site.asked == [URI]


async def test_what_is_no_ascii_is_nothing() -> None:
    """A JWT is ASCII; other bytes never become text."""
    assert await RequestObjects(Site(b"\xff.\x00.x")).get(URI, None) is None


async def test_the_memory_is_bounded() -> None:
    """Many addresses push out the oldest."""
    site = Site()
    objects = RequestObjects(site, most=2)
    for place in range(3):
        await objects.get(f"{URI}?{place}", None)
    await objects.get(f"{URI}?0", None)
    assert len(site.asked) == 4


@pytest.mark.attack
@pytest.mark.parametrize("kind", ["application/json", "text/html"])
async def test_through_the_guard_only_request_objects_come_back(web: Web, kind: str) -> None:
    """Attack 33, RFC 9101 section 5.2.3: the media type says what it is; everything else is refused."""
    answer = answering(TEXT.encode(), kind="application/oauth-authz-req+jwt")
    async with serving(answer, web.context(HOST)) as server, egress_to(server, web) as (egress, _):
        objects = RequestObjects(fetching(egress))
        assert await objects.get(f"https://{HOST}/object.jwt", None) == TEXT
        await objects.aclose()
    other = answering(TEXT.encode(), kind=kind)
    async with serving(other, web.context(HOST)) as server, egress_to(server, web) as (egress, _):
        assert await RequestObjects(fetching(egress)).get(f"https://{HOST}/object.jwt", None) is None
