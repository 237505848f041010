"""A form is accepted only from our own page, in the browser that opened it (CWE-352)."""

import re

import pytest
from fastapi.testclient import TestClient
from starlette.requests import Request

from web import Csrf, Form, PageProblem, csrf

OURS = {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}
OTHERS = b"another secret of thirty-two bytes or more"


def opened(client: TestClient) -> str:
    """Open the form; the browser now holds the cookie, and this is the token of the page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/form").text)
    assert found
    return found[1]


def send(client: TestClient, token: str | None, **headers: str) -> tuple[int, str]:
    """Send the form as a browser would, with other headers where asked; gives status and error code."""
    data = {"name": "An"} | ({"csrf_token": token} if token is not None else {})
    answer = client.post("/form", data=data, headers={**OURS, **headers})
    found = re.search(r"csrf-(origin|token)", answer.text)
    return answer.status_code, found[0] if found else answer.text


def test_our_own_form_is_accepted(client: TestClient) -> None:
    """Token and cookie of one browser, sent from our own origin, pass."""
    assert send(client, opened(client)) == (200, "An")


def test_two_open_tabs_both_work(client: TestClient) -> None:
    """A second page neither spends nor replaces the first one's token, and tokens never look equal (BREACH)."""
    first, second = opened(client), opened(client)
    assert first != second
    assert send(client, first) == send(client, second) == (200, "An")


@pytest.mark.attack
@pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense"])
def test_another_site_is_refused(client: TestClient, site: str) -> None:
    """What the browser marks as foreign is refused even with a good token; a sibling host or port is foreign too."""
    assert send(client, opened(client), **{"Sec-Fetch-Site": site}) == (403, "csrf-origin")


@pytest.mark.attack
@pytest.mark.parametrize(
    "origin", ["null", "http://localhost:8201", "https://localhost", "http://evil.example"]
)
def test_another_origin_is_refused(client: TestClient, origin: str) -> None:
    """Scheme, host and port of ``Origin`` must all be ours; ``null`` is nobody's."""
    assert send(client, opened(client), Origin=origin) == (403, "csrf-origin")


@pytest.mark.attack
def test_missing_broken_or_foreign_tokens_are_refused(client: TestClient) -> None:
    """No token, an empty or broken one, one of another browser: all refused."""
    stranger = TestClient(client.app, base_url="http://localhost")
    foreign = opened(stranger)
    own = opened(client)
    for token in (None, "", "x", "%00", own[:-4], own[::-1], foreign, own + own):
        assert send(client, token) == (403, "csrf-token"), token


@pytest.mark.attack
def test_a_planted_cookie_is_refused(client: TestClient) -> None:
    """A cookie value that we did not sign is no cookie, whatever the token (cookie tossing)."""
    token = opened(client)
    name = next(iter(client.cookies))
    client.cookies.clear()
    client.cookies.set(name, "A" * 43)
    assert send(client, token) == (403, "csrf-token")
    assert client.get("/form").headers["set-cookie"].startswith(f"{name}=")  # and it is replaced


def test_a_repeated_token_is_refused(client: TestClient) -> None:
    """Two tokens are no token."""
    token = opened(client)
    body = f"csrf_token={token}&csrf_token={token}"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/form", content=body, headers={**OURS, **kind}).status_code == 403


@pytest.mark.attack
def test_a_token_dies_with_its_session() -> None:
    """A token bound to one session does not fit the next: signing in or out changes it (login CSRF)."""
    guard = Csrf(OTHERS, public_url="http://localhost", cookie_name="c")
    before = Request({"type": "http", "headers": []})
    csrf.bind(before, "session one")
    token = guard.token(before)
    cookie = guard.cookie_for(before)
    for session, passes in (("session one", True), ("session two", False), ("", False)):
        after = Request({"type": "http", "headers": [(b"cookie", f"c={cookie}".encode())]})
        csrf.bind(after, session)
        form = Form(((csrf.FIELD, token),))
        if passes:
            guard.verify(after, form)
        else:
            with pytest.raises(PageProblem):
                guard.verify(after, form)


def test_the_cookie_is_locked_down(client: TestClient, secure_client: TestClient) -> None:
    """HttpOnly, SameSite=Lax, path /; over https also Secure with the ``__Host-`` prefix (RFC 6265bis 4.1.3)."""
    plain = client.get("/form").headers["set-cookie"]
    assert plain.startswith("gallery_csrf=")
    assert plain.endswith("; Path=/; HttpOnly; SameSite=Lax")
    secure = secure_client.get("/form").headers["set-cookie"]
    assert secure.startswith("__Host-gallery_csrf=")
    assert secure.endswith("; Path=/; HttpOnly; SameSite=Lax; Secure")


def test_a_browser_keeps_its_cookie(client: TestClient) -> None:
    """The cookie is set once; a page without a form sets none."""
    assert "set-cookie" not in client.get("/parts").headers
    assert "set-cookie" in client.get("/form").headers
    assert "set-cookie" not in client.get("/form").headers


def test_a_short_secret_is_refused() -> None:
    """A form secret has at least 32 bytes."""
    with pytest.raises(ValueError, match="32 bytes"):
        Csrf(b"short", public_url="http://localhost", cookie_name="c")
