"""Tokens whose JSON is nested beyond what a parser climbs: refused like other nonsense, never an error of ours."""

from __future__ import annotations

import base64

import httpx2
import pytest

from clients.receipts import ReceiptChecker, ReceiptRefused
from tests.clients.conftest import Start

DEPTH = 4_000


def encoded(text: str) -> str:
    """A part of a JWS."""
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


HEADER = '{"alg":"ES256","typ":"logout+jwt","kid":"k"}'
DEEP = "[" * DEPTH + "]" * DEPTH
WITH_MEMBER = HEADER.replace("}", f',"x":{DEEP}}}')
PARTS = {"header": (DEEP, "{}"), "member of the header": (WITH_MEMBER, "{}"), "claims": (HEADER, DEEP)}
TOKENS = {name: f"{encoded(header)}.{encoded(claims)}.AAAA" for name, (header, claims) in PARTS.items()}


@pytest.mark.attack
@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
@pytest.mark.parametrize(
    ("name", "path", "kind"),
    [
        ("residence_portal", "/backchannel-logout", "application/x-www-form-urlencoded"),
    ],
)
async def test_nobody_makes_an_error_of_ours_without_a_key(
    start: Start, token: str, name: str, path: str, kind: str
) -> None:
    """CVE-2025-61920 and its kind: python-jose lets RecursionError through; who knows no key gets 400, not 500."""
    running = await start(name)
    body = f"logout_token={token}" if "form" in kind else token
    answer: httpx2.Response = await running.http.post(path, content=body, headers={"Content-Type": kind})
    assert answer.status_code == 400, answer.text


@pytest.mark.attack
@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
def test_a_pasted_receipt_is_never_an_error_of_ours(token: str) -> None:
    """Likewise of receipts, which anybody may paste into a portal."""
    checker = ReceiptChecker({"keys": []}, issuer="http://localhost:8100")
    with pytest.raises(ReceiptRefused):
        checker.check(token)
