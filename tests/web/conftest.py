"""The gallery as a client sees it."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from tests.web.gallery.app import create_app

SECRET = "a session secret for tests, long enough to be taken"


@pytest.fixture
def client() -> Iterator[TestClient]:
    """A client of the gallery at ``http://localhost``, which sees answers instead of exceptions."""
    app = create_app(SESSION_SECRET=SECRET)
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as each:
        yield each


@pytest.fixture
def secure_client() -> Iterator[TestClient]:
    """The same behind https."""
    app = create_app("https://id.example.vn", SESSION_SECRET=SECRET)
    with TestClient(app, base_url="https://id.example.vn", raise_server_exceptions=False) as each:
        yield each
