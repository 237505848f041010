"""Authorization details on the way through the pages (RFC 9396 section 12): read, agreed to, carried, told."""

import base64
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from tests.idp_pages.conftest import CALLBACK, DETAIL, REGISTRY, Visitor, step_of
from tests.idp_pages.test_sign_in import ASK, LAN, LAN_PASSWORD, NewVisitor, asked

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


def rich(*details: dict[str, Any]) -> str:
    """The parameter."""
    return json.dumps(details, ensure_ascii=False)


async def signed_in(browser: Visitor, *details: dict[str, Any]) -> str:
    """Sign in on the way; the consent page that follows."""
    answer = await browser.sign_in(
        LAN, LAN_PASSWORD, await asked(browser, authorization_details=rich(*details))
    )
    return (await browser.get(answer.headers["location"])).headers["location"]


async def agreed(browser: Visitor, page: str) -> str:
    """Say yes; the code."""
    answer = await browser.answer("/consent", page, answer="allow")
    location = (await browser.get(answer.headers["location"])).headers["location"]
    assert location.startswith(CALLBACK), location
    return parse_qs(urlsplit(location).query)["code"][0]


async def redeemed(browser: Visitor, code: str, **changes: str) -> dict[str, Any]:
    """The token answer."""
    form = {
        "grant_type": "authorization_code",
        "client_id": "portal",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    } | changes
    answer: dict[str, Any] = (await browser.post("/token", data=form)).json()
    return answer


def claims_of(token: str) -> dict[str, Any]:
    """What a JWT says."""
    payload = token.split(".")[1]
    claims: dict[str, Any] = orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


async def test_the_page_says_who_asks_what_and_for_what(visitor: NewVisitor) -> None:
    """Section 12.1: procedure, dossier, purpose and each claim in plain words, in both languages; text is text."""
    browser = visitor()
    sly = DETAIL | {"purpose": "<script>alert(1)</script>", "procedure": "9.999999"}
    page = await signed_in(browser, DETAIL, sly)
    assert step_of(page) == "/consent"
    words = {
        "vi": (
            "Cổng mẫu",
            "Đăng ký tạm trú",
            "H29.50.05.13-261122-0975",
            "Chủ sở hữu chỗ ở",
            "thủ tục 9.999999",
        ),
        "en": (
            "Sample portal",
            "Temporary residence",
            "Bến Nghé",
            "Owner of the dwelling",
            "procedure 9.999999",
        ),
    }
    for language, expected in words.items():
        shown = (await browser.get(f"{page}&lang={language}")).text
        assert [word for word in expected if word not in shown] == []
        assert "<script>alert" not in shown


async def test_consent_is_for_this_dossier(visitor: NewVisitor) -> None:
    """Section 12: the next dossier asks again although every scope was agreed to; a refusal grants nothing."""
    browser = visitor()
    await agreed(browser, await signed_in(browser, DETAIL))
    answer = await browser.get("/authorize", params=ASK | {"scope": "openid profile"})
    assert "code=" in answer.headers["location"], "the scopes are remembered"
    for again in (DETAIL, DETAIL | {"dossier": "H29.50.05.13-261122-0976"}):
        page = await asked(browser, authorization_details=rich(again))
        assert step_of(page) == "/consent"
    answer = await browser.answer("/consent", page, answer="deny")
    answer = await browser.get(answer.headers["location"])
    assert "error=access_denied" in answer.headers["location"]


async def test_from_the_page_to_the_registry(visitor: NewVisitor) -> None:
    """Sections 7 and 9.1: the JWT and the answer carry letter for letter what was read."""
    browser = visitor()
    code = await agreed(browser, await signed_in(browser, DETAIL))
    tokens = await redeemed(browser, code)
    assert tokens["authorization_details"] == [DETAIL]
    claims = claims_of(tokens["access_token"])
    assert claims["aud"] == REGISTRY
    assert claims["authorization_details"] == [DETAIL]


async def test_a_refused_detail_spends_nothing(visitor: NewVisitor) -> None:
    """Section 6: beyond the grant is invalid_authorization_details, and the code still serves."""
    browser = visitor()
    code = await agreed(browser, await signed_in(browser, DETAIL))
    wider = rich(DETAIL | {"claims": ["marital_status"]})
    refused = await redeemed(browser, code, authorization_details=wider)
    assert refused["error"] == "invalid_authorization_details"
    narrow = DETAIL | {"claims": ["name"]}
    tokens = await redeemed(browser, code, authorization_details=rich(narrow))
    assert claims_of(tokens["access_token"])["authorization_details"] == [narrow]


async def test_the_history_tells_procedure_and_dossier(visitor: NewVisitor) -> None:
    """Law 91/2025, Art. 4: the account centre names what was agreed to, never the purpose's words."""
    browser = visitor()
    await agreed(browser, await signed_in(browser, DETAIL))
    shown = (await browser.get("/account/history")).text
    assert "Thủ tục: Đăng ký tạm trú" in shown
    assert "Hồ sơ: H29.50.05.13-261122-0975" in shown
    assert "Bến Nghé" not in shown
