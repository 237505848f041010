"""Every page of the portals in a real browser: accessible, within 320 px, in both languages, light and dark."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page

from clients.portal_kit.portal import now
from keys import KeyRing
from tests.browser import assert_accessible, screenshot, serving
from tests.clients.conftest import HUNG, LAN, PHUC, Running, Start
from tests.clients.synchronised import decided, new_code, open_door, tell, wanting
from tests.clients.test_counter_lists import PAPER
from tests.clients.test_filing import answers
from tests.clients.test_on_behalf import CHILD, QUYNH, forget_token, knowing
from tests.clients.test_one_stop import CLERK, OTHER, STAFF, asked, received, willing
from tests.ports import free_port
from tests.tampering import altered

pytestmark = pytest.mark.journey
JUDGED = {
    ("vi", 1280): ("light", "dark"),
    ("en", 320): ("light",),
}  # by axe; the others for sideways scrolling
UNFOLD = """() => document.querySelectorAll("details:not([open])").forEach(each => {
    each.open = each.dataset.folded = true;
})"""
"""What is folded must fit and be readable too."""
FOLD_AGAIN = "() => document.querySelectorAll('details[data-folded]').forEach(each => each.open = false)"
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 800}


@contextlib.asynccontextmanager
async def served(start: Start, name: str, page: Page, number: str) -> AsyncIterator[Running]:
    """A portal on a free port, and somebody signed in at the browser."""
    port = free_port()
    running = await start(name, f"http://localhost:{port}")
    async with serving(running.app, port=port):
        cookie = await running.sign_in(number)
        await page.context.add_cookies(
            [{"name": running.portal.session_cookie, "value": cookie, "url": running.url}]
        )
        yield running


async def see(page: Page, name: str, *, again: bool = True) -> None:
    """Judge and keep the page in every look; ``again``: it can be loaded in the other language too."""
    here = page.url.partition("?")[0]
    for language in ("vi", "en") if again else ("vi",):
        if again:
            await page.goto(f"{here}?lang={language}")
        broken = await page.locator("dl.reference code").all_inner_texts()
        assert "unexpected" not in broken, f"{name}: {page.url} {broken}"
        for size in (WIDE, NARROW):
            await page.set_viewport_size(size)  # type: ignore[arg-type]  # a TypedDict in Playwright's stub
            await page.evaluate(UNFOLD)
            await assert_accessible(page, schemes=JUDGED.get((language, size["width"]), ()))
            await page.evaluate(FOLD_AGAIN)
            for scheme in ("light", "dark"):
                await screenshot(page, f"portals/{name}-{language}-{size['width']}-{scheme}", scheme=scheme)
    await page.set_viewport_size(WIDE)  # type: ignore[arg-type]  # as above
    if again:
        await page.goto(f"{here}?lang=vi")


async def as_staff(page: Page, running: Running, number: str) -> None:
    """Somebody of the counter's staff at the browser from now on."""
    cookie = await running.sign_in(number, **STAFF)
    await page.context.add_cookies(
        [{"name": running.portal.session_cookie, "value": cookie, "url": running.url}]
    )


async def press(page: Page) -> None:
    """Press the main button of the page's form."""
    await page.locator("main button.button-primary").first.click()
    await page.wait_for_load_state()


