"""The reference page of an API is made from its OpenAPI document, by us alone."""

import pytest
from fastapi.testclient import TestClient

from tests.web.gallery.app import create_app
from web import Language
from web.api_reference import type_of


def test_every_operation_and_schema_is_shown(client: TestClient) -> None:
    """Each path of the document with its parameters, and each schema with its fields; no script."""
    document = client.get("/openapi.json").json()
    page = client.get("/docs", headers={"Accept-Language": "en"}).text
    for path in document["paths"]:
        assert path in page
    for name, schema in document["components"]["schemas"].items():
        assert f'id="schema-{name}"' in page
        assert all(each in page for each in schema.get("properties", ()))
    assert "<script" not in page
    assert "Family, middle and given name" in page


@pytest.mark.parametrize(("language", "heading"), [("vi", "Tài liệu API"), ("en", "API reference")])
def test_the_frame_speaks_the_readers_language(client: TestClient, language: str, heading: str) -> None:
    """Title and heading are the service's own name in one language; the document's words are marked as English."""
    page = client.get("/docs", headers={"Accept-Language": language}).text
    name = create_app().state.web.pages.texts[Language(language)].t("gallery.name")
    assert f"<title>{heading} – {name}</title>" in page
    assert f"<h1>{name}</h1>" in page
    assert '<span lang="en">' in page


def test_the_document_is_laid_out_once_for_each_language(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hundreds of operations take tens of milliseconds; the second reader gets the same page without that work."""
    first = client.get("/docs?lang=en").text
    monkeypatch.setattr("web.api_reference.operations_of", None)
    assert client.get("/docs?lang=en").text == first


def test_types_in_words() -> None:
    """References, alternatives, lists, choices and formats."""
    reference = {"$ref": "#/components/schemas/Flag"}
    assert type_of(reference) == ("Flag", "Flag")
    assert type_of({"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}) == (
        "string (date) | null",
        "",
    )
    assert type_of({"type": "array", "items": reference}) == ("Flag[]", "Flag")
    assert type_of({"enum": ["match", "close"]}) == ("match | close", "")
    assert type_of({}) == ("any", "")
