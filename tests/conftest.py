"""What every test may use: real engines, a moving clock, a browser; and the walls around a test."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.ports import free_port

LOOPBACK = ("127.0.0.1", "::1", "localhost")
LONGEST = (
    *(
        "tests/journeys",
        "tests/clients",
        "tests/registry_api",
        "tests/registry_console",
        "tests/idp_endpoints",
    ),
    *("tests/web", "tests/interop", "tests/idp_storage", "tests/registry_storage", "tests/idp_protocol"),
)
"""The folders that take longest, so that no process is left alone with one of them at the end."""

# The same examples in every run, however slow the machine is: what only chance finds is found by whoever looks for it
# (`--hypothesis-profile=search`), and stops no other change.
settings.register_profile(
    "search", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("repeatable", settings.get_profile("search"), derandomize=True, database=None)
settings.load_profile("repeatable")

pytest_plugins = ["tests.engines", "tests.clock", "tests.browser", "tests.one_connection"]


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Refuse every socket but loopback, Unix sockets and named servers; compile each template once for all tests."""
    servers = (urlsplit(os.environ.get(name, "")).hostname for name in ("DATABASE_URL", "REDIS_URL"))
    config.option.allow_hosts = ",".join([*LOOPBACK, *filter(None, servers)])
    config.option.allow_unix_socket = True
    if (
        "TEMPLATE_CACHE_DIR" not in os.environ
    ):  # a process of `pytest -n` has it from the one that shares the work
        folder = os.environ["TEMPLATE_CACHE_DIR"] = tempfile.mkdtemp(prefix="dinhdanh-templates-")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With ``CI=true`` a missing part fails: what a person may skip on their own machine, nobody skips here."""
    report = yield
    if report.skipped and os.environ.get("CI", "").lower() in {"1", "true"}:
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"
    return report


class Folders(LoadScopeScheduling):
    """Gives each process whole folders of tests, so that what a folder's session fixtures start is started once."""

    def _split_scope(self, nodeid: str) -> str:
        """Return the folder of a test."""
        return folder_of(nodeid)


def folder_of(nodeid: str) -> str:
    """Return the folder of a test (``tests/web`` of ``tests/web/test_csp.py::test_nonce``)."""
    return nodeid.partition("::")[0].rpartition("/")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Folders:
    """Share the tests among processes (``pytest -n 2``) by folder, whatever ``--dist`` says."""
    return Folders(config, log)


@pytest.fixture(name="unused_tcp_port")
def _unused_tcp_port() -> int:
    """A port below those of outgoing connections (the fixture of pytest-asyncio takes one of theirs)."""
    return free_port()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Among processes, begin with the folders that take longest; inside a folder the random order stays."""
    if hasattr(config, "workerinput"):
        ranks = {folder: rank for rank, folder in enumerate(LONGEST)}
        items.sort(key=lambda item: ranks.get(folder_of(item.nodeid), len(ranks)))
