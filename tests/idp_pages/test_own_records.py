"""Who looked at me, reports, my data as a file, closing, dependants: the pages, with a registry that answers."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.pages.history import PAGE, Place, newest, read_place
from idp.ports import Access, HistoryEntry
from idp.registry import HttpRegistry
from tests.idp_pages.conftest import ISSUER, REGISTRY, TOTP, Provider, Visitor, fields_of, step_of
from tests.idp_pages.test_account import HOA, HOA_PASSWORD, entered
from tests.idp_pages.test_security import strongly, with_code
from tests.idp_pages.test_sign_in import LAN, LAN_PASSWORD

NewVisitor = Callable[..., Visitor]
AHEAD = timedelta(seconds=30)
"""The registry's rows come first and then among ours, whenever a test begins."""


OURS = 3
"""The row of the registry's log that the provider's own question left."""


def entry(place: int, begun: datetime | None = None) -> dict[str, Any]:
    """A row of the registry's log; the larger the place, the older."""
    newest = (begun or datetime.now(UTC)) + AHEAD
    return {
        "entry_id": f"00000000-0000-4000-8000-{place:012d}",
        "at": (newest - timedelta(seconds=10 * place)).isoformat(),
        "client": "idp" if place == OURS else "residence-portal",
        "agency": "G01",
        "officer": "CA-00004-017" if place else None,
        "purpose": f"Thẩm định hồ sơ {place}",
        "procedure_code": "1.004194",
        "dossier_code": "G01.899.05-261121-010042",
        "fields": {"name": "verified", "permanent_address": "released"},
        "outcome": "answered",
        "cursor": str(place + 1),
    }


class Answers:
    """What the registry says; ``kin`` are the relations that its record shows, ``rows`` how long its log is."""

    def __init__(self) -> None:
        self.rows = 60
        self.begun = datetime.now(UTC)
        self.kin: dict[str, str] = {}
        self.away = False
        self.asked: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one request."""
        self.asked.append(request)
        if self.away:
            return httpx2.Response(503)
        if request.url.path == "/v1/access-log":
            begin = int(request.url.params.get("cursor", 0))
            end = min(begin + int(request.url.params["limit"]), self.rows)
            following = str(end) if end < self.rows else None
            rows = [entry(place, self.begun) for place in range(begin, end)]
            return httpx2.Response(200, json={"entries": rows, "next_cursor": following})
        claims = json.loads(request.content)["claims"]
        flags = dict.fromkeys(claims, "match") | {
            f"{word}_of": "match"
            if self.kin.get(json.loads(request.content)["subject"]["number"]) == word
            else "mismatch"
            for word in ("child", "ward")
        }
        return httpx2.Response(200, json={"results": {name: {"flag": flag} for name, flag in flags.items()}})


@pytest.fixture
def registry(provider: Provider) -> Iterator[Answers]:
    """The provider, with a registry that answers."""
    services = provider.app.state.services
    answers = Answers()
    adapter = HttpRegistry(REGISTRY, ISSUER, services.ring, transport=httpx2.MockTransport(answers))
    provider.app.state.services = replace(services, registry=adapter)
    yield answers
    provider.app.state.services = services


async def test_both_logs_in_one_list(visitor: NewVisitor, registry: Answers) -> None:
    """Law 91/2025, Art. 4: who, when, for which procedure and dossier, what was verified and what released."""
    browser = visitor()
    await entered(browser)
    text = (await browser.get("/account/history")).text
    assert "Đăng nhập" in text
    assert "Thẩm định hồ sơ 0" in text
    assert "G01.899.05-261121-010042" in text
    assert "CA-00004-017" in text
    assert "<dd>Tài khoản định danh</dd>" in text
    assert "<dd>idp</dd>" not in text
    token = registry.asked[0].headers["authorization"]
    assert token.startswith("Bearer ")


async def test_no_row_is_lost_or_shown_twice(
    visitor: NewVisitor, registry: Answers, provider: Provider
) -> None:
    """Paging through two logs at once shows each row once, newest first, to the end."""
    browser = visitor()
    await entered(browser)
    seen: list[str] = []
    lines = 0
    address = "/account/history"
    for _ in range(2_000):  # the provider's own log holds every sign-in of earlier tests
        text = (await browser.get(address)).text
        seen += re.findall(r'<p class="log-what">Thẩm định hồ sơ ([0-9]+)</p>', text)
        lines += text.count('<p class="log-what">')
        if 'rel="next"' not in text:
            break
        following = text.split('rel="next" href="')[1].split('"')[0]
        address = f"/account/history{following}"
    assert seen == [str(place) for place in range(registry.rows)]
    own = await provider.app.state.storage.records.history("acc-lan", limit=10_000)
    assert lines == registry.rows + len(own)
    assert registry.rows > PAGE


async def test_a_page_asks_the_registry_once(visitor: NewVisitor, registry: Answers) -> None:
    """However much of the registry's rows a page takes, the next one begins behind them without another question."""
    browser = visitor()
    await entered(browser)
    registry.asked.clear()
    text = (await browser.get("/account/history")).text
    assert 0 < text.count("Thẩm định hồ sơ") < registry.rows
    assert [request.url.path for request in registry.asked] == ["/v1/access-log"]


