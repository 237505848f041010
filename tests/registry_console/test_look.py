"""Every page of the console in a real browser: axe, light and dark, 320 px in English, no sideways scroll."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.browser import assert_accessible, opened, screenshot, serving
from tests.ports import free_port
from tests.registry_api.conftest import LAN, PHUC, Registry
from tests.registry_api.dossiers import file
from tests.registry_console.conftest import Desk, Sit, handle_on
from tests.registry_console.test_corrections import asked as correction_asked
from tests.registry_console.test_dossiers import acts
from tests.registry_console.test_eid import PHUC_CARD, WHOLE, behind
from tests.registry_console.test_identity import REQUEST, SINCE, WITHDRAW
from tests.registry_console.test_reviews import reported

pytestmark = [pytest.mark.engine, pytest.mark.journey]
COMMUNE, PROVINCE, CENTRE, AUDITOR, INSURER = "CA-00166-017", "CA-01-004", "C06-012", "TTr-001", "BHXH-46-031"
LOOKS = {
    "vi-1280": (1280, 900, {}, ("light", "dark")),
    "en-320": (320, 640, {"has_touch": True, "locale": "en-GB"}, ("light",)),
}
UNTRANSLATED = re.compile(r"^[a-z_]+(?:\.[a-z_]+)+$", re.MULTILINE)
SUBMIT = """([path, token, fields]) => {
    const form = document.createElement('form');
    form.method = 'post'; form.action = path;
    for (const [name, value] of [['csrf_token', token], ...fields]) {
        const input = document.createElement('input');
        input.name = name; input.value = value; form.append(input);
    }
    document.body.append(form); form.submit();
}"""
WAITING = {
    "case_id": "c-1",
    "kind": "lock",
    "reason": "judicial_request",
    "case": "TK03-7",
    "state": "requested",
}


@dataclass
class Stop:
    """One page: who looks, what it is called, its address, and what is sent there when it is no plain page."""

    desk: Desk | None
    name: str
    path: str
    sent: dict[str, Any] | None = None


@dataclass
class Walk:
    """All pages, in the order in which they are looked at."""

    stops: list[Stop] = field(default_factory=list)

    def __call__(self, desk: Desk | None, name: str, path: str, /, **sent: Any) -> None:
        """One more page."""
        self.stops.append(Stop(desk, name, path, sent or None))


@pytest.fixture
async def served(
    start: Callable[..., AsyncIterator[Registry]], make_database: Any, pristine_authority: str
) -> AsyncIterator[tuple[Registry, str]]:
    """The registry on a port, on a database of its own."""
    port = free_port()
    url = await make_database("registry_look", like=pristine_authority)
    async for running in start(url, public_url=f"http://localhost:{port}"):
        running.issuer.audience = f"http://localhost:{port}"
        async with serving(running.app, port=port) as address:
            yield running, address


@pytest.fixture
def registry(served: tuple[Registry, str]) -> Registry:
    """The registry that is served."""
    return served[0]


async def found(desk: Desk, purpose: str, person: dict[str, str]) -> str:
    """The handle of somebody whose record is open, or closed, in this errand."""
    await desk.take(purpose)
    return handle_on(await desk.send_form("/console/find", number=person["number"]))


async def at_desks(walk: Walk, sit: Sit) -> None:
    """The desk with and without errand, mistakes, records within and beyond the territory."""
    idle, working, receiving = await sit(COMMUNE), await sit(COMMUNE), await sit(COMMUNE)
    walk(None, "door", "/console")
    walk(idle, "desk-no-errand", "/console")
    walk(idle, "desk-no-case", "/console/errand", purpose="residence_dossier", case="")
    lan = await found(working, "residence_dossier", LAN)
    walk(working, "desk", "/console")
    walk(working, "number-wrong", "/console/find", number="12")
    walk(working, "record", "/console/find", number=LAN["number"])
    walk(working, "record-reason-wrong", "/console/requests/ask", person=lan, reason="x")
    walk(working, "out-of-area", "/console/find", number=PHUC["number"])
    walk(working, "search", "/console/search", name="Lan", birth_from="1990", birth_to="1999")
    phuc = await found(receiving, "verify_in_person", PHUC)
    walk(receiving, "present-wrong", "/console/present", person=phuc, card="x")
    walk(receiving, "eid", "/console/present", person=phuc, card=PHUC_CARD)
    page = await receiving.send_form("/console/present", person=phuc, card=PHUC_CARD)
    present = re.search(r'name="present" value="([0-9a-f]+)"', page.text)
    assert present is not None
    act = {"person": phuc, "present": present[1], "act": "issue"}
    walk(receiving, "eid-mistakes", "/console/eid/act", **act, email="x", compared="card")
    walk(receiving, "eid-raised", "/console/eid/act", **act, email="phuc@example.vn.test", compared=WHOLE)
    walk(receiving, "eid-cases", "/console/eid-cases")


async def with_others(walk: Walk, sit: Sit) -> None:
    """Cards and corrections, asked for by one officer and examined by another."""
    asking, second, correcting = await sit(PROVINCE), await sit(CENTRE), await sit(COMMUNE)
    walk(second, "requests-none", "/console/requests")
    phuc = await found(asking, "identity_acts", PHUC)
    order = {"person": phuc, "act": WITHDRAW, "decision": "7/QĐ-QLHC-2026", **SINCE}
    walk(asking, "identity", "/console/identity", person=phuc)
    walk(asking, "identity-mistakes", "/console/identity/check", person=phuc)
    walk(asking, "identity-check", "/console/identity/check", **order)
    fails = order | {"since_year": "2090"}
    walk(asking, "identity-fails", "/console/identity/check", **fails)
    assert (await asking.send_form("/console/identity/act", **order)).status_code == 303
    card = REQUEST.findall((await second.get("/console/requests")).text)[-1]
    walk(second, "identity-examine", "/console/requests/examine", request=card)
    assert (await correction_asked(correcting, middle="Thị Ngọc")).status_code == 303
    correction = REQUEST.findall((await second.get("/console/requests")).text)[-1]
    walk(correcting, "record-correction", "/console/find", number=LAN["number"])
    walk(second, "correction-examine", "/console/requests/examine", request=correction)
    walk(asking, "requests", "/console/requests")


async def dossiers(walk: Walk, registry: Registry, sit: Sit) -> None:
    """Queue, a dossier with its papers, mistakes; what another agency's officer sees."""
    code = (await file(registry, LAN))["dossier_code"]
    desk, insurer = await sit(COMMUNE), await sit(INSURER)
    assert (await acts(desk, code, "receive")).status_code == 303
    async with registry.app.state.console.database.pool() as pool:
        await pool.execute("ALTER TABLE dossier_event DISABLE TRIGGER USER")
        await pool.execute("UPDATE dossier_event SET occurred_at = occurred_at - interval '40 days'")
        await pool.execute("UPDATE dossier SET filed_at = filed_at - interval '40 days'")
        await pool.execute("ALTER TABLE dossier_event ENABLE TRIGGER USER")
    walk(desk, "dossiers", "/console/dossiers")
    walk(desk, "dossier-late", f"/console/dossiers/{code}")
    walk(
        desk,
        "dossier-mistake",
        f"/console/dossiers/{code}",
        act="apologise",
        version="2",
        reason="Bàn giao ca trực",
    )
    walk(insurer, "insurer-desk", "/console")
    walk(insurer, "insurer-dossiers-none", "/console/dossiers")
    walk(insurer, "insurer-denied", f"/console/dossiers/{code}")


