"""One country and one browser for all stories; every story has a browser profile (cookies) of its own."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.browser import screenshot
from tests.journeys.acts import Acts
from tests.journeys.country import Country, running_country

HERE = Path(__file__).parent
FORGETTING = "test_redis_forgets_everything"
FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every story is a journey; who takes Redis's memory away comes after all others.

    For half a minute after such a loss the provider rightly refuses whatever might have been spent before.
    """
    items.sort(key=lambda item: item.name == FORGETTING)
    for item in items:
        if HERE in item.path.parents and "country" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.journey)


@pytest.fixture(scope="session")
def started_country(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Country]:
    """The demo, started once."""
    with running_country(tmp_path_factory.mktemp("country")) as country:
        yield country


@pytest.fixture
def country(started_country: Country) -> Iterator[Country]:
    """The running country; the test fails when one of its services died meanwhile."""
    started_country.must_live()
    yield started_country
    started_country.must_live()


@pytest.fixture
def acts(country: Country) -> Acts:
    """What people do in every story: sign in, read a code, fill in a form."""
    return Acts(country)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember whether the story failed, for `page`."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest_asyncio.fixture
async def page(request: pytest.FixtureRequest, page: Page) -> AsyncIterator[Page]:
    """A page on a desk screen; when its story fails, it is said and kept what was on it."""
    yield page
    if request.node.stash.get(FAILED, False):
        sys.stdout.write(f"the story ended at {page.url}\n{await page.inner_text('body')}\n")
        await screenshot(page, f"failed/{request.node.name}")