MOMENTS = st.lists(st.integers(0, 60), max_size=PAGE + 1)


@given(MOMENTS, MOMENTS.map(lambda each: sorted(each, reverse=True)))
def test_a_page_is_a_beginning_of_both_logs(ours: list[int], theirs: list[int]) -> None:
    """Whatever two processes' clocks say, no row of either log is passed over: the next page begins behind it."""
    mine = [
        HistoryEntry(0, "sign_in", None, None, (), None, len(ours) - at, ms) for at, ms in enumerate(ours)
    ]
    others = [Access(str(at), ms, "", "", None, "", "", None, {}, "") for at, ms in enumerate(theirs)]
    page = newest(mine, others)
    assert len(page) == min(PAGE, len(mine) + len(others))
    shown = [row for row in page if isinstance(row, HistoryEntry)]
    assert shown == mine[: len(shown)]
    assert [row for row in page if isinstance(row, Access)] == others[: len(page) - len(shown)]


async def test_a_silent_registry_leaves_our_own_log(visitor: NewVisitor, registry: Answers) -> None:
    """An outage is said, and what we know is shown."""
    registry.away = True
    browser = visitor()
    await entered(browser)
    text = (await browser.get("/account/history")).text
    assert "chưa trả lời" in text
    assert "Đăng nhập" in text


@pytest.mark.parametrize("text", ["x", "bm8", "W10", "é", "A" * 300, "WzEsMiwzXQ", "bnVsbA"])
def test_a_made_up_place_is_the_beginning(text: str) -> None:
    """Bad input loses nothing."""
    assert read_place(text).before in {None, 1}
    assert read_place(Place(5, "abc", ended=True).text()) == Place(5, "abc", ended=True)


async def test_a_report_is_kept_and_its_state_shown(visitor: NewVisitor, registry: Answers) -> None:
    """Said once or twice, it is one report; without words it is asked for."""
    assert not registry.away
    browser = visitor()
    await entered(browser)
    reference = str(entry(0)["entry_id"])
    here = f"/account/history/report?source=registry&reference={reference}"
    assert (await browser.answer("/account/history/report", here)).status_code == 422
    for _ in range(2):
        answer = await browser.answer("/account/history/report", here, said="Tôi không nộp hồ sơ nào.")
        assert answer.headers["location"] == "/account/history?done=reported"
    assert "đang chờ kiểm tra" in (await browser.get("/account/history")).text


async def test_a_report_names_the_entry_that_it_is_about(visitor: NewVisitor, registry: Answers) -> None:
    """On any page of the log, and still after words were forgotten; the way back leads to that page."""
    browser = visitor()
    await entered(browser)
    newest_page = (await browser.get("/account/history")).text
    older_page = newest_page.split('rel="next" href="')[1].split('"')[0]
    text = (await browser.get(f"/account/history{older_page}")).text
    link = text.split('<a href="/account/history/report')[1].split('"')[0].replace("&amp;", "&")
    what = text.split('<p class="log-what">')[1].split("</p>")[0]
    assert f'<p class="log-what">{what}</p>' in (await browser.get(f"/account/history/report{link}")).text
    again = await browser.answer("/account/history/report", f"/account/history/report{link}")
    assert again.status_code == 422
    assert f'<p class="log-what">{what}</p>' in again.text
    assert f'href="/account/history{older_page}"' in again.text
    registry.away = True
    assert (await browser.get(f"/account/history/report{link}")).status_code == 200


@pytest.mark.attack
@pytest.mark.parametrize(
    ("source", "reference"),
    [
        ("provider", "of Lan"),
        ("provider", "9" * 40),
        ("provider", "-1"),
        ("elsewhere", "1"),
        ("registry", "../x"),
    ],
)
async def test_nobody_reports_what_is_not_theirs(
    visitor: NewVisitor, provider: Provider, source: str, reference: str
) -> None:
    """Attack 49: a reference that is nobody's, or somebody else's row of our log, is kept by nobody."""
    browser, storage = visitor(), provider.app.state.storage
    await visitor("192.0.2.9").sign_in(LAN, LAN_PASSWORD)
    if reference == "of Lan":
        reference = str((await storage.records.history("acc-lan", limit=1))[0].seq)
    await browser.sign_in(HOA, HOA_PASSWORD)
    form = await browser.form("/account/security/lock")
    answer = await browser.post(
        "/account/history/report", data=form | {"source": source, "reference": reference, "said": "x"}
    )
    assert answer.headers["location"] == "/account/history"
    assert await storage.own.reports("acc-hoa") == ()


