"""The cookie that carries a sign-in between portal and provider."""

import pytest

from tests.clients.conftest import Start


@pytest.mark.attack
async def test_a_neighbour_cannot_plant_a_sign_in(start: Start) -> None:
    """RFC 6265bis 4.1.3.2: over https the cookie is bound to this very host.

    Else whoever holds another host of the domain plants a sign-in of their own, and its answer signs the victim in
    as them (login CSRF, RFC 6749 section 10.12).
    """
    running = await start("residence_portal", url="https://cutru.example")
    begun = await running.http.get("/sign-in?next=/dossiers")
    (cookie,) = begun.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-residence_portal_flow=")
    assert {"secure", "path=/"} <= {part.strip().lower() for part in cookie.split(";")}
    assert "domain" not in cookie.lower()
