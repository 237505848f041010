"""Acting for children ends on their birthdays by the clock alone, and for a ward with the court's word."""

from __future__ import annotations

import base64
import time
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path

import pytest
from playwright.async_api import Page

from population_registry.storage.connections import connect
from tests.browser import assert_accessible, screenshot
from tests.engines import MakeDatabase
from tests.journeys.acts import STEP, code_at
from tests.journeys.country import ROOT, Persona
from tests.journeys.three_bodies import Bodies, birthday_ahead, three_bodies
from tests.ports import free_ports
from web.formatting import VIETNAM

pytestmark = [pytest.mark.journey, pytest.mark.attack]
SECRET = b"a mother's secret..."
QUYNH = Persona(
    "quynh",
    "099190000153",
    "Trịnh Thị Như Quỳnh",
    "Demo-quynh-2026!",
    "quynh@example.vn.test",
    base64.b32encode(SECRET).decode(),
)
DAUGHTER, SON, BROTHER = "Lê Ngọc Khánh My", "Lê Quốc Bảo", "Trịnh Quốc Bình"
WARD, WARD_BORN = "099099000156", date(1999, 12, 1)
IN_THE_PERSONAS, BORN_THERE = "099322000154", "2022-07-15"
BROTHER_OF_MY = """
[[relative]]
key = "quynh-son"
number = "{number}"
name = {{ family = "Lê", middle = "Quốc", given = "Bảo" }}
full_name = "Lê Quốc Bảo"
sex = "male"
birth = "{born}"
marital = "single"
father = "quynh-former-husband"
mother = "quynh"
custody = {{ parent = "quynh", basis = "court", decision = "112/2024/HNGĐ-ST", since = 2024-05-20 }}
"""
END_OF_GUARDIANSHIP = (
    "UPDATE guardianship SET until = CURRENT_DATE - 1 FROM person "
    "WHERE person.person_id = guardianship.person_id AND personal_number = $1"
)


def born_before(day: date, years: int) -> date:
    """Whose birthday of that many years is ``day``."""
    return day.replace(year=day.year - years)


def people(day: date) -> tuple[str, str, str]:
    """The demo's personas with a daughter who comes of age on ``day`` and a son of fourteen; their numbers."""
    born = born_before(day, 18), born_before(day, 14)
    daughter, son = f"0993{born[0]:%y}000154", f"0992{born[1]:%y}000157"
    text = (ROOT / "demo" / "personas.toml").read_text("utf-8")
    text = text.replace(IN_THE_PERSONAS, daughter).replace(BORN_THERE, born[0].isoformat())
    return text + BROTHER_OF_MY.format(number=son, born=born[1]), daughter, son


async def sign_in(page: Page, bodies: Bodies, path: str) -> None:
    """The mother at a page of the portal that wants two factors."""
    await page.goto(f"{bodies.portal}{path}")
    await page.fill("#personal_number", QUYNH.number)
    await page.fill("#password", QUYNH.password)
    await page.click("button[value='sign-in']")
    await page.fill("#code", code_at(QUYNH.totp_secret, int(time.time()) // STEP))
    await page.click("button[value='code']")
    await page.wait_for_url(f"{bodies.portal}{path}")


async def choose(page: Page, bodies: Bodies, whom: str) -> None:
    """From now on for that dependant."""
    await page.goto(f"{bodies.portal}/on-behalf")
    await page.get_by_label(whom).check()
    await page.get_by_role("button", name="Tiếp tục").click()
    assert whom in await page.inner_text("aside.acting")


async def guardianship_ends(bodies: Bodies) -> None:
    """The court ended it yesterday; the record says so now."""
    connection = await connect(bodies.registry_database)
    try:
        await connection.execute(END_OF_GUARDIANSHIP, WARD)
    finally:
        await connection.close()


async def look(page: Page, name: str) -> None:
    """Judge and keep the page."""
    await assert_accessible(page, schemes=("light",))
    await screenshot(page, f"journeys/birthday-{name}")


async def test_a_mother_acts_until_the_birthdays(
    phone_page: Page,
    make_database: MakeDatabase,
    redis_clean: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Attack 52; Civil Code Arts. 20, 21, Decree 69/2024 Art. 14(2): at midnight, with nobody's act, and said so."""
    page = phone_page
    day = birthday_ahead()
    personas, daughter, son = people(day)
    async with three_bodies(
        personas, make_database, redis_clean, tmp_path, free_ports(range(3)), monkeypatch
    ) as bodies:
        await bodies.account(QUYNH, {"birthdate": "1990-03-26"})
        await bodies.named(QUYNH, daughter, DAUGHTER, born_before(day, 18), "child")
        await bodies.named(QUYNH, son, SON, born_before(day, 14), "child")
        await bodies.named(QUYNH, WARD, BROTHER, WARD_BORN, "ward")
        midnight = datetime.combine(day, time_of_day(), VIETNAM)
        bodies.clock.go_to(midnight - timedelta(seconds=90))

        await sign_in(page, bodies, "/on-behalf")
        assert f"đến trước ngày {day:%d/%m/%Y}" in await page.inner_text("main")
        await choose(page, bodies, DAUGHTER)
        await page.goto(f"{bodies.portal}/confirmation")
        await page.locator("main form button").click()
        await page.fill("#used_for", "Nhập học đại học")
        await page.check("#declaration")

        bodies.clock.go_to(midnight + timedelta(seconds=1))
        await page.get_by_role("button", name="Kiểm tra hồ sơ").click()
        assert "không nộp được nữa" in await page.inner_text("h1")
        assert f"Việc thực hiện thay cho {DAUGHTER} đã kết thúc" in await page.inner_text("aside.acting")
        await look(page, "draft")
        await page.get_by_role("button", name="Đã hiểu").click()
        await page.wait_for_url(f"{bodies.portal}/")
        assert not await page.locator("aside.acting").count(), "the pages are the mother's own again"
        await page.goto(f"{bodies.portal}/on-behalf")
        told = await page.inner_text("main")
        assert DAUGHTER not in told
        assert "Từ 14 tuổi" in told, "for the son she files from now on, and reads no record"

        await choose(page, bodies, BROTHER)
        await guardianship_ends(bodies)
        await page.goto(f"{bodies.portal}/dossiers")
        assert f"Bạn không còn được thực hiện thay cho {BROTHER}" in await page.inner_text("main")
        assert not await page.locator("aside.acting").count()
        await look(page, "refused")
        await page.get_by_role("button", name="Tiếp tục cho chính mình").click()
        await page.wait_for_url(f"{bodies.portal}/")
        assert not await page.locator("aside.acting").count()
