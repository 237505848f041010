"""The pages around the procedures: front doors, signing in and out, who looked, outages, forged forms."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from clients.portal_kit import levels
from clients.portal_kit.portal import now
from clients.portal_kit.storage.database import Database
from clients.portal_kit.storage.sessions import Sessions
from tests.clients.conftest import LAN, URLS, Start
from tests.clients.provider import ISSUER

PORTALS = [
    name for name in URLS if name != "eid_app"
]  # the app has no dossiers and no page in the others' footers
FORMS = ("/sign-out", "/temporary-residence", "/receipts/check", "/dossiers/G01-261121-0001/withdraw")


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("name", PORTALS)
async def test_public_pages(start: Start, name: str, language: str) -> None:
    """Front door, receipt check and the page after signing out are open to everybody, in both languages."""
    running = await start(name)
    for path in ("/", "/receipts/check", "/signed-out"):
        answer = await running.http.get(f"{path}?lang={language}")
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-language"] == language
        others = [URLS[other] for other in PORTALS if other != name]
        assert all(f'href="{url}/' in answer.text for url in others)
    assert (await running.http.get("/health/ready")).status_code == 200
    keys = (await running.http.get("/.well-known/jwks.json")).json()["keys"]
    assert keys
    assert not [key for key in keys if "d" in key]


@pytest.mark.parametrize("name", PORTALS)
async def test_private_pages_lead_to_the_provider(start: Start, name: str) -> None:
    """Without a session every private page goes to sign in and back."""
    running = await start(name)
    paths = ["/dossiers"] + (["/who-looked"] if name == "national_portal" else [])
    for path in paths:
        answer = await running.http.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/sign-in?next={path.replace('/', '%2F')}&level=look"


async def test_signing_in_and_out_through_the_portal(start: Start) -> None:
    """Redirect, callback, fresh session cookie, the name in the page, sign out here and at the provider."""
    running = await start("residence_portal")
    begun = await running.http.get("/sign-in?next=/dossiers&level=file")
    assert begun.headers["location"].startswith(f"{ISSUER}/authorize?")
    query = running.provider.authorize(begun.headers["location"])
    back = await running.http.get(f"/callback?{query}")
    assert (back.status_code, back.headers["location"]) == (303, "/dossiers")
    cookie = back.headers["set-cookie"]
    assert "residence_portal_session=" in cookie
    assert all(word in cookie for word in ("HttpOnly", "SameSite=lax", "Path=/"))
    page = (await running.http.get("/dossiers")).text
    assert "Nguyễn Thị Lan" in page
    out = await running.post("/sign-out", form_on="/dossiers")
    target = urlsplit(out.headers["location"])
    assert f"{target.scheme}://{target.netloc}{target.path}" == f"{ISSUER}/logout"
    assert parse_qs(target.query)["post_logout_redirect_uri"] == [f"{running.url}/signed-out"]
    assert (await running.http.get("/dossiers")).status_code == 303


@pytest.mark.attack
@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/a?b=//c",
        "/%0d%0a",
        "",
    ],
)
async def test_no_open_redirect_after_sign_in(start: Start, target: str) -> None:
    """Whatever ``next`` says, the way back stays on this portal (attacks 2 and 7)."""
    running = await start("residence_portal")
    begun = await running.http.get("/sign-in", params={"next": target})
    query = running.provider.authorize(begun.headers["location"])
    back = await running.http.get(f"/callback?{query}")
    assert back.headers["location"] == "/"


@pytest.mark.attack
@pytest.mark.parametrize(
    "query", ["", "code=x", f"iss={ISSUER}&error=server_error", "iss=http://evil&code=1&state=1"]
)
async def test_forged_callbacks_sign_nobody_in(start: Start, query: str) -> None:
    """Login CSRF and mix-up: an error page, no session, no code spent (attacks 17 and 43)."""
    running = await start("residence_portal")
    answer = await running.http.get(f"/callback?{query}")
    assert answer.status_code == 400
    assert "residence_portal_session" not in answer.headers.get("set-cookie", "")
    assert running.provider.posted == []


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("access_denied", "Bạn đã chọn không chia sẻ thông tin"),
        ("unmet_authentication_requirements", "mức độ 02"),
    ],
)
async def test_a_refused_sign_in_is_explained(start: Start, code: str, said: str) -> None:
    """The person's own no and a level not reached are pages with a way on, not errors."""
    running = await start("residence_portal")
    begun = await running.http.get("/sign-in?next=/dossiers&level=file")
    query = running.provider.authorize(begun.headers["location"], error=code, code="")
    answer = await running.http.get(f"/callback?{query}")
    assert (answer.status_code, said in answer.text) == (403, True)
    assert "/sign-in?next=/dossiers&amp;level=file" in answer.text


@pytest.mark.parametrize("name", PORTALS)
async def test_looking_without_level_2_is_explained(start: Start, name: str) -> None:
    """Own dossiers ask for l2-a1: who has level 1 reads that, and where to raise it; no second factor is named."""
    running = await start(name)
    begun = await running.http.get("/sign-in?next=/dossiers")
    query = running.provider.authorize(
        begun.headers["location"], error="unmet_authentication_requirements", code=""
    )
    answer = await running.http.get(f"/callback?{query}")
    assert answer.status_code == 403
    assert "chỉ nhận tài khoản định danh mức độ 02" in answer.text
    assert "công an cấp xã" in answer.text
    assert "hai yếu tố" not in answer.text