async def audited(walk: Walk, registry: Registry, sit: Sit) -> None:
    """What auditors see, and statistics."""
    looking, auditor = await sit(COMMUNE), await sit(AUDITOR)
    await found(looking, "residence_dossier", LAN)
    handle = handle_on(await looking.send_form("/console/find", number=PHUC["number"]))
    reason = "Cụ già đi lạc, cần báo người nhà trong đêm"
    await looking.send_form("/console/break-glass", person=handle, reason=reason)
    assert (await reported(registry, LAN))[1].status_code < 300
    walk(auditor, "auditor-desk", "/console")
    walk(auditor, "reviews", "/console/reviews")
    walk(auditor, "reviews-officer", f"/console/reviews?officer={COMMUNE}")
    walk(auditor, "misuse", "/console/misuse-reports")
    walk(auditor, "emergencies", "/console/emergencies")
    walk(auditor, "statistics", "/console/statistics")
    walk(looking, "statistics-commune", "/console/statistics")


async def go(page: Page, address: str, registry: Registry, stop: Stop) -> None:
    """Open the page, or send to it what a form of ours would send."""
    name = registry.app.state.console.cookie
    await page.context.clear_cookies(name=name)
    if stop.desk is not None:
        value = stop.desk.cookies.get(name) or ""
        await page.context.add_cookies([{"name": name, "value": value, "url": address}])
    if stop.sent is None:
        await page.goto(address + stop.path)
        return
    await page.goto(f"{address}/console")
    token = await page.locator("input[name=csrf_token]").first.get_attribute("value")
    pairs = [
        [key, each]
        for key, value in stop.sent.items()
        for each in ([value] if isinstance(value, str) else value)
    ]
    async with page.expect_navigation():
        await page.evaluate(SUBMIT, [stop.path, token, pairs])


async def test_every_page_of_the_console(
    served: tuple[Registry, str], registry: Registry, sit: Sit, browser: Browser
) -> None:
    """WCAG 2.2 AA (1.4.3, 1.4.10): each page with its mistakes and empty states, in both languages."""
    raised = {"status": "active", "level": 2, "mailed": True, "link": ""}
    case = {**WAITING, "requested_at": "2026-11-20T02:00:00+00:00", "number": LAN["number"], "mine": False}
    behind(registry, issue=raised, queue={"cases": [case]})
    walk = Walk()
    await at_desks(walk, sit)
    await with_others(walk, sit)
    await dossiers(walk, registry, sit)
    await audited(walk, registry, sit)
    for look, (width, height, options, schemes) in LOOKS.items():
        async with opened(browser, width, height, **options) as page:
            for stop in walk.stops:
                await go(page, served[1], registry, stop)
                await assert_accessible(page, schemes=schemes)
                assert await page.get_attribute("html", "lang") == look[:2], stop.name
                assert await page.locator("h1").count() == 1, stop.name
                assert not UNTRANSLATED.search(await page.inner_text("body")), stop.name
                for scheme in ("light", "dark"):
                    await screenshot(page, f"console/{stop.name}-{look}-{scheme}", scheme=scheme)
                await page.emulate_media(color_scheme="light")
