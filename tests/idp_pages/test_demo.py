"""The demo's pages exist in the demo only, and tell of every persona in both languages."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx2 as httpx
import pytest
from fastapi import FastAPI

from idp.pages import page_routes, read_personas
from idp.pages.masks import masked_claim
from idp.settings import DEVICE_COOKIE, Settings
from tests.idp_pages.conftest import ISSUER, Provider, Visitor, step_of
from web import Language, Mode, Pages

ROOT = Path(__file__).parents[2]


@pytest.mark.attack
def test_production_has_no_demo_routes(provider_settings: Settings) -> None:
    """Outside the demo the routes do not exist and no persona is read, whatever the settings name (attack 55)."""
    app = FastAPI()
    production = replace(provider_settings, mode=Mode.PRODUCTION)
    routes = [getattr(route, "path", "") for route in page_routes(app, production)]
    assert not [path for path in routes if path.startswith("/demo")]
    assert app.state.personas == ()


def test_demo_switches_are_unsafe(provider_settings: Settings) -> None:
    """Personas, outbox and cheap hashing are named as unsafe in production."""
    named = {finding.name for finding in replace(provider_settings, mode=Mode.PRODUCTION).unsafe()}
    assert {"DEMO_PERSONAS", "DEMO_OUTBOX", "PASSWORD_PROFILE"} <= named


def test_every_persona_can_be_told_of() -> None:
    """Each tag of the real personas has words in both languages, each second factor too."""
    pages = Pages(package="idp", title_key="site.name")
    for persona in read_personas(ROOT / "demo" / "personas.toml"):
        for language in Language:
            for tag in persona.special:
                assert f"special.{tag}" in pages.texts[language], tag
            assert f"demo.factor.{persona.second_factor}" in pages.texts[language]
        assert persona.story["vi"]
        assert persona.story["en"]
        assert (persona.secret is not None) == (persona.second_factor == "totp")


async def test_personas_as_json(visitor: Callable[..., Visitor]) -> None:
    """Tests of portals find number, password and secret of everybody."""
    people = (await visitor().get("/demo/personas")).json()["personas"]
    assert [person["key"] for person in people] == ["lan", "hoa", "loc", "can-xa"]
    assert people[0]["password"] == "Demo-lan-2026!"
    assert people[0]["totp_secret"]


async def test_one_click_runs_the_same_rules(visitor: Callable[..., Visitor], provider: Provider) -> None:
    """A persona's click leaves the same traces as typing: both factors in the audit log, a known device."""
    browser = visitor()
    form = re.search(r'name="csrf_token" value="([^"]+)"', (await browser.get("/")).text)
    assert form is not None
    answer = await browser.post("/demo/sign-in", data={"csrf_token": form[1], "persona": "lan"})
    assert answer.headers["location"] == "/account"
    assert DEVICE_COOKIE in browser.cookies
    history = await provider.app.state.storage.records.history("acc-lan", limit=1)
    assert history[0].acr == "urn:example:vn:acr:l2-a2"


async def test_changing_the_persona(visitor: Callable[..., Visitor]) -> None:
    """Who is signed in as one persona becomes another with one click on the start page."""
    browser = visitor()
    await browser.sign_in("099194000101", "Demo-lan-2026!")
    form = re.search(r'name="csrf_token" value="([^"]+)"', (await browser.get("/")).text)
    assert form is not None
    answer = await browser.post("/demo/sign-in", data={"csrf_token": form[1], "persona": "hoa"})
    assert answer.headers["location"] == "/account"
    assert "Đỗ Thị Hòa" in (await browser.get("/account")).text


@pytest.mark.attack
async def test_one_click_is_throttled_too(visitor: Callable[..., Visitor]) -> None:
    """No side door: where typing is refused for a while, clicking is too."""
    thief = visitor("203.0.113.66")
    for _ in range(10):
        await thief.sign_in("099194000101", "guess")
    form = re.search(r'name="csrf_token" value="([^"]+)"', (await thief.get("/")).text)
    assert form is not None
    answer = await thief.post("/demo/sign-in", data={"csrf_token": form[1], "persona": "lan"})
    assert step_of(answer.headers["location"]) == "/sign-in"


async def test_outbox_shows_mail_as_text(visitor: Callable[..., Visitor], provider: Provider) -> None:
    """Mail is shown as text, never as mark-up; a broken file hides nothing else."""
    (provider.outbox / "1.json").write_text("{", encoding="utf-8")
    (provider.outbox / "2.json").write_text(
        '{"received_at": "2026-11-22T00:00:00+00:00", "recipients": ["a@example.vn.test"],'
        ' "subject": "<script>x</script>", "text": "123456 <b>"}',
        encoding="utf-8",
    )
    shown = (await visitor().get("/demo/outbox")).text
    assert "123456" in shown
    assert "<script>x" not in shown
    assert "<b>" not in shown
    assert "123456" not in (await visitor().get("/demo/outbox?to=b@")).text


async def test_the_way_back_from_the_outbox(visitor: Callable[..., Visitor]) -> None:
    """The start page is always one link away, the code page too for who came from it; refreshing forgets neither."""
    alone = (await visitor().get("/demo/outbox")).text
    assert 'href="/"' in alone.partition("<main")[2]
    assert "/sign-in/second-factor" not in alone
    come = (await visitor().get("/demo/outbox", params={"to": "a@b", "i": 'x"&y=1'})).text
    assert 'href="/sign-in/second-factor?i=x%22%26y%3D1"' in come
    assert 'href="?to=a%40b&amp;i=x%22%26y%3D1"' in come


@pytest.mark.parametrize(
    ("claim", "value", "shown"),
    [
        ("name", "Nguyễn Thị Lan", "N••• T••• Lan"),
        ("birthdate", "1994-05-17", "••/••/1994"),
        (
            "address_permanent",
            {"text": "Số 1, Thôn 2, Xã Yên Thành, Tỉnh Nghệ An"},
            "•••, Xã Yên Thành, Tỉnh Nghệ An",
        ),
        ("email", "lan@example.vn.test", "l•••@example.vn.test"),
        ("phone_number", "+84901234567", "••••••567"),
        ("gender", "female", "female"),
        ("name", None, ""),
        ("name", "  ", ""),
    ],
)
def test_masks(claim: str, value: object, shown: str) -> None:
    """Values remind their owner and disclose little to others."""
    assert masked_claim(claim, value) == shown


@pytest.mark.attack
async def test_mode_is_seen_from_outside(provider: Provider) -> None:
    """The pages answer under their own address, with a policy that forbids framing (attack 44)."""
    transport = httpx.ASGITransport(app=provider.app)
    async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as client:
        answer = await client.get("/", headers={"accept": "text/html"})
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
