"""The front door: services found and reached, dossiers of all bodies, notices, marks, public figures."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.national_portal import catalogue
from clients.national_portal.catalogue import Entry, folded, search
from clients.national_portal.door import Door
from clients.national_portal.figures import Asked, months_of, read_asked
from clients.national_portal.mailing import Mailing
from clients.national_portal.statistics import Satisfaction, as_csv, plots
from clients.portal_kit.paging import EPOCH, PAGE, Cursor
from clients.portal_kit.portal import now
from keys import KeyRing
from tests.clients.conftest import LAN, PHUC, Running, Start
from tests.clients.synchronised import decided, new_code, open_door, tell, wanting

pytestmark = pytest.mark.engine
ENTRIES = (
    Entry("1.004194", "Đăng ký tạm trú", "Temporary residence registration", "", "residence", "/t"),
    Entry("linked.birth", "Liên thông đăng ký khai sinh", "Birth of a child", ""),
    Entry("1.010041", "Xác nhận thông tin về cư trú", "Confirmation of residence data", ""),
)


@pytest.fixture
async def national(start: Start, rings: dict[str, KeyRing]) -> Running:
    """The national portal with neighbours that answer."""
    running = await start("national_portal")
    open_door(running, rings)
    return running


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("tạm trú", ["1.004194"]),
        ("TAM TRU", ["1.004194"]),
        ("dang ky", ["1.004194", "linked.birth"]),
        ("ct07", ["1.010041"]),
        ("newborn", ["linked.birth"]),
        ("thuê nhà", ["1.004194"]),
        ("xyz", []),
        ("", ["1.004194", "linked.birth", "1.010041"]),
    ],
)
def test_services_are_found_with_and_without_marks(text: str, codes: list[str]) -> None:
    """Vietnamese with or without diacritics, English, form numbers, everyday words."""
    assert [each.code for each in search(ENTRIES, text)] == codes


def test_folding_knows_the_letter_that_no_normal_form_takes_apart() -> None:
    """Đ is a letter of its own in Unicode; NFC and NFD of the same word are the same."""
    assert folded("Đăng Ký") == folded("Đăng Ký") == "dang ky"


async def test_one_click_leads_to_the_portal_in_the_readers_language(national: Running) -> None:
    """Signed in here, the way leads through the portal's own sign-in (no password) to the page, in English."""
    strangers = (await national.http.get("/services?q=tam+tru&lang=en")).text
    assert 'href="http://localhost:8202/temporary-residence?lang=en"' in strangers
    await national.sign_in(LAN)
    page = (await national.http.get("/services?q=tam+tru&lang=en")).text
    way = page.partition('class="service-name"><a href="')[2].partition('"')[0].replace("&amp;", "&")
    assert urlsplit(way).path == "/sign-in"
    assert parse_qs(urlsplit(way).query) == {"next": ["/temporary-residence"], "lang": ["en"]}
    assert "At the one-stop counter" in (await national.http.get("/services?lang=en")).text


async def test_the_other_portal_takes_the_language_over(start: Start) -> None:
    """`/sign-in?lang=en` sets the portal's own language cookie on the way to the provider."""
    residence = await start("residence_portal")
    answer = await residence.http.get("/sign-in?next=/temporary-residence&lang=en")
    assert (answer.status_code, "residence_portal_language=en" in answer.headers["set-cookie"]) == (302, True)


@pytest.mark.attack
async def test_a_catalogue_with_a_wrong_signature_is_not_believed(
    national: Running, rings: dict[str, KeyRing]
) -> None:
    """Only what the registry signed is offered (attack 22): with a stranger's keys published, nothing is."""
    door: Door = national.app.state.door
    door.services.keys._known = {
        national.portal.settings.registry_url: (float("inf"), rings["stranger"].jwks())
    }
    await door.services.refresh()
    assert (door.services.version, door.services.found) == ("", ())


async def test_dossiers_say_what_to_do(national: Running) -> None:
    """What waits for the person stands first, in words, with the officer's own and the way to the portal."""
    mine, other = new_code(), new_code()
    await tell(national, wanting(mine))
    await tell(national, wanting(other), PHUC)
    await national.sign_in(LAN)
    page = (await national.http.get("/dossiers")).text
    assert "Việc bạn cần làm" in page
    assert (mine in page, other in page) == (True, False)
    one = (await national.http.get(f"/dossiers/{mine}")).text
    assert 'class="mark"' in one, "the mark of the State stands on this page too"
    assert 'class="brand" href="/"' in one, "and the name beside it leads home"
    assert "Thiếu hợp đồng thuê nhà" in one
    assert f"http://localhost:8202/sign-in?next=/dossiers/{mine}&amp;lang=vi" in one
    for strange in (other, new_code(), "..%2Fetc"):
        assert (await national.http.get(f"/dossiers/{strange}")).status_code == 404


