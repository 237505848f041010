"""The assertion of a client in a form whose values are Vietnamese."""

from __future__ import annotations

from types import SimpleNamespace
from urllib.parse import parse_qs, urlencode

import pytest

from web.client_assertions import ASSERTION_TYPE, ClientAssertion


@pytest.mark.parametrize("as_sent", [str.encode, str], ids=["bytes", "text"])
def test_a_form_in_vietnamese_keeps_its_words(as_sent: object) -> None:
    """RFC 7523 2.2: the assertion is added and nothing else changes; HTTP clients hand a body over as bytes."""
    assert callable(as_sent)
    body = as_sent(urlencode({"binding_message": "Một cửa, hồ sơ 0005"}))
    client = ClientAssertion(lambda claims: f"signed for {claims['aud']}", "https://issuer.example")
    headers = {"Content-Length": "1"}
    _, headers, sent = client(SimpleNamespace(client_id="one-stop"), "POST", "https://x", headers, body)
    assert parse_qs(sent) == {
        "binding_message": ["Một cửa, hồ sơ 0005"],
        "client_id": ["one-stop"],
        "client_assertion_type": [ASSERTION_TYPE],
        "client_assertion": ["signed for https://issuer.example"],
    }
    assert headers["Content-Length"] == str(len(sent))
