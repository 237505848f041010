"""Signing in through HTTP on the real stores: what a browser can and cannot make the provider do."""

import asyncio
import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from idp.authentication.throttling import ADDRESS_AT_ACCOUNT, PRESSURE
from idp.authentication.totp import code_at
from idp.settings import DEVICE_COOKIE, INTERACTION_COOKIE, SESSION_COOKIE
from tests.idp_pages.conftest import CALLBACK, SCOPES, TOTP, Provider, Visitor, interaction_of, step_of

LAN, LAN_PASSWORD = "099194000101", "Demo-lan-2026!"
LOC, LOC_PASSWORD = "099041000107", "Demo-loc-2026!"
NewVisitor = Callable[..., Visitor]
ASK = {
    "client_id": "portal", "redirect_uri": CALLBACK, "response_type": "code", "state": "xyz", "nonce": "n",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256",
}  # a table, read by rows  # fmt: skip
TWO_FACTORS = "urn:example:vn:acr:l2-a2"


async def asked(browser: Visitor, **changes: str) -> str:
    """Come from the portal; where the provider sends the browser."""
    answer = await browser.get("/authorize", params=ASK | {"scope": "openid profile"} | changes)
    assert answer.status_code == 303, answer.text
    location = answer.headers["location"]
    assert "error=" not in location, location
    return location


async def now_code() -> str:
    """The code of Lan's app at this moment."""
    import time

    return code_at(TOTP, int(time.time()))


def plain(text: str) -> str:
    """A page without what is fresh on every rendering: tokens and nonces."""
    return re.sub(r'(value|nonce)="[A-Za-z0-9_-]{22,}"', r"\1", text)