async def test_notices_are_counted_once_and_read(national: Running) -> None:
    """Every page shows how many wait; telling twice makes no second one; opening the dossier reads its notices."""
    code = new_code()
    await tell(national, wanting(code))
    await tell(national, wanting(code))
    await national.sign_in(LAN)
    assert "3 thông báo mới" in (await national.http.get("/")).text
    inbox = (await national.http.get("/inbox")).text
    assert inbox.count(f'href="/dossiers/{code}"') == 3
    assert "0 thông báo" not in (await national.http.get(f"/dossiers/{code}")).text
    assert "thông báo mới" not in (await national.http.get("/inbox")).text


async def test_mail_goes_to_a_confirmed_address_only(national: Running, rings: dict[str, KeyRing]) -> None:
    """A code first; five wrong ones end it; a notice says that there is news, never of whom or of what."""
    door: Door = national.app.state.door
    sent: list[Any] = []

    async def deliver(mail: Any, **_: Any) -> None:
        sent.append(mail)

    portal = national.portal
    door.mailing = mailing = Mailing(
        portal.database,
        portal.ring.sealer("portal.news"),
        portal.pages.texts,
        f"{national.url}/inbox",
        "smtp://localhost:25",
        "portal@example.vn",
        deliver,
    )
    await national.sign_in(LAN)
    for address in ("x", "a@b\r\nBcc: c@d.vn", "a..b@c.vn", "a" * 300 + "@b.vn"):
        wrong = await national.post("/inbox/mail", {"address": address}, form_on="/inbox")
        assert wrong.status_code == 422
    assert (
        await national.post("/inbox/mail", {"address": "lan@example.vn"}, form_on="/inbox")
    ).status_code == 303
    again = await national.post("/inbox/mail", {"address": "lan@example.vn"}, form_on="/inbox")
    assert again.status_code == 429
    assert await mailing.send_one()
    code = "".join(filter(str.isdigit, sent[0].get_content()))[:6]
    wrong_code = f"{(int(code) + 1) % 10**6:06d}"
    assert (
        await national.post("/inbox/mail/confirm", {"code": wrong_code}, form_on="/inbox")
    ).status_code == 422
    assert (await national.post("/inbox/mail/confirm", {"code": code}, form_on="/inbox")).status_code == 303
    await tell_now(national, new_code())
    while await mailing.send_one():
        pass
    (news,) = sent[1:]
    whole = news.as_string() + news.get_content()
    assert news["To"] == "lan@example.vn"
    assert not any(word in whole for word in (LAN, "Lan ", "G01.899", "tạm trú", "hợp đồng"))
    assert (await national.post("/inbox/mail/stop", form_on="/inbox")).status_code == 303
    await tell_now(national, new_code())
    assert not await mailing.send_one()


async def tell_now(national: Running, code: str) -> None:
    """A supplement that is asked for at this moment."""
    from dataclasses import replace

    from tests.clients.synchronised import message

    door: Door = national.app.state.door
    dossier = wanting(code)
    told = message(dossier, dossier.version, LAN)
    async with national.portal.database.transaction() as connection:
        await door.dossiers.merge(
            connection, replace(told, line=replace(told.line, occurred_at=now(), entered_at=now()))
        )


async def test_a_dossier_is_marked_once(national: Running) -> None:
    """Only with a result, only by its person, only once; without a mark the form says what is missing."""
    done, open_one = new_code(), new_code()
    await tell(national, decided(done))
    await tell(national, wanting(open_one))
    await national.sign_in(LAN)
    page = f"/dossiers/{done}"
    missing = await national.post(f"{page}/rating", {}, form_on=page)
    assert (missing.status_code, "Chọn một mức hài lòng" in missing.text) == (422, True)
    for mark, kept in (("4", 4), ("1", 4)):
        token = await national.form_token("/inbox")
        answer = await national.http.post(f"{page}/rating", data={"csrf_token": token, "mark": mark})
        assert answer.status_code == 303
        assert await national.app.state.door.ratings.of(done) == kept
    token = await national.form_token("/inbox")
    early = await national.http.post(f"/dossiers/{open_one}/rating", data={"csrf_token": token, "mark": "1"})
    assert early.status_code == 409
    await national.sign_in(PHUC)
    token = await national.form_token("/inbox")
    strange = await national.http.post(f"{page}/rating", data={"csrf_token": token, "mark": "1"})
    assert strange.status_code == 404


def test_few_marks_are_not_told() -> None:
    """Index 5.4 is 100 % less late and negative; nothing at all is told where nothing may be."""
    assert Satisfaction({}).index(0.9) is None
    content = Satisfaction({5: 12, 4: 5, 2: 2, 1: 1})
    assert content.share(1, 2) == 0.15
    assert content.index(0.95) == pytest.approx(0.8)


