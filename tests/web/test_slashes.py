"""A path is what it is: nothing is redirected to an address made from a request's headers."""

import pytest
from fastapi.testclient import TestClient


@pytest.mark.attack
@pytest.mark.parametrize("path", ["/health/live/", "/health/live//", "/problems/not-found/"])
def test_no_address_is_made_from_the_host(secure_client: TestClient, path: str) -> None:
    """Zitadel CVE-2023-49097, CVE-2025-64101: the framework mended a slash by a redirect to whatever Host was sent.

    Behind a proxy it led to http:// too, away from TLS.
    """
    assert secure_client.get(path.rstrip("/")).status_code == 200
    answer = secure_client.get(path, headers={"Host": "evil.example"}, follow_redirects=False)
    assert answer.status_code == 404
    assert "location" not in answer.headers
