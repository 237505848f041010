"""What `web.install` put on an application, as requests find it again."""

from dataclasses import dataclass

from starlette.requests import Request

from web.csrf import Csrf
from web.pages import Pages
from web.settings import BaseSettings


@dataclass(frozen=True, slots=True)
class Web:
    """What `install` put together; found again as ``app.state.web``."""

    pages: Pages
    settings: BaseSettings
    csrf: Csrf
    machine_paths: tuple[str, ...]


def installed(request: Request) -> Web:
    """What `web.install` put on the application of a request."""
    found: Web = request.app.state.web
    return found
