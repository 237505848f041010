"""Each kind of answer carries the headers that tell a browser what it may do, and no more work than it needs."""

import re

import pytest
from fastapi.testclient import TestClient
from starlette.requests import Request

from web.exchange import exchange_of
from web.security_headers import allow_frames, form_action_source
from web.security_headers import policy as content_policy


def policy(client: TestClient, path: str) -> dict[str, str]:
    """The Content-Security-Policy of an answer by directive."""
    header = client.get(path, headers={"Accept": "text/html"}).headers["content-security-policy"]
    return dict(part.strip().partition(" ")[::2] for part in header.split(";"))


@pytest.mark.parametrize("path", ["/form", "/missing", "/pages/boom"])
def test_pages_carry_the_whole_set(client: TestClient, path: str) -> None:
    """A page, a refusal and the page of an unexpected error alike."""
    headers = client.get(path, headers={"Accept": "text/html"}).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "strict-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"
    assert "camera=()" in headers["permissions-policy"]
    assert headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in headers
    assert re.fullmatch(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){2}", headers["x-request-id"])


def test_the_policy_allows_nothing_by_default(client: TestClient) -> None:
    """``default-src 'none'``, no frames, no base, forms only to ourselves, no inline style or script (CSP 3)."""
    found = policy(client, "/form")
    assert (
        found["default-src"]
        == found["frame-ancestors"]
        == found["base-uri"]
        == found["script-src"]
        == "'none'"
    )
    assert found["style-src"] == found["form-action"] == "'self'"
    assert "unsafe" not in str(found)


def test_a_nonce_is_drawn_for_each_answer(client: TestClient) -> None:
    """The script's nonce is the policy's, 128 bits, never the same twice."""
    nonces = set()
    for _ in range(3):
        answer = client.get("/parts")
        marked = re.search(r'<script nonce="([\w-]{22})">', answer.text)
        assert marked
        assert f"script-src 'nonce-{marked[1]}';" in answer.headers["content-security-policy"]
        nonces.add(marked[1])
    assert len(nonces) == 3


def test_one_answer_may_let_its_form_reach_a_client(client: TestClient) -> None:
    """Chromium applies ``form-action`` to redirects after a post: the page names the client's origin only."""
    assert policy(client, "/away/web")["form-action"] == "'self' https://portal.example.vn:8443"
    assert policy(client, "/away/app")["form-action"] == "'self' vn.example.app:"
    assert policy(client, "/form")["form-action"] == "'self'"


@pytest.mark.attack
@pytest.mark.parametrize(
    "uri",
    [
        "https://a;script-src *",
        "https://a b/",
        "https://*/",
        "//host",
        "",
        "https://",
        "https://é.vn",
        "java script:",
    ],
)
def test_no_target_writes_into_the_policy(uri: str) -> None:
    """A redirect URI that is no plain source is refused rather than copied into the header."""
    with pytest.raises(ValueError, match="form-action"):
        form_action_source(uri)


def test_frames_are_allowed_by_exact_origin_and_for_web_addresses_only() -> None:
    """CSP Level 3, frame-src: nothing is framed unless an answer names it, each origin once, never a scheme alone."""
    request = Request({"type": "http", "headers": []})
    allow_frames(
        request, "https://portal.example/out?x", "https://portal.example/y", "http://localhost:8201/z"
    )
    frames = exchange_of(request).frames
    assert " frame-src https://portal.example http://localhost:8201;" in content_policy(None, (), frames)
    assert "frame-src" not in content_policy(None)
    for uri in ("com.example.app:/out", "javascript:x", "https://a.example;script-src/", ""):
        with pytest.raises(ValueError, match=r"address|source"):
            allow_frames(request, uri)
    assert exchange_of(request).frames == frames


def test_machines_get_the_short_set(client: TestClient) -> None:
    """JSON carries no page headers, is not cached, and can do nothing if a browser shows it."""
    headers = client.get("/v1/number/7").headers
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert "permissions-policy" not in headers
    assert "cross-origin-opener-policy" not in headers


def test_https_is_strict(secure_client: TestClient) -> None:
    """RFC 6797: pages and JSON alike, when the public URL is https."""
    for path in ("/form", "/v1/number/7"):
        assert secure_client.get(path).headers["strict-transport-security"].startswith("max-age=63072000")


def test_a_request_id_from_outside_is_ignored(client: TestClient) -> None:
    """The number is ours alone: nobody can inject one into our logs."""
    answer = client.get("/v1/number/7", headers={"X-Request-Id": "mine"})
    assert answer.headers.get_list("x-request-id") != ["mine"]
    assert len(answer.headers.get_list("x-request-id")) == 1


def test_static_files_are_named_by_content_and_kept_for_ever(client: TestClient) -> None:
    """The style sheet of a page is immutable, compressed on request, and no other name finds it."""
    address = re.search(r'href="(/static/design\.[0-9a-f]{16}\.css)"', client.get("/form").text)
    assert address
    answer = client.get(address[1])
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["content-encoding"] == "gzip"
    assert "--lacquer" in answer.text
    plain = client.get(address[1], headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == answer.content
    for wrong in ("/static/design.css", "/static/..%2fpages.py", "/static/design.0000000000000000.css"):
        assert client.get(wrong).status_code == 404


def test_pages_ask_nobody_else(client: TestClient) -> None:
    """No address of another host stands in any page or style sheet."""
    for name in ("parts", "form", "signin", "home"):
        page = client.get(f"/{name}").text
        assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', page)
        for sheet in re.findall(r'href="(/static/[^"]+)"', page):
            assert not re.findall(r"url\(['\"]?https?:|@import", client.get(sheet).text)
