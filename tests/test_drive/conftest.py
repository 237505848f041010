"""The provider with its personas, driven; and portals of every care, in one process with it."""

from __future__ import annotations

import pytest

from demo.test_drive.drive import TestDrive
from tests.idp_pages.conftest import (  # fixtures that pytest finds by their names here
    ISSUER,
    Provider,
    pages_database,
    provider,
    provider_keys,
    provider_settings,
)

__all__ = ["pages_database", "provider", "provider_keys", "provider_settings"]


@pytest.fixture
def driven(provider: Provider) -> TestDrive:
    """The running provider inside a test drive that has no patience to lose."""
    return TestDrive(provider.app, issuer=ISSUER, patience=0.0)
