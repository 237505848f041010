"""The demo's provider: the provider itself, and the test drive around it. Refuses to be anything but a demo."""

import logging

from starlette.types import ASGIApp

from demo.test_drive.drive import TestDrive
from idp.app import Provider
from idp.app import create_app as create_provider
from idp.settings import Settings
from web import Mode, SettingsError


def create_app(settings: Settings | None = None) -> ASGIApp:
    """The wrapped provider. Raises :class:`web.SettingsError` in every mode but the demo's."""
    settings = settings or Settings.from_environment()
    if settings.mode is not Mode.DEMO:
        raise SettingsError("DINHDANH_MODE", "the test drive exists in the demo only")
    logging.getLogger("httpx2").setLevel(logging.WARNING)  # addresses of the walk carry codes
    provider = create_provider(settings)
    assert isinstance(provider, Provider)
    return TestDrive(provider, issuer=settings.issuer)