@pytest.mark.attack
@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("token", [{}, {"csrf_token": "forged"}])
async def test_forms_of_other_sites_are_refused(start: Start, path: str, token: dict[str, str]) -> None:
    """Every form needs the token of this browser and session (attack 43)."""
    running = await start("residence_portal")
    await running.sign_in(LAN)
    assert (await running.http.post(path, data=token)).status_code == 403
    stranger = await running.http.post(path, headers={"Sec-Fetch-Site": "cross-site"})
    assert stranger.status_code == 403
    assert (await running.http.get("/dossiers")).status_code == 200


async def test_back_channel_logout_ends_the_session(start: Start) -> None:
    """The provider's notice ends the session at once; a forged one is 400, our own trouble 503 (section 2.8)."""
    running = await start("residence_portal")
    await running.sign_in(LAN, sub="pairwise-lan", sid="a-session")
    forged = running.provider.logout_token("insurance-portal")
    bad = await running.http.post("/backchannel-logout", data={"logout_token": forged})
    assert (bad.status_code, bad.headers["cache-control"]) == (400, "no-store")
    assert (await running.http.get("/dossiers")).status_code == 200
    token = running.provider.logout_token("residence-portal", sub=None)
    assert (await running.http.post("/backchannel-logout", data={"logout_token": token})).status_code == 200
    assert (await running.http.get("/dossiers")).status_code == 303
    other = await start("insurance_portal")
    other.provider.away = True
    late = other.provider.logout_token("insurance-portal")
    assert (await other.http.post("/backchannel-logout", data={"logout_token": late})).status_code == 503


async def test_who_looked_names_portal_purpose_and_fields(start: Start) -> None:
    """A look-up at one portal shows at the national one in plain words."""
    residence = await start("residence_portal")
    await residence.sign_in(LAN)
    await residence.post("/temporary-residence", form_on="/temporary-residence")
    national = await start("national_portal")
    await national.sign_in(LAN, acr=levels.LOOK)
    page = (await national.http.get("/who-looked")).text
    for text in ("Cổng Cư trú", "Đăng ký tạm trú", "Nơi thường trú", "Đã cung cấp"):
        assert text in page
    strange = await national.http.get("/who-looked?cursor=%22%3Cscript%3E")
    assert strange.status_code == 200
    national.registry.cut = True
    assert (await national.http.get("/who-looked")).status_code == 503


async def test_a_registry_that_refuses_a_fresh_sign_in_does_not_send_in_circles(start: Start) -> None:
    """A token refused right after signing in is explained; an older one asks for a new sign-in."""
    national = await start("national_portal")
    signed_in = replace(national.tokens(LAN), access_token="not.a.token")
    cookie = await national.portal.sessions.start(signed_in, replaces=None)
    national.http.cookies.set(national.portal.session_cookie, cookie)
    answer = await national.http.get("/who-looked")
    assert (answer.status_code, "sign-in-refused" in answer.text) == (502, True)


async def test_database_gone(start: Start, make_database: object) -> None:
    """PostgreSQL away: 503 with Retry-After and words for people; ready says so, live stays true."""
    running = await start("residence_portal")
    await running.sign_in(LAN)
    gone = Database("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    running.portal.sessions._database = gone
    answer = await running.http.get("/dossiers")
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
    assert "text/html" in answer.headers["content-type"]
    await gone.close()


async def test_provider_gone(start: Start) -> None:
    """No way to sign in: 503 in words; signing out still ends the session here, and promises no more than that."""
    running = await start("residence_portal")
    await running.sign_in(LAN)
    token = await running.form_token("/dossiers")
    running.provider.away = True
    assert (await running.http.get("/sign-in?next=/")).status_code == 503
    out = await running.http.post("/sign-out", data={"csrf_token": token})
    assert (
        "Phiên đăng nhập tại cổng này đã kết thúc." in (await running.http.get(out.headers["location"])).text
    )
    assert "ở mọi dịch vụ" in (await running.http.get("/signed-out")).text
    assert (await running.http.get("/dossiers")).status_code == 303


@pytest.mark.parametrize("path", ["/nowhere", "/dossiers/G01-261121-9999", "/problems/not-found"])
async def test_a_refusal_still_knows_who_is_signed_in(start: Start, path: str) -> None:
    """Whatever page is shown, one route's or nobody's: the person's name, and a form to sign out that works."""
    running = await start("residence_portal")
    stranger = (await running.http.get(path)).text
    assert "Đăng xuất" not in stranger
    await running.sign_in(LAN)
    page = await running.http.get(path)
    assert "Nguyễn Thị Lan" in page.text
    assert "Đăng xuất" in page.text
    assert f"form-action 'self' {ISSUER}" in page.headers["content-security-policy"]
    out = await running.post("/sign-out", form_on=path)
    assert out.headers["location"].startswith(f"{ISSUER}/logout")


async def test_a_refused_form_still_knows_who_is_signed_in(start: Start) -> None:
    """A page that stood open too long: the refusal leaves the person signed in, and shows it."""
    running = await start("residence_portal")
    await running.sign_in(LAN)
    page = await running.http.post("/temporary-residence", data={"csrf_token": "old"})
    assert page.status_code == 403
    assert "Nguyễn Thị Lan" in page.text
    assert "Đăng xuất" in page.text


async def test_a_missing_page_without_a_database(start: Start) -> None:
    """Nobody can be recognised then: the page is still a plain 404."""
    running = await start("residence_portal")
    await running.sign_in(LAN)
    gone = Database("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    sessions = Sessions(gone, running.portal.ring.sealer("portal.session"), now)
    running.app.state.portal = replace(running.portal, sessions=sessions)
    page = await running.http.get("/nowhere")
    assert (page.status_code, "Đăng xuất" in page.text) == (404, False)
    await gone.close()