async def test_my_data_as_a_file(visitor: NewVisitor, registry: Answers, provider: Provider) -> None:
    """Everything, after a fresh second factor; no secret and no hash is in it, and the log says that it was taken."""
    assert not registry.away
    browser = visitor()
    await browser.sign_in(LAN, LAN_PASSWORD)
    answer = await browser.answer("/account/data/download", "/account/data")
    assert step_of(answer.headers["location"]) == "/sign-in"
    await strongly(browser)
    answer = await browser.answer("/account/data/download", "/account/data")
    assert answer.headers["content-disposition"].startswith('attachment; filename="dinh-danh-')
    document = answer.json()
    assert document["account"]["personal_number"] == LAN
    assert len(document["registry_log"]) == 60
    assert document["history"][0]["event"] == "data_downloaded"
    held = await provider.app.state.storage.accounts.credentials("acc-lan")
    for secret in (held.password_hash, "argon2", TOTP.decode(), base64.b32encode(TOTP).decode()):
        assert secret not in answer.text
    members = " ".join(members_of(document))
    assert [word for word in ("totp", "hash", "secret") if word in members] == []


def members_of(document: object) -> Iterator[str]:
    """The name of each member, however deep; what is said under it may be any random text."""
    if isinstance(document, dict):
        yield from document
    for each in (
        document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    ):
        yield from members_of(each)


async def test_asking_to_be_closed_and_taking_it_back(visitor: NewVisitor, provider: Provider) -> None:
    """A case for the centre, asked for once however often, and the person's own until it is decided."""
    browser = visitor()
    await strongly(browser)
    for _ in range(2):
        form = fields_of((await browser.get("/account/data")).text.split("Đóng tài khoản</h2>")[1])
        answer = await browser.post("/account/data/close", data=form)
        assert answer.headers["location"] == "/account/data?done=asked"
    cases = await provider.app.state.storage.own.cases("acc-lan")
    assert [case.state for case in cases] == ["forwarded"]
    form = fields_of((await browser.get("/account/data")).text.split("Đóng tài khoản</h2>")[1])
    await browser.post("/account/data/close/withdraw", data=form)
    assert [case.state for case in await provider.app.state.storage.own.cases("acc-lan")] == ["withdrawn"]


async def name_child(browser: Visitor, number: str, year: str = "2015") -> httpx2.Response:
    """Fill in the form."""
    values = {
        "number": number,
        "name": "Nguyễn Bé An",
        "born_day": "22",
        "born_month": "11",
        "born_year": year,
    }
    page = (await browser.get("/account/dependants")).text
    form = fields_of(page[page.rindex('<form method="post" action="/account/dependants"') :])
    return await browser.post("/account/dependants", data=form | values)


async def test_a_child_as_the_registry_says(visitor: NewVisitor, registry: Answers) -> None:
    """Decree 69/2024, Art. 14(2): shown with the birthdays on which it ends; what the registry denies is not kept."""
    browser = visitor()
    await strongly(browser)
    refused = await name_child(browser, "099315000001")
    assert (refused.status_code, "không xác nhận" in refused.text) == (422, True)
    registry.kin["099315000001"] = "child"
    assert (await name_child(browser, "099315000001")).headers["location"] == "/account/dependants?done=added"
    text = (await browser.get("/account/dependants")).text
    assert "đến ngày 22/11/2029" in text
    assert "đến ngày 22/11/2033" in text
    assert "099315000001" not in text


@pytest.mark.attack
async def test_a_child_who_came_of_age_is_over(visitor: NewVisitor, registry: Answers) -> None:
    """Attack 52: the birthday ends it by the clock alone, whatever the registry still says."""
    browser = visitor()
    await strongly(browser)
    registry.kin["099300000001"] = "child"
    await name_child(browser, "099300000001", "2000")
    text = (await browser.get("/account/dependants")).text
    assert "đã chấm dứt ngày 22/11/2018" in text


async def test_one_factor_names_nobody(visitor: NewVisitor, registry: Answers) -> None:
    """Acting for somebody else needs level 2 and two factors (domain facts, section 6)."""
    browser = visitor()
    await browser.sign_in(LAN, LAN_PASSWORD)
    answer = await name_child(browser, "099315000001")
    assert step_of(answer.headers["location"]) == "/sign-in"
    assert not registry.asked
    page = answer.headers["location"]
    answer = await browser.sign_in(LAN, LAN_PASSWORD, page)
    assert await with_code(browser, answer.headers["location"], TOTP) == "/account/dependants"
