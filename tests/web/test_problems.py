"""Every refusal is a problem document for machines (RFC 9457) and a page for people, in the reader's language."""

import pytest
from fastapi.testclient import TestClient

from web import Problem
from web.logs import JsonLines

MEMBERS = {"type", "title", "status", "detail", "code", "instance"}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/missing", 404, "not-found"),
        ("DELETE", "/form", 405, "method-not-allowed"),
        ("GET", "/v1/number/abc", 422, "invalid-input"),
        ("GET", "/v1/boom", 500, "unexpected"),
    ],
)
def test_the_shape_of_a_problem(client: TestClient, method: str, path: str, status: int, code: str) -> None:
    """Type under our own URL, title, status, detail, a language-free code and the request's number."""
    answer = client.request(method, path)
    document = answer.json()
    assert answer.status_code == document["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert document.keys() - {"errors"} == MEMBERS
    assert document["type"] == f"http://localhost/problems/{code}"
    assert document["code"] == code
    assert document["instance"] == answer.headers["x-request-id"]


def test_the_type_of_a_problem_leads_to_its_meaning(client: TestClient) -> None:
    """RFC 9457 3.1.1: the type URI, dereferenced, explains the problem; an unknown one is 404."""
    kind = client.get("/missing").json()["type"]
    assert "<h1>Không tìm thấy trang</h1>" in client.get(kind).text
    assert client.get("/problems/invented").status_code == 404
    assert client.get("/problems/..%2f..").status_code == 404


@pytest.mark.parametrize(("language", "title"), [("vi", "Không tìm thấy trang"), ("en", "Page not found")])
def test_problems_speak_the_readers_language(client: TestClient, language: str, title: str) -> None:
    """Title and detail follow ``Accept-Language``; the code does not."""
    answer = client.get("/missing", headers={"Accept-Language": language})
    assert answer.json()["title"] == title
    assert answer.headers["content-language"] == language
    assert "Accept-Language" in answer.headers["vary"]
    page = client.get("/missing", headers={"Accept": "text/html", "Accept-Language": language})
    assert f"<h1>{title}</h1>" in page.text


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        ("text/html,application/xhtml+xml,*/*;q=0.8", True),
        ("application/json", False),
        ("*/*", False),
        ("text/html;q=0", False),
        ("", False),
    ],
)
def test_who_gets_a_page(client: TestClient, accept: str, page: bool) -> None:
    """Only a reader that accepts HTML gets HTML (RFC 9110 12.5.1)."""
    kind = client.get("/missing", headers={"Accept": accept}).headers["content-type"]
    assert kind.startswith("text/html") is page


def test_a_machine_endpoint_answers_json_to_a_browser_too(client: TestClient) -> None:
    """A path that belongs to machines never answers with a page."""
    kind = client.get("/v1/missing", headers={"Accept": "text/html"}).headers["content-type"]
    assert kind == "application/problem+json"


@pytest.mark.attack
def test_an_unexpected_error_tells_nothing(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    """The reader gets one sentence and a number; the traceback is logged, without numbers and addresses in it."""
    caplog.set_level("ERROR")  # another test's service may have quietened the process
    answer = client.get("/pages/boom", headers={"Accept": "text/html"})
    assert answer.status_code == 500
    assert answer.headers["x-request-id"] in answer.text
    assert "001099000123" not in answer.text
    record = next(each for each in caplog.records if each.name == "web.unexpected")
    line = JsonLines("test").format(record)
    assert "RuntimeError: number [number] of [mail]" in line
    assert "001099000123" not in line


@pytest.mark.attack
def test_wrong_input_is_never_repeated(client: TestClient) -> None:
    """422 names the place and the rule; the value may be personal data and stays out."""
    answer = client.get("/v1/number/abc-001099000123x")
    assert answer.json()["errors"] == [{"place": "path.number", "rule": "int_parsing"}]
    assert "001099000123" not in answer.text


def test_an_extension_cannot_replace_a_member() -> None:
    """RFC 9457 3.2: extensions are other members."""
    with pytest.raises(ValueError, match="RFC 9457"):
        Problem(400, "bad-request", instance="x")


def test_a_cause_stays_in_the_log(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    """The cause of a refusal is logged beside its code and never serialised, to neither kind of reader."""
    caplog.set_level("INFO", "web.problems")
    for accept in ("application/json", "text/html"):
        answer = client.get("/pages/refused", headers={"Accept": accept})
        assert answer.status_code == 409
        assert "lost the race" not in answer.text
    assert [vars(each)["cause"] for each in caplog.records if each.name == "web.problems"] == [
        "lost the race"
    ] * 2


def test_extensions_are_members_of_the_document(client: TestClient) -> None:
    """RFC 9457 3.2: what a problem adds stands beside the standard members; its headers stand in the answer."""
    answer = client.get("/pages/refused")
    assert answer.json()["dossier"] == "D1"
    assert answer.headers["retry-after"] == "1"


def test_a_part_that_is_gone_is_503(client: TestClient) -> None:
    """The database or Redis out of reach: 503 with Retry-After (RFC 9110 15.6.4), nothing of the cause shown."""
    for accept in ("application/json", "text/html"):
        answer = client.get("/pages/gone", headers={"Accept": accept})
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"
        assert "10.0.0.7" not in answer.text