def test_what_an_address_asks_for_is_bounded() -> None:
    """Malformed members count as not said; a month to come is this month; a year is twelve months."""
    today = date(2026, 11, 22)
    whole = read_asked({}, today)
    assert whole == Asked("2025-12", "2026-11")
    assert len(months_of(whole)) == 12
    assert read_asked({"to": "2020-05"}, today) == whole
    strange = {"to": "2031-01", "procedure": "<script>", "province": "99999"}
    assert read_asked(strange, today) == whole
    assert read_asked({"to": "2026-03", "province": "01"}, today) == Asked("2025-04", "2026-03", None, "01")


ROW = dict.fromkeys(
    ("filed", "received", "waiting", "late", "overdue", "decided", "online", "assisted", "paid", "payable"),
    20,
)
FIGURES: dict[str, Any] = {
    by: {
        "rows": [ROW | {"code": code, "name_vi": name, "name_en": name, "on_time": 40, "online_share": 0.5}],
        "others": None,
        "total": None,
    }
    for by, code, name in (
        ("month", "2026-10", "2026-10"),
        ("procedure", "1.004194", "=cmd|' /C calc'!A0"),
        ("province", "01", "Hà Nội"),
    )
}


def test_what_the_registry_withholds_stays_withheld() -> None:
    """A month that is not among the rows is no zero: the plot has a gap and the table a word."""
    asked = Asked("2026-09", "2026-10")
    drawn = plots(asked, FIGURES, Satisfaction({}), lambda key: key, "vi")["months"]
    assert drawn.series[0].values == (None, 40.0)


def test_no_cell_is_a_formula() -> None:
    """A spreadsheet that opens the file runs nothing (CSV injection)."""
    lines = as_csv(FIGURES).splitlines()
    assert lines[0].startswith("by,code,name_vi,name_en,filed")
    assert any(line.startswith("procedure,1.004194,'=cmd") for line in lines)


async def test_the_figures_are_public_in_three_forms(national: Running) -> None:
    """Page, CSV and JSON without a sign-in; with the registry away the last ones, or a page that says so."""
    page = await national.http.get("/statistics")
    assert page.status_code == 200
    assert "Công khai giải quyết hồ sơ" in page.text
    table = await national.http.get("/statistics.csv")
    assert (table.headers["content-type"], table.content[:3]) == ("text/csv; charset=utf-8", b"\xef\xbb\xbf")
    figures = (await national.http.get("/statistics.json")).json()
    assert figures["least"] >= 10
    national.registry.cut = True
    assert (await national.http.get("/statistics")).status_code == 200
    assert (await national.http.get("/statistics?to=2026-01")).status_code == 503
    national.registry.cut = False


def test_every_life_event_has_its_words() -> None:
    """Each procedure belongs to something that happens in a life."""
    assert set(catalogue.LIFE_EVENTS) == {"birth", "moving", "papers", "insurance", "death"}


@given(
    st.integers(0, 10**17).map(lambda micros: EPOCH + timedelta(microseconds=micros)),
    st.from_regex(r"[A-Z0-9.-]{1,64}", fullmatch=True),
)
def test_a_cursor_is_read_as_it_was_written(at: datetime, key: str) -> None:
    """To the microsecond: a page never skips or repeats what changed within one second."""
    assert Cursor.read(str(Cursor(at, key))) == Cursor(at, key)


@given(st.text(max_size=120))
def test_any_cursor_is_one_or_the_first_page(text: str) -> None:
    """What a stranger writes into the address raises nothing."""
    found = Cursor.read(text)
    assert found is None or str(found).lstrip("0") == text.lstrip("0")


async def test_long_lists_come_in_pages(national: Running) -> None:
    """Each row once, though all of them changed in the same moment; a strange cursor is the start."""
    codes = [new_code() for _ in range(PAGE + 3)]
    for code in codes:
        await tell(national, decided(code))
    await national.sign_in(LAN)
    pages = await walked(national, "/dossiers?view=results", "&cursor=")
    shown = [sum(f">{code}<" in page for code in codes) for page in pages]
    assert (len(pages), shown) == (2, [PAGE, 3])
    notices = [page.count('class="inbox-notice') for page in await walked(national, "/inbox", "?cursor=")]
    assert set(notices[:-1]) == {PAGE}
    assert sum(notices) % len(codes) == 0  # as many of each dossier
    strange = await national.http.get("/dossiers?view=results&cursor=..%2F%27")
    assert sum(f">{code}<" in strange.text for code in codes) == PAGE


async def walked(running: Running, path: str, joint: str) -> list[str]:
    """Every page of a list, by the button at its end."""
    pages = [(await running.http.get(path)).text]
    more = f'href="{path}{joint}'.replace("&", "&amp;")
    while more in pages[-1]:
        cursor = pages[-1].partition(more)[2].partition('"')[0]
        pages.append((await running.http.get(f"{path}{joint}{cursor}")).text)
    return pages
