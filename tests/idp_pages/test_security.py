"""Password, app, recovery codes, sessions and lock, through the pages."""

import base64
import re
import time
from collections.abc import Callable

import pytest

from idp.authentication import totp
from idp.domain.needs import Needs
from tests.idp_pages.conftest import TOTP, Provider, Visitor, fields_of, step_of
from tests.idp_pages.test_account import HOA, HOA_PASSWORD, entered
from tests.idp_pages.test_sign_in import LAN, LAN_PASSWORD

NewVisitor = Callable[..., Visitor]
NEW = "ba con trâu trên đồng"


def forms_to(text: str, action: str) -> list[dict[str, str]]:
    """The hidden fields of every form that posts to an address."""
    parts = text.split(f'<form method="post" action="{action}"')[1:]
    return [fields_of("<form" + part) for part in parts]


async def strongly(browser: Visitor, number: str = LAN, password: str = LAN_PASSWORD) -> None:
    """Sign in with the password and, where the page asks, the code of the app."""
    page = (await browser.get("/account/security/password")).headers["location"]
    answer = await browser.sign_in(number, password, page)
    if step_of(answer.headers["location"]) == "/sign-in/second-factor":
        await with_code(browser, answer.headers["location"])


async def with_code(browser: Visitor, page: str, secret: bytes = TOTP) -> str:
    """Give a code of the app that was not given yet; where that leads."""
    for drift in (0, 1, -1):
        code = totp.code_at(secret, int(time.time()) + drift * totp.STEP)
        answer = await browser.answer("/sign-in/second-factor", page, act="code", code=code)
        if answer.status_code == 303:
            return answer.headers["location"]
    raise AssertionError(answer.text[:500])


def wrong_code(secret: bytes = TOTP) -> str:
    """Six digits that are no code of the app, now or near now."""
    right = {totp.code_at(secret, int(time.time()) + drift * totp.STEP) for drift in range(-2, 5)}
    return next(code for code in (f"{each:06d}" for each in range(8)) if code not in right)


async def test_one_browser_is_signed_out_from_another(visitor: NewVisitor) -> None:
    """The list names the kind of browser; ending one ends that one, and this browser stays."""
    one, two = visitor(), visitor("192.0.2.9")
    two.headers["user-agent"] = (
        "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36"
    )
    await one.sign_in(LAN, LAN_PASSWORD)
    await two.sign_in(LAN, LAN_PASSWORD)
    text = (await one.get("/account")).text
    assert "Chrome, Android" in text
    form = next(each for each in forms_to(text, "/account/sessions/end") if each["session"] != "others")
    answer = await one.post("/account/sessions/end", data=form)
    assert answer.headers["location"] == "/account?done=ended"
    assert (await two.get("/account")).headers["location"] == "/sign-in"
    assert (await one.get("/account")).status_code == 200


@pytest.mark.attack
async def test_nobody_ends_somebody_elses_session(visitor: NewVisitor) -> None:
    """Attack 46: a reference from another person's page, or one that was made up, ends nothing."""
    lan, hoa = visitor(), visitor("192.0.2.9")
    await lan.sign_in(LAN, LAN_PASSWORD)
    other = visitor("192.0.2.10")
    await other.sign_in(LAN, LAN_PASSWORD)
    await hoa.sign_in(HOA, HOA_PASSWORD)
    text = (await lan.get("/account")).text
    references = [each["session"] for each in forms_to(text, "/account/sessions/end")]
    own = await hoa.form("/account")
    for reference in (*references[:-1], "x" * 32, ""):
        await hoa.post("/account/sessions/end", data=own | {"session": reference})
    await hoa.post("/account/sessions/end", data=own | {"session": "others"})
    assert (await lan.get("/account")).status_code == 200
    assert (await other.get("/account")).status_code == 200


async def test_a_password_is_changed(visitor: NewVisitor) -> None:
    """Wrong, weak and unequal are said beside the field; then the new one counts and other browsers are out."""
    browser, other = visitor(), visitor("192.0.2.9")
    await other.sign_in(LAN, LAN_PASSWORD)
    await strongly(browser)
    here = "/account/security/password"
    twice = {"new_password": NEW, "new_password_again": NEW}
    for values, said in (
        ({"password": LAN_PASSWORD, "new_password": "ngan", "new_password_again": "ngan"}, "ít nhất 10"),
        ({"password": LAN_PASSWORD, "new_password": NEW, "new_password_again": "khác"}, "không giống nhau"),
        ({"password": "sai", **twice}, "Mật khẩu hiện tại không đúng"),
        ({"password": NEW, **twice}, "phải khác"),
    ):
        answer = await browser.answer(here, here, **values)
        assert answer.status_code == 422
        assert said in answer.text
    answer = await browser.answer(here, here, password=LAN_PASSWORD, **twice)
    assert answer.headers["location"] == "/account/security?done=password"
    assert (await other.get("/account")).headers["location"] == "/sign-in"
    assert (await visitor("192.0.2.11").sign_in(LAN, LAN_PASSWORD)).status_code == 422
    assert (await visitor("192.0.2.12").sign_in(LAN, NEW)).status_code == 303


