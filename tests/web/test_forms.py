"""Reading forms: strict, bounded, and nothing lost."""

from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from web import Form, Problem, parse_form

texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40)
pairs = st.lists(st.tuples(texts.filter(bool), texts), max_size=30)


@given(pairs)
def test_what_was_sent_is_what_is_read(sent: list[tuple[str, str]]) -> None:
    """Order, repetition and every character survive (WHATWG URL 5.1)."""
    form = parse_form(urlencode(sent).encode())
    assert list(form.pairs) == sent
    for name in form:
        assert form.all(name) == tuple(value for each, value in sent if each == name)
        assert form[name] == form.all(name)[0]
        assert (name in form.repeated) is (len(form.all(name)) > 1)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """Whatever arrives becomes a form or the one problem 400; nothing else is raised."""
    found: Form | Problem
    try:
        found = parse_form(body)
    except Problem as problem:
        found = problem
    if isinstance(found, Problem):
        assert (found.status_code, found.code) == (400, "malformed-form")
    else:
        assert all("\x00" not in name + value for name, value in found.pairs)


@given(st.integers(1, 20), st.integers(1, 40))
def test_fields_are_counted(limit: int, count: int) -> None:
    """Not one field above the limit, empty parts included."""
    body = b"&".join([b"a=1"] * count)
    if count <= limit:
        assert len(parse_form(body, max_fields=limit).pairs) == count
    else:
        with pytest.raises(Problem):
            parse_form(body, max_fields=limit)


@pytest.mark.attack
@pytest.mark.parametrize(
    "body",
    [b"a=%zz", b"a=%4", b"a=%ff", b"a=%00", b"a=\xc3\xa9", b"a=b c", b"=x", b"a" * 200 + b"=1", b"&" * 200],
)
def test_broken_forms_are_refused(body: bytes) -> None:
    """Broken escapes, bytes outside UTF-8 or ASCII, NUL, nameless and overlong names."""
    with pytest.raises(Problem):
        parse_form(body)


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "multipart/form-data; boundary=x",
        "text/plain",
        "",
        "application/x-www-form-urlencoded; charset=utf-16",
    ],
)
def test_other_media_types_are_refused(client: TestClient, kind: str) -> None:
    """Only ``application/x-www-form-urlencoded`` in UTF-8 (RFC 9110 15.5.16)."""
    answer = client.post("/form", content=b"a=1", headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")


def test_a_form_shows_no_values_in_logs() -> None:
    """Values are personal data: only the names are printed."""
    assert repr(Form((("number", "001099000123"),))) == "Form(names=['number'])"


def test_text_is_trimmed_and_never_missing() -> None:
    """`text` gives the trimmed first value, or an empty text."""
    form = parse_form(b"a=+x+&a=y")
    assert (form.text("a"), form.text("b"), form.all("b"), form.get("b")) == ("x", "", (), None)