async def test_own_account(visitor: NewVisitor) -> None:
    """Number and password lead to the account centre, with a fresh session cookie and a device cookie."""
    browser = visitor()
    answer = await browser.sign_in("099 194 000101", LAN_PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert {SESSION_COOKIE, DEVICE_COOKIE} <= set(browser.cookies)
    page = await browser.get("/account")
    assert "•••\u00a0•••\u00a0•••\u00a0101" in page.text
    assert LAN not in page.text


async def test_cookies_are_closed(visitor: NewVisitor) -> None:
    """Every cookie of ours is HttpOnly and SameSite=Lax; only the check-session page's script reads its own."""
    answer = await visitor().sign_in(LAN, LAN_PASSWORD)
    for cookie in answer.headers.get_list("set-cookie"):
        assert "httponly" in cookie.lower() or cookie.startswith("dinhdanh_idp_browser_state=")
        assert "samesite=lax" in cookie.lower()


async def test_through_a_portal_with_consent(visitor: NewVisitor) -> None:
    """From the portal, through password and consent, back with a code and the very state."""
    browser = visitor()
    answer = await browser.sign_in(LAN, LAN_PASSWORD, await asked(browser))
    assert step_of(answer.headers["location"]) == "/continue"
    answer = await browser.get(answer.headers["location"])
    page = answer.headers["location"]
    assert step_of(page) == "/consent"
    shown = (await browser.get(page)).text
    assert "Cổng mẫu" in shown
    assert "Tổ chức tư nhân" in shown
    assert "1994" in shown
    assert "17/05/1994" not in shown
    answer = await browser.answer("/consent", page, answer="allow")
    answer = await browser.get(answer.headers["location"])
    back = urlsplit(answer.headers["location"])
    assert answer.headers["location"].startswith(CALLBACK)
    assert "code=" in back.query
    assert "state=xyz" in back.query


async def test_consent_to_everything(visitor: NewVisitor) -> None:
    """Every kind of item has plain words in both languages: scopes, registry scopes, own scopes, single claims."""
    browser = visitor()
    claims = '{"userinfo": {"phone_number": null, "x_unknown": null, "birthdate": {"essential": true}}}'
    page = await asked(browser, scope=" ".join(SCOPES), claims=claims)
    answer = await browser.sign_in(LAN, LAN_PASSWORD, page)
    page = (await browser.get(answer.headers["location"])).headers["location"]
    for language in ("vi", "en"):
        shown = await browser.get(f"{page}&lang={language}")
        assert shown.status_code == 200
        assert ("Cơ sở dữ liệu dân cư" if language == "vi" else "population registry") in shown.text
        assert "own:scope" in shown.text
    only_claims = await asked(
        browser, scope="openid", claims='{"userinfo": {"birthdate": null}}', prompt="consent"
    )
    assert "Date of birth" in (await browser.get(only_claims)).text


async def test_refused_consent(visitor: NewVisitor) -> None:
    """A no goes back as access_denied."""
    browser = visitor()
    answer = await browser.sign_in(LAN, LAN_PASSWORD, await asked(browser))
    page = (await browser.get(answer.headers["location"])).headers["location"]
    answer = await browser.answer("/consent", page, answer="deny")
    answer = await browser.get(answer.headers["location"])
    assert "error=access_denied" in answer.headers["location"]


async def test_going_back(visitor: NewVisitor) -> None:
    """Who turns back at the password page returns to the portal with access_denied."""
    browser = visitor()
    page = await asked(browser)
    answer = await browser.post("/sign-in", data=await browser.main_form(page) | {"act": "back"})
    answer = await browser.get(answer.headers["location"])
    assert "error=access_denied" in answer.headers["location"]


async def test_two_factors(visitor: NewVisitor) -> None:
    """A portal that asks for level 2 gets password and code, and only then a session exists."""
    browser = visitor()
    answer = await browser.sign_in(LAN, LAN_PASSWORD, await asked(browser, acr_values=TWO_FACTORS))
    page = answer.headers["location"]
    assert step_of(page) == "/sign-in/second-factor"
    assert SESSION_COOKIE not in browser.cookies
    answer = await browser.answer("/sign-in/second-factor", page, code=await now_code())
    assert step_of(answer.headers["location"]) == "/continue"
    assert SESSION_COOKIE in browser.cookies


async def test_step_up(visitor: NewVisitor) -> None:
    """Signed in with one factor, a higher demand asks for the code only, and changes the cookie."""
    browser = visitor()
    await browser.sign_in(LAN, LAN_PASSWORD)
    before = browser.cookies[SESSION_COOKIE]
    page = await asked(browser, acr_values=TWO_FACTORS)
    assert step_of(page) == "/sign-in/second-factor"
    answer = await browser.answer("/sign-in/second-factor", page, code=await now_code())
    assert step_of(answer.headers["location"]) == "/continue"
    assert browser.cookies[SESSION_COOKIE] != before
    assert step_of((await browser.get(answer.headers["location"])).headers["location"]) == "/consent"
    browser.cookies.set(SESSION_COOKIE, before, domain="localhost.local")
    stale = visitor()
    stale.cookies.set(SESSION_COOKIE, before)
    assert (await stale.get("/account")).headers["location"] == "/sign-in"


@pytest.mark.attack
async def test_code_works_once(visitor: NewVisitor) -> None:
    """A code read over the shoulder opens no second session, not even in a race (logto#9109)."""
    pages = []
    for _ in range(6):
        browser = visitor()
        answer = await browser.sign_in(LAN, LAN_PASSWORD, await asked(browser, acr_values=TWO_FACTORS))
        pages.append((browser, await browser.form(answer.headers["location"])))
    code = await now_code()
    answers = await asyncio.gather(
        *(browser.post("/sign-in/second-factor", data=form | {"code": code}) for browser, form in pages)
    )
    assert sorted(answer.status_code for answer in answers) == [303, 422, 422, 422, 422, 422]


@pytest.mark.attack
async def test_parallel_guesses_share_five_tries(visitor: NewVisitor) -> None:
    """Thirty codes at once are five tries, and then the interaction is over (keycloak#26177)."""
    browser = visitor()
    answer = await browser.sign_in(LAN, LAN_PASSWORD, await asked(browser, acr_values=TWO_FACTORS))
    page = answer.headers["location"]
    form = await browser.form(page)
    answers = await asyncio.gather(
        *(browser.post("/sign-in/second-factor", data=form | {"code": f"{n:06d}"}) for n in range(30))
    )
    assert sum(answer.status_code == 422 for answer in answers) <= 5
    assert SESSION_COOKIE not in browser.cookies
    assert (await browser.get(page)).status_code in {410, 200}
    late = await browser.post("/sign-in/second-factor", data=form | {"code": await now_code()})
    assert late.status_code in {410, 429}


@pytest.mark.attack
@pytest.mark.parametrize("path", ["/sign-in/second-factor", "/consent", "/sign-in/level"])
async def test_empty_post_to_a_later_step(visitor: NewVisitor, path: str) -> None:
    """An answer to a step that is not due has no effect; the person goes where they should be (CVE-2026-49443)."""
    browser = visitor()
    page = await asked(browser, acr_values=TWO_FACTORS)
    answer = await browser.post(
        path, data=await browser.main_form(page) | {"answer": "allow", "code": "123456"}
    )
    if path == "/sign-in/level":
        assert answer.status_code == 303
        answer = await browser.get(answer.headers["location"])
        assert "error=" in answer.headers["location"]
    else:
        assert step_of(answer.headers["location"]) == "/sign-in"
    assert SESSION_COOKIE not in browser.cookies


@pytest.mark.attack
async def test_continue_without_proof(visitor: NewVisitor) -> None:
    """Calling the way on by hand leads back to the password, never to a code (CVE-2026-54730)."""
    browser = visitor()
    page = await asked(browser)
    answer = await browser.get(f"/continue?i={interaction_of(page)}")
    assert "code=" not in answer.headers.get("location", "")
    assert step_of(answer.headers["location"]) == "/sign-in"


@pytest.mark.attack
async def test_interaction_of_another_browser(visitor: NewVisitor) -> None:
    """A link to somebody else's interaction is as good as none (Hydra #753)."""
    victim, thief = visitor(), visitor()
    page = await asked(victim)
    await thief.get("/sign-in")
    assert (await thief.get(page)).status_code == 410


@pytest.mark.attack
async def test_a_second_tab_ends_no_first(visitor: NewVisitor) -> None:
    """Going to the account centre beside a sign-in in progress, by oneself or led there, leaves that one alone."""
    browser = visitor()
    page = await asked(browser)
    form = await browser.main_form(page)
    beside = (await browser.get("/sign-in")).headers["location"]
    assert interaction_of(beside) != interaction_of(page)
    answer = await browser.post("/sign-in", data=form | {"personal_number": LAN, "password": LAN_PASSWORD})
    assert step_of(answer.headers["location"]) == "/continue"


@pytest.mark.attack
async def test_fixation(visitor: NewVisitor) -> None:
    """A planted session cookie is replaced at sign-in and never comes alive."""
    browser, planted = visitor(), "p" * 43
    browser.cookies.set(SESSION_COOKIE, planted, domain="localhost.local")
    answer = await browser.sign_in(LAN, LAN_PASSWORD)
    assert planted not in "".join(answer.headers.get_list("set-cookie"))
    thief = visitor()
    thief.cookies.set(SESSION_COOKIE, planted, domain="localhost.local")
    assert (await thief.get("/account")).headers["location"] == "/sign-in"


@pytest.mark.attack
@pytest.mark.parametrize(
    "path",
    [
        "/sign-in",
        "/sign-in/second-factor",
        "/consent",
        "/account/sign-out-everywhere",
        "/account/services/withdraw",
        "/demo/sign-in",
    ],
)
async def test_forms_of_other_sites(visitor: NewVisitor, path: str) -> None:
    """Without our token, or from another origin, no form is accepted (CSRF, login CSRF)."""
    browser = visitor()
    await browser.sign_in(LAN, LAN_PASSWORD)
    page = await asked(browser, prompt="login")
    form = await browser.main_form(page)
    bare = {"i": interaction_of(page), "personal_number": LAN, "password": LAN_PASSWORD, "persona": "lan"}
    assert (await browser.post(path, data=bare)).status_code == 403
    foreign = await browser.post(path, data=bare | form, headers={"origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert (await browser.get("/account")).status_code == 200


@pytest.mark.attack
async def test_every_refusal_is_the_same_page(visitor: NewVisitor) -> None:
    """Unknown number, wrong password, deceased person with the right password: the same bytes (CVE-2026-4633)."""
    shown = set()
    for number, password in (("099999999999", "x"), (LAN, "wrong"), (LOC, LOC_PASSWORD), (LAN, "")):
        browser = visitor("198.51.100.1")
        answer = await browser.sign_in(number, password)
        assert answer.status_code == 422
        text = plain(answer.text).replace(f'value="{number}"', "")
        shown.add(re.sub(r'name="i" value="[^"]*"|name="i" value|i=[A-Za-z0-9_-]{22}', "", text))
        assert SESSION_COOKIE not in browser.cookies
    assert len(shown) == 1


async def test_malformed_number_is_explained(visitor: NewVisitor) -> None:
    """What everybody can see is wrong is said plainly, and costs no try."""
    browser = visitor()
    for _ in range(ADDRESS_AT_ACCOUNT.tries + 5):
        answer = await browser.sign_in("099000123", "x")
    assert answer.status_code == 422
    assert "12 chữ số" in answer.text
    assert 'href="#personal_number"' in answer.text


@pytest.mark.attack
async def test_guessing_from_one_address_ends(visitor: NewVisitor) -> None:
    """After ten tries the address waits, with the right password too; the owner does not (CVE-2026-19607)."""
    owner, thief = visitor("192.0.2.1"), visitor("203.0.113.66")
    await owner.sign_in(LAN, LAN_PASSWORD)
    for _ in range(ADDRESS_AT_ACCOUNT.tries):
        await thief.sign_in(LAN, "guess")
    stopped = await thief.sign_in(LAN, LAN_PASSWORD)
    assert stopped.status_code == 429
    assert int(stopped.headers["retry-after"]) > 0
    del owner.cookies[SESSION_COOKIE]
    assert (await owner.sign_in(LAN, LAN_PASSWORD)).headers["location"] == "/account"


@pytest.mark.attack
async def test_a_botnet_learns_nothing_and_locks_nobody_out(visitor: NewVisitor) -> None:
    """Many addresses guess: from then on right and wrong look alike; the owner still enters, with the code."""
    for host in range(PRESSURE.tries):
        await visitor(f"198.51.100.{host + 1}").sign_in(LAN, "guess")
    wrong, right = visitor("203.0.113.5"), visitor("203.0.113.6")
    pages = [
        (await each.sign_in(LAN, word)).headers["location"]
        for each, word in ((wrong, "guess"), (right, LAN_PASSWORD))
    ]
    assert [step_of(page) for page in pages] == ["/sign-in/second-factor"] * 2
    shown = [plain((await each.get(page)).text) for each, page in zip((wrong, right), pages, strict=True)]
    assert re.sub("[A-Za-z0-9_-]{22}", "", shown[0]) == re.sub("[A-Za-z0-9_-]{22}", "", shown[1])
    code = await now_code()
    assert (await wrong.answer("/sign-in/second-factor", pages[0], code=code)).status_code == 422
    answer = await right.answer("/sign-in/second-factor", pages[1], code=code)
    assert answer.headers["location"] == "/account"


@pytest.mark.attack
async def test_a_locked_account_loses_its_session(visitor: NewVisitor, provider: Provider) -> None:
    """Locking ends what is open (Law on Identity 26/2023 Art. 34); the browser is asked to sign in."""
    browser = visitor()
    await browser.sign_in(LAN, LAN_PASSWORD)
    await provider.app.state.storage.lives.lock("acc-lan", "own_request")
    assert (await browser.get("/account")).headers["location"] == "/sign-in"


async def test_repeated_fields(visitor: NewVisitor) -> None:
    """A field twice is refused: nobody can say which was meant."""
    browser = visitor()
    page = await asked(browser)
    form = await browser.main_form(page)
    body = "&".join(f"{name}={value}" for name, value in form.items()) + "&password=a&password=b"
    answer = await browser.post(
        "/sign-in", content=body, headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 400


async def test_double_click(visitor: NewVisitor) -> None:
    """The second of two equal answers has no effect of its own and lands on the same way on."""
    browser = visitor()
    page = await asked(browser)
    form = await browser.main_form(page) | {"personal_number": LAN, "password": LAN_PASSWORD}
    first = await browser.post("/sign-in", data=form)
    second = await browser.post("/sign-in", data=form)
    assert first.headers["location"] == second.headers["location"]
    assert INTERACTION_COOKIE in browser.cookies
