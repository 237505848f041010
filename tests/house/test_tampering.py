"""What alters texts for the tests of attacks alters them, whatever they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import base64url
from tests.tampering import altered

SEGMENTS = st.lists(st.binary(min_size=1, max_size=70), min_size=1, max_size=5)


def text_of(segments: list[bytes]) -> str:
    """The segments as a token writes them."""
    return ".".join(base64url.encode(each).decode() for each in segments)


@given(SEGMENTS, st.data())
def test_one_bit_of_one_segment_is_another(segments: list[bytes], data: st.DataObject) -> None:
    """RFC 4648 section 3.5: never the same text nor the same bytes, canonical, as long, the rest as it was."""
    place = data.draw(st.integers(-len(segments), len(segments) - 1))
    made = altered(text_of(segments), place)
    assert len(made) == len(text_of(segments))
    found = [base64url.decode(each.encode()) for each in made.split(".")]
    turned = [
        int.from_bytes(left) ^ int.from_bytes(right) for left, right in zip(segments, found, strict=True)
    ]
    assert turned.pop(place).bit_count() == 1
    assert not any(turned)


@pytest.mark.parametrize("end", [bytes(3), b"\0\0\xff", b"\xff" * 3])
def test_ends_that_look_altered_already(end: bytes) -> None:
    """A signature that ends in ``AA`` (one in 256) was what ``text[:-2] + "AA"`` left as it is."""
    text = text_of([b"{}", b"{}", bytes(61) + end])
    assert altered(text) != text
    assert altered(altered(text)) == text


@pytest.mark.parametrize("text", ["", "e30.", "e30.e30.="])
def test_what_cannot_be_altered_says_so(text: str) -> None:
    """No test goes on with a text that is none, and believes that it tried something."""
    with pytest.raises(ValueError, match=r"."):
        altered(text)