async def test_an_app_is_set_up_with_picture_and_code(visitor: NewVisitor, provider: Provider) -> None:
    """The secret of the page is the secret that signs in afterwards; a wrong code says so and keeps the picture."""
    browser = visitor()
    await strongly(browser)
    text = (await browser.get("/account/security")).text
    (form,) = forms_to(text, "/account/security/app/begin")
    page = (await browser.post("/account/security/app/begin", data=form)).headers["location"]
    shown = (await browser.get(page)).text
    assert "<svg" in shown
    found = re.search(r'<p class="letters">([A-Z2-7 ]+)</p>', shown)
    assert found is not None
    secret = base64.b32decode(found[1].replace(" ", ""))
    wrong = await browser.answer("/account/security/app", page, code=wrong_code(secret))
    assert (wrong.status_code, "Mã không đúng" in wrong.text) == (422, True)
    code = totp.code_at(secret, int(time.time()))
    answer = await browser.answer("/account/security/app", page, code=code)
    assert answer.headers["location"] == "/account/security?done=app"
    held = await provider.app.state.storage.accounts.credentials("acc-lan")
    assert held.totp_secret == secret


async def test_recovery_codes_are_shown_once_and_open_once(visitor: NewVisitor) -> None:
    """The page that shows them cannot be opened again; each code is worth one sign-in."""
    browser = visitor()
    await strongly(browser)
    here = "/account/security/recovery-codes"
    made = await browser.answer(here, here)
    codes = re.findall(r"<li>([a-z2-7]{5}-[a-z2-7]{5})</li>", made.text)
    assert len(codes) == 10
    assert made.headers["cache-control"] == "no-store"
    again = (await browser.get(here)).text
    assert codes[0] not in again
    assert ("hreflang" in again, "hreflang" in made.text) == (True, False), "no switch of language loses them"
    assert "Your ten codes, shown only now" in made.text
    for attempt, status in enumerate((303, 422)):
        thief = visitor(f"192.0.2.{20 + attempt}")
        page = (await thief.get(here)).headers["location"]
        answer = await thief.sign_in(LAN, LAN_PASSWORD, page)
        page = answer.headers["location"]
        answer = await thief.answer("/sign-in/second-factor", page, act="code", recovery=codes[0])
        assert answer.status_code == status


async def test_locking_my_own_account(visitor: NewVisitor, provider: Provider) -> None:
    """A password is enough to lock (low bar); every browser is out, nobody signs in; the page says how to unlock."""
    browser, other = visitor(), visitor("192.0.2.9")
    await browser.sign_in(HOA, HOA_PASSWORD)
    await other.sign_in(HOA, HOA_PASSWORD)
    lock = "/account/security/lock"
    answer = await browser.answer(lock, lock)
    assert answer.headers["location"] == "/locked"
    assert "công an cấp xã" in (await browser.get("/locked")).text
    for each in (browser, other):
        assert (await each.get("/account")).headers["location"] == "/sign-in"
    assert (await visitor("192.0.2.13").sign_in(HOA, HOA_PASSWORD)).status_code == 422
    facts = await provider.app.state.storage.loading.load(Needs(account_id="acc-hoa"))
    assert facts.account.status == "locked"


@pytest.mark.attack
@pytest.mark.parametrize(
    "path",
    [
        *("/account/sessions/end", "/account/security/password", "/account/security/app/begin"),
        *("/account/security/app", "/account/security/app/remove", "/account/security/recovery-codes"),
        "/account/security/lock",
    ],
)
async def test_only_our_own_page_acts(visitor: NewVisitor, path: str) -> None:
    """Attack 43: a form of another site locks nobody, changes nothing, signs nobody out."""
    browser = visitor()
    await browser.sign_in(LAN, LAN_PASSWORD)
    for data in ({}, {"csrf_token": "x"}):
        assert (await browser.post(path, data=data | {"session": "others"})).status_code == 403
    stolen = visitor("192.0.2.9")
    await stolen.sign_in(HOA, HOA_PASSWORD)
    form = await stolen.form("/account/security/lock")
    assert (await browser.post(path, data=form)).status_code == 403
    assert (await browser.get("/account")).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        *("/account/security", "/account/security/password", "/account/security/recovery-codes"),
        *("/account/security/lock", "/account/security/app?i=x"),
    ],
)
async def test_only_signed_in(visitor: NewVisitor, path: str) -> None:
    """Nobody sees these pages without a session."""
    assert step_of((await visitor().get(path)).headers["location"]) == "/sign-in"


@pytest.mark.parametrize("path", ["/account/security/lock", "/account/passkeys", "/account/devices"])
async def test_whoever_changes_a_factor_sees_the_way_back(visitor: NewVisitor, path: str) -> None:
    """Passkeys and phones stand under Security, whatever their address: WCAG 2.2, 2.4.8 Location."""
    browser = visitor()
    await entered(browser)
    text = (await browser.get(path)).text
    assert '<a href="/account/security" aria-current="true">' in text
    assert 'class="button button-secondary" href="/account/security"' in text


async def test_services_hear_of_it(visitor: NewVisitor) -> None:
    """Ending another browser's session ends it at the portal too (Back-Channel Logout 1.0)."""
    one, two = visitor(), visitor("192.0.2.9")
    await entered(two)
    await one.sign_in(LAN, LAN_PASSWORD)
    form = next(
        each
        for each in forms_to((await one.get("/account")).text, "/account/sessions/end")
        if each["session"] == "others"
    )
    answer = await one.post("/account/sessions/end", data=form)
    assert answer.headers["location"] == "/account?done=others"
    assert (await two.get("/account")).headers["location"] == "/sign-in"
