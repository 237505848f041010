"""The digest of the blind indexes is HMAC-SHA256, whatever is hashed beforehand."""

from __future__ import annotations

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.keyed_digest import keyed_digest


@pytest.mark.parametrize(
    ("key", "message", "expected"),
    [
        (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (
            b"Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            b"\xaa" * 131,
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
    ],
)
def test_published_vectors(key: bytes, message: bytes, expected: str) -> None:
    """RFC 4231 sections 4.2, 4.3 and 4.7."""
    assert keyed_digest(key)(message).hex() == expected


@given(st.binary(max_size=200), st.lists(st.binary(max_size=300), max_size=4))
def test_one_digest_serves_many_messages(key: bytes, messages: list[bytes]) -> None:
    """No message leaves anything behind for the next one."""
    digest = keyed_digest(key)
    assert [digest(each) for each in messages] == [hmac.digest(key, each, "sha256") for each in messages]
