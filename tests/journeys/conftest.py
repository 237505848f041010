"""One country and one browser for all stories; every story has a browser profile (cookies) of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.acts import Acts
from tests.journeys.country import Country, running_country

FIRST_START = 420  # seconds; the first story waits for the whole country
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every story may take as long as a first start on a busy machine."""
    for item in items:
        if HERE in item.path.parents and "country" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.journey)
            item.add_marker(pytest.mark.timeout(FIRST_START))


@pytest.fixture(scope="session")
def started_country(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Country]:
    """The demo, started once; DINHDANH_JOURNEYS_VAR keeps its data while a story is being written."""
    kept = os.environ.get("DINHDANH_JOURNEYS_VAR")
    with running_country(Path(kept) if kept else tmp_path_factory.mktemp("country")) as country:
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
