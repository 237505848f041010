"""Which language a reader gets, and how they change it."""

import re

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from web import Language, choose_language
from web.languages import accepted


def asked(query: str = "", cookie: str = "", accept: str = "") -> Language:
    """The language of a request."""
    headers = [(b"cookie", f"c={cookie}".encode())] if cookie else []
    headers += [(b"accept-language", accept.encode("latin-1", "replace"))] if accept else []
    return choose_language(Request({"type": "http", "headers": headers, "query_string": query.encode()}), "c")


@pytest.mark.parametrize(
    ("query", "cookie", "accept", "language"),
    [
        ("", "", "", "vi"),
        ("", "", "en-GB,en;q=0.9", "en"),
        ("", "", "fr,en;q=0.1,vi;q=0.5", "vi"),
        ("", "", "de,fr", "vi"),
        ("", "", "en;q=0,de", "vi"),
        ("", "en", "vi", "en"),
        ("", "xx", "en", "en"),
        ("ui_locales=fr-CA%20en-US%20vi", "vi", "vi", "en"),
        ("ui_locales=fr", "en", "", "en"),
        ("lang=vi&ui_locales=en", "en", "en", "vi"),
        ("lang=klingon", "", "en", "en"),
    ],
)
def test_the_order_of_choice(query: str, cookie: str, accept: str, language: str) -> None:
    """First lang, then ui_locales in order (OpenID Connect Core 3.1.2.1), cookie, Accept-Language, Vietnamese."""
    assert asked(query, cookie, accept) == language


@given(st.text(max_size=60), st.text(max_size=60))
def test_reading_never_raises(header: str, query: str) -> None:
    """Whatever stands in the header or query, a language comes out."""
    accepted(header)
    assert asked(query, accept=header.replace("\n", " ")) in Language


def test_the_switch_keeps_the_page_and_is_remembered(client: TestClient) -> None:
    """The switch is a plain link to the same page with its query; the choice holds on the next page."""
    page = client.get("/form?step=2&lang=vi").text
    switch = re.search(r'<a class="switch" href="([^"]+)" lang="en" hreflang="en">English</a>', page)
    assert switch
    assert switch[1] == "?step=2&amp;lang=en"
    answer = client.get("/form?step=2&lang=en")
    assert '<html lang="en">' in answer.text
    assert answer.headers["content-language"] == "en"
    assert '<html lang="en">' in client.get("/parts").text


@pytest.mark.attack
def test_the_switch_leads_nowhere_else(client: TestClient) -> None:
    """A path such as ``//evil.example`` cannot become the switch's target, nor can the query break out of it."""
    page = client.get(
        "http://localhost//evil.example/?a=%22%3E%3Cscript%3E", headers={"Accept": "text/html"}
    ).text
    switch = re.search(r'<a class="switch" href="([^"]+)"', page)
    assert switch
    assert switch[1].startswith("?a=%22%3E%3Cscript%3E&amp;lang=")
