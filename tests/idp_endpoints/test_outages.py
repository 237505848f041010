"""A store goes away in the middle: 503 with Retry-After, nothing issued, and work goes on without a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from demo.embedded import EmbeddedPostgres, EmbeddedRedis, running
from tests.idp_endpoints.conftest import furnish, served
from tests.idp_endpoints.people import AN
from tests.idp_endpoints.provider import Provider, answer_of, basic

pytestmark = pytest.mark.engine


class Switch:
    """An engine that is turned off and on."""

    def __init__(self, engine: EmbeddedPostgres | EmbeddedRedis) -> None:
        self.engine = engine
        self._running = running(engine)
        self._running.__enter__()

    def off(self) -> None:
        """Stop the server."""
        self._running.__exit__(None, None, None)

    def on(self) -> None:
        """Start it again on the same data."""
        self._running = running(self.engine)
        self._running.__enter__()


@contextmanager
def switched(engine: EmbeddedPostgres | EmbeddedRedis) -> Iterator[Switch]:
    """A running engine with its switch; it is on when the test leaves."""
    switch = Switch(engine)
    try:
        yield switch
    finally:
        switch.off()


def is_unavailable(response: httpx2.Response) -> None:
    """RFC 9110 15.6.4."""
    assert response.status_code == 503, response.text
    assert int(response.headers["retry-after"]) > 0
    assert "access_token" not in response.text


async def eventually_works(provider: Provider) -> None:
    """A whole flow succeeds again, within the time that a reconnection may take.

    A store that was emptied refuses, for ten seconds of clock tolerance, whatever it may have forgotten.
    """
    async with asyncio.timeout(300):
        while not await works(provider):  # noqa: ASYNC110 - a server comes back when it does
            await asyncio.sleep(0.25)


async def works(provider: Provider) -> bool:
    """Whether a whole flow succeeds."""
    browser = provider.browser()
    response = await browser.authorize()
    if response.status_code != 303:
        return False
    page = await browser.http.get(response.headers["location"])
    if page.status_code != 200:
        return False
    answer = await browser.sign_in(AN, response)
    return answer.status_code == 303 and (await provider.redeem(answer_of(answer)["code"])).status_code == 200


@pytest.mark.attack
async def test_redis_goes_and_comes_back(
    make_database: object, engines_folder: Path, endpoint_keys: Path
) -> None:
    """Fail closed: no code is redeemed while or after the store of spent items was lost (attacks 59)."""
    database = await make_database("idp_without_redis")  # type: ignore[operator]  # the fixture's callable
    with switched(EmbeddedRedis(engines_folder / "redis-outage", durable=False)) as switch:
        async with served(database, switch.engine.url(), endpoint_keys) as provider:
            browser = provider.browser()
            code = await browser.code(AN)
            tokens = (await provider.redeem(await browser.code(AN))).json()
            switch.off()
            is_unavailable(await provider.redeem(code))
            is_unavailable(await provider.userinfo(tokens["access_token"]))
            is_unavailable(await browser.authorize())
            is_unavailable(
                await provider.token({"grant_type": "client_credentials"}, headers=basic("machine"))
            )
            async with provider.client() as client:
                assert (await client.get("/jwks")).status_code == 200
                assert (await client.get("/health/ready")).status_code == 503
            switch.on()
            await eventually_works(provider)
            assert (await provider.redeem(code)).json()["error"] == "invalid_grant"
            assert (await provider.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_postgresql_goes_and_comes_back(engines_folder: Path, endpoint_keys: Path) -> None:
    """No audit row, no answer: nothing is issued, what was claimed is taken back, and the store is found again."""
    redis = EmbeddedRedis(engines_folder / "redis-audit", durable=False)
    postgres = EmbeddedPostgres(engines_folder / "postgres-outage", durable=False)
    with running(redis), switched(postgres) as switch:
        async with served(postgres.url(), redis.url(), endpoint_keys) as provider:
            browser = provider.browser()
            code = await browser.code(AN)
            tokens = (await provider.redeem(await browser.code(AN))).json()
            switch.off()
            is_unavailable(await provider.redeem(code))
            is_unavailable(await provider.refresh(tokens["refresh_token"]))
            is_unavailable(await provider.userinfo(tokens["access_token"]))
            is_unavailable(await browser.authorize())
            switch.on()
            await furnish(provider.app.state.storage)
            await eventually_works(provider)
            assert (await provider.redeem(code)).json()["error"] == "invalid_grant"
