"""No request body longer than its route needs (RFC 9110 15.5.14)."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient


def streamed(length: int) -> Iterator[bytes]:
    """A body in pieces, without a declared length."""
    for _ in range(length // 1000):
        yield b"x" * 1000


@pytest.mark.parametrize(("path", "limit"), [("/v1/echo", 65_536), ("/v1/batch", 200_000)])
def test_the_limit_is_exact(client: TestClient, path: str, limit: int) -> None:
    """64 kB by default, another limit where a path has one; the last byte allowed passes, the next is refused."""
    assert client.post(path, content=b"x" * limit).json() == {"length": limit}
    answer = client.post(path, content=b"x" * (limit + 1))
    assert answer.status_code == 413
    assert answer.json()["code"] == "body-too-large"
    assert answer.headers["connection"] == "close"


@pytest.mark.attack
def test_a_body_without_a_length_is_counted(client: TestClient) -> None:
    """Chunked bodies are counted while they arrive."""
    assert client.post("/v1/echo", content=streamed(60_000)).json() == {"length": 60_000}
    answer = client.post("/v1/echo", content=streamed(70_000))
    assert answer.status_code == 413
    assert answer.json()["code"] == "body-too-large"


@pytest.mark.attack
@pytest.mark.parametrize("length", ["-1", "abc", "1" * 40, "99999999"])
def test_an_odd_length_is_refused(client: TestClient, length: str) -> None:
    """A declared length that is no number, or too great a one, never reaches the route."""
    assert client.post("/v1/echo", content=b"", headers={"Content-Length": length}).status_code == 413


def test_a_form_too_long_is_answered_with_a_page(client: TestClient) -> None:
    """A browser sees the error page."""
    answer = client.post("/form", content=b"x" * 70_000, headers={"Accept": "text/html"})
    assert answer.status_code == 413
    assert "<h1>Dữ liệu gửi quá lớn</h1>" in answer.text
