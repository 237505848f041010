"""What every test may use: real engines, a moving clock, a browser; and the walls around a test."""

from __future__ import annotations

import os
from collections.abc import Generator
from urllib.parse import urlsplit

import pytest

LOOPBACK = ("127.0.0.1", "::1", "localhost")

pytest_plugins = ["tests.engines", "tests.clock", "tests.browser"]


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Refuse every socket except loopback, Unix sockets and the servers that the environment names."""
    servers = (urlsplit(os.environ.get(name, "")).hostname for name in ("DATABASE_URL", "REDIS_URL"))
    config.option.allow_hosts = ",".join([*LOOPBACK, *filter(None, servers)])
    config.option.allow_unix_socket = True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With ``CI=true`` a missing part fails: what a person may skip on their own machine, nobody skips here."""
    report = yield
    if report.skipped and os.environ.get("CI", "").lower() in {"1", "true"}:
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"
    return report