async def test_one_stop_counter(start: Start, page: Page) -> None:
    """A clerk's way from the card to the receipt, and a citizen's choice on whose behalf."""
    async with served(start, "one_stop_portal", page, LAN) as running:
        willing(running)
        for path, name in (
            ("/", "counter-front"),
            ("/file", "counter-file"),
            ("/cases/new", "counter-not-staff"),
        ):
            await page.goto(running.url + path)
            await see(page, name)
        await as_staff(page, running, CLERK)
        await page.goto(f"{running.url}/cases/new")
        await see(page, "counter-receive")
        await press(page)
        await see(page, "counter-receive-errors", again=False)
        case = await asked(running, "paper")
        for path, name in (("/", "counter-today"), (case, "counter-paper")):
            await page.goto(running.url + path)
            await see(page, name)
        await running.post(f"{case}/confirm", PAPER, form_on=case)
        await as_staff(page, running, OTHER)
        await page.goto(f"{running.url}/colleagues/{case.rpartition('/')[2]}")
        await see(page, "counter-take-over")
        await as_staff(page, running, CLERK)
        typed = await received(running, service="residence.split")
        await running.post(f"{typed}/form", {"leaver_count": "1", "act": "show-leaver_count"}, form_on=typed)
        for path, name in (
            (case, "counter-filed"),
            (f"{case}/receipt", "counter-receipt"),
            (typed, "counter-typed"),
            ("/papers", "counter-papers"),
        ):
            await page.goto(running.url + path)
            await see(page, name)


async def test_residence_portal(start: Start, page: Page) -> None:
    """From the front door to a filed dossier, its receipt, and an outage on the way."""
    async with served(start, "residence_portal", page, LAN) as running:
        for path, name in (("/", "residence-front"), ("/temporary-residence", "residence-intro")):
            await page.goto(running.url + path)
            await see(page, name)
        await press(page)
        form = page.url
        await see(page, "residence-form")
        await press(page)
        assert await page.locator(".error-summary").is_visible()
        await see(page, "residence-form-errors", again=False)
        await page.goto(form)
        for name in ("owner_number", "owner_name"):
            await page.fill(f"#{name}", answers()[name])
        await page.check("input[value=rented]")
        await page.check("#declaration")
        running.registry.cut = True
        await press(page)
        await see(page, "registry-gone", again=False)
        running.registry.cut = False
        await page.goto(form)
        await page.fill("input[name=until_year]", "2040")
        await press(page)
        await see(page, "residence-review-fail")
        await page.goto(f"{running.url}/dossiers")
        await see(page, "residence-dossiers-draft")
        await page.goto(form)
        await page.fill("input[name=until_year]", str(now().year + 1))
        await press(page)
        await see(page, "residence-review-pass")
        await press(page)
        await see(page, "residence-dossier")
        code = page.url.partition("?")[0].rpartition("/")[2]
        receipt = (await running.http.get(f"/dossiers/{code}/receipts/1")).text
        await page.goto(f"{running.url}/dossiers")
        await see(page, "residence-dossiers")
        await a_steered_form(page, running)
        await page.context.clear_cookies()
        cookie = await running.sign_in(PHUC)
        await page.context.add_cookies(
            [{"name": running.portal.session_cookie, "value": cookie, "url": running.url}]
        )
        for path, name in (("/consents", "residence-consents"), (f"/consents/{code}", "residence-consent")):
            await page.goto(running.url + path)
            await see(page, name)
        for text, name in ((receipt, "valid"), (altered(receipt), "altered")):
            await page.goto(f"{running.url}/receipts/check")
            await page.fill("#receipt", text)
            await press(page)
            await see(page, f"receipt-{name}", again=False)


async def a_steered_form(page: Page, running: Running) -> None:
    """Permanent residence: one answer calls for more questions; two more people are named."""
    await page.goto(f"{running.url}/permanent-residence")
    await press(page)
    await see(page, "residence-steered")
    await page.check("input[value=family]")
    await page.select_option("#people_count", "2")
    await page.click("button[value=show-people_count]")
    await page.wait_for_load_state()
    await see(page, "residence-steered-more")


async def test_insurance_portal(start: Start, page: Page) -> None:
    """The household, a mistake, the premium table, the dossier."""
    async with served(start, "insurance_portal", page, HUNG) as running:
        for path, name in (("/", "insurance-front"), ("/household-insurance", "insurance-intro")):
            await page.goto(running.url + path)
            await see(page, name)
        await press(page)
        await see(page, "insurance-form")
        await page.select_option("#order_5", "1")
        await press(page)
        await see(page, "insurance-form-errors", again=False)
        await page.select_option("#order_5", "no")
        await page.fill("#facility", "Trạm Y tế phường Vỹ Dạ")  # no other test files the same
        await page.check("#declaration")
        await press(page)
        await see(page, "insurance-review")
        await press(page)
        await see(page, "insurance-dossier")
        await page.goto(f"{page.url.partition('?')[0]}/papers")
        await see(page, "insurance-papers-none")
        for path, name in (("/my-card", "own-card"), ("/child-card", "child-intro")):
            await page.goto(running.url + path)
            await see(page, f"insurance-{name}")
        await press(page)
        await see(page, "insurance-child-form")
        await page.goto(f"{running.url}/card-correction")
        await press(page)
        await see(page, "insurance-correction-form")


