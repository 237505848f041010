"""The registry with its officers appointed, and browsers in which one of them is signed in."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import httpx2
import pytest

from population_registry.console.desk import sealed_tokens
from population_registry.console.party import Tokens
from population_registry.officers import _cast
from population_registry.storage import console_sessions
from population_registry.storage.officers import appoint
from tests.registry_api.conftest import (  # fixtures that pytest finds by their names here
    PERSONAS,
    REGISTRY,
    Registry,
    authority,
    budget_clean,
    dossier_database,
    key_rings,
    own_authority,
    persona_database,
    pristine_authority,
    registry,
    saturday,
    start,
)

__all__ = [
    "authority",
    "budget_clean",
    "dossier_database",
    "key_rings",
    "own_authority",
    "persona_database",
    "pristine_authority",
    "registry",
    "saturday",
    "start",
]
CASE = "G01.899.05-261121-010042"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


HANDLE = re.compile(r'name="person" value="([0-9a-f]+)"')


def handle_on(page: httpx2.Response) -> str:
    """The handle of the person whom a page shows."""
    found = HANDLE.search(page.text)
    assert found is not None, page.text[:300]
    return found[1]


class Desk(httpx2.AsyncClient):
    """A browser at the console: keeps cookies, follows nothing, sends forms as our pages would."""

    async def send_form(self, path: str, **fields: str | Sequence[str]) -> httpx2.Response:
        """Post a form of a page that was just opened."""
        page = await self.get("/console")
        token = TOKEN.search(page.text)
        assert token is not None, page.text[:300]
        return await self.post(path, data={"csrf_token": token[1], **fields})

    async def take(self, purpose: str = "residence_dossier", case: str = CASE) -> None:
        """Begin an errand."""
        taken = await self.send_form("/console/errand", purpose=purpose, case=case)
        assert taken.status_code == 303, taken.text


Sit = Callable[[str], Awaitable[Desk]]


@pytest.fixture
async def sit(registry: Registry) -> AsyncIterator[Sit]:
    """Sits an officer down: their id gives a browser with a living session."""
    opened: list[Desk] = []
    console = registry.app.state.console
    async with console.database.pool() as pool:
        await appoint(pool, tuple(_cast(PERSONAS)), registry.clock())

    async def seated(officer_id: str) -> Desk:
        transport = httpx2.ASGITransport(registry.app, raise_app_exceptions=False)
        desk = Desk(transport=transport, base_url=REGISTRY, headers={"accept-language": "vi"})
        cookie = console_sessions.new_cookie()
        sealed = sealed_tokens(
            console, console_sessions.digest_of(cookie), Tokens("x.y.z", f"at-{officer_id}", 4_000_000_000)
        )
        async with console.database.pool() as pool:
            await console_sessions.start(
                pool,
                cookie,
                officer_id,
                subject=f"sub-{officer_id}",
                sid=f"sid-{officer_id}",
                sealed=sealed,
                now=registry.clock(),
                replaces=None,
            )
        desk.cookies.set(console.cookie, cookie)
        opened.append(desk)
        return desk

    yield seated
    for desk in opened:
        await desk.aclose()