async def test_national_portal(start: Start, page: Page, rings: dict[str, KeyRing]) -> None:
    """The front door for strangers and friends, all dossiers, who looked, refusals, signing out."""
    async with served(start, "national_portal", page, LAN) as running:
        open_door(running, rings)
        waiting, done = new_code(), new_code()
        await tell(running, wanting(waiting))
        await tell(running, decided(done))
        for path, name in (
            ("/", "front-signed-in"),
            ("/services", "services"),
            ("/inbox", "inbox"),
            ("/dossiers", "dossiers"),
            (f"/dossiers/{waiting}", "dossier"),
            (f"/dossiers/{done}", "dossier-done"),
            ("/who-looked", "who-looked"),
        ):
            await page.goto(running.url + path)
            await see(page, f"national-{name}")
        await page.context.clear_cookies()
        for path, name in (
            ("/", "front"),
            ("/statistics", "statistics"),
            ("/signed-out", "signed-out"),
            ("/receipts/check", "check-receipt"),
        ):
            await page.goto(running.url + path)
            await see(page, f"national-{name}")
        await page.goto(f"{running.url}/callback?iss=wrong")
        await see(page, "national-sign-in-failed", again=False)


async def test_linked_death(start: Start, page: Page) -> None:
    """A death in the family: the page before, the form with the household, its mistakes, the bodies at work."""
    async with served(start, "national_portal", page, HUNG) as running:
        await page.goto(f"{running.url}/death")
        await see(page, "death-intro")
        await press(page)
        await see(page, "death-form")
        await press(page)
        await see(page, "death-form-errors", again=False)
        await page.select_option("#deceased", "1")
        for part, value in (("day", "2"), ("month", "1"), ("year", "2026")):
            await page.fill(f"[name=died_{part}]", value)
        await page.fill("#notice_number", "BT-46-2026-000009")
        await page.check("#declaration")
        await press(page)
        await see(page, "death-review")
        await press(page)
        await see(page, "death-dossier")


async def test_on_whose_behalf(start: Start, page: Page) -> None:
    """One piece of three portals: the choice, the pages of a dependant, the provider's no with the way out."""
    async with served(start, "residence_portal", page, QUYNH) as running:
        party = knowing(running)
        await page.goto(f"{running.url}/on-behalf")
        await see(page, "behalf-choice")
        await page.check(f"input[value={CHILD}]")
        await press(page)
        await see(page, "behalf-acting")
        await forget_token(running)
        party.says["token_endpoint"] = (400, {"error": "invalid_request"})
        await page.goto(f"{running.url}/dossiers")
        await see(page, "behalf-ended")
        await press(page)
        party.says["/eid/v1/dependants"] = (200, {"dependants": []})
        await page.goto(f"{running.url}/on-behalf")
        await see(page, "behalf-nobody")


async def test_eid_app(start: Start, page: Page) -> None:
    """The app before its phone is registered, without network, what waits for consent, and a refused registration."""
    async with served(start, "eid_app", page, LAN) as running:
        for path, name in (("/consents", "consents"), ("/offline", "offline"), ("/", "new")):
            await page.goto(running.url + path)
            if name == "new":
                await page.wait_for_selector("[data-view=new]:not([hidden])")
            await see(page, f"eid-{name}")
        await page.goto(f"{running.url}/enrol/callback?iss=wrong")
        await see(page, "eid-enrol-failed", again=False)
