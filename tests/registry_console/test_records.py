"""Records at the console: who opens what, what is written about it, what is refused."""

from __future__ import annotations

import re

import pytest

from tests.registry_api.conftest import LAN, Registry
from tests.registry_console.conftest import CASE, Sit

pytestmark = pytest.mark.engine
COMMUNE, PROVINCE, CENTRE, AUDITOR = "CA-00166-017", "CA-01-004", "C06-012", "TTr-001"
HUNG, OFFICER_HIMSELF = "099079000104", "099083000131"
CARD = "099194000101||Nguyễn Thị Lan|17051994|Nữ|Thôn 1, Xã Yên Thành, Tỉnh Nghệ An|11032025"
HANDLE = re.compile(r'name="person" value="([0-9a-f]+)"')


async def test_a_record_opens_and_its_person_sees_it(registry: Registry, sit: Sit) -> None:
    """Law 91/2025 Art. 4: officer, agency, purpose, case and fields are in the person's own log."""
    desk = await sit(COMMUNE)
    await desk.take(case="G01.899.05-261121-030001")
    page = await desk.send_form("/console/find", number=LAN["number"])
    assert page.status_code == 200
    assert "Nguyễn Thị Lan" in page.text
    assert "Cầu Giấy, Hà Nội" in page.text
    (row,) = await registry.log_of(LAN["number"], "G01.899.05-261121-030001")
    assert row["officer"] == COMMUNE
    assert row["agency"] == "Công an phường Cầu Giấy"
    assert row["fields"]["household"] == "released"
    assert row["purpose"] == "Cán bộ thẩm định hồ sơ cư trú"


async def test_a_purpose_shows_no_more_than_it_needs(registry: Registry, sit: Sit) -> None:
    """Law 91/2025 Art. 3: to identify somebody who is present nobody needs their household."""
    desk = await sit(COMMUNE)
    await desk.take("verify_in_person", "G01.899.05-261121-030002")
    page = await desk.send_form("/console/find", number=LAN["number"])
    assert "Nơi thường trú" not in page.text
    (row,) = await registry.log_of(LAN["number"], "G01.899.05-261121-030002")
    assert set(row["fields"]) == {"number", "name", "birth_date", "sex", "status", "card"}


@pytest.mark.attack
@pytest.mark.parametrize("path", ["find", "record", "compare", "break-glass"])
async def test_without_an_errand_nothing_opens(registry: Registry, sit: Sit, path: str) -> None:
    """Attack 49: every path to a record demands purpose and case; the person's log stays as it was."""
    desk = await sit(CENTRE)
    before = len(await registry.log_of(HUNG))
    refused = await desk.send_form(f"/console/{path}", number=HUNG, person="00", card=CARD, reason="x" * 30)
    assert refused.status_code == 403
    assert "Chưa nêu mục đích và số hồ sơ" in refused.text
    after = len(await registry.log_of(HUNG))
    assert after == before


@pytest.mark.attack
@pytest.mark.parametrize("officer", [AUDITOR, "BHXH-46-031", "MC-00166-005"])
async def test_other_offices_open_nothing(sit: Sit, officer: str) -> None:
    """Attack 49: auditors, insurers and counter clerks have no way to a record, whatever they post."""
    desk = await sit(officer)
    assert 'name="number"' not in (await desk.get("/console")).text
    await desk.take()
    for path in ("find", "record", "compare", "break-glass"):
        refused = await desk.send_form(f"/console/{path}", number=LAN["number"], person="00", reason="x" * 30)
        assert refused.status_code == 403, path


@pytest.mark.attack
async def test_beyond_the_territory_only_an_emergency_opens(registry: Registry, sit: Sit) -> None:
    """Attack 49: no name leaves before a reason is given, which an auditor judges and the person sees."""
    desk = await sit(COMMUNE)
    await desk.take(case="G01.899.05-261121-030003")
    closed = await desk.send_form("/console/find", number=HUNG)
    assert closed.status_code == 403
    assert "Lê Quang Hùng" not in closed.text
    assert await registry.log_of(HUNG, "G01.899.05-261121-030003") == []
    handle = HANDLE.findall(closed.text)[-1]
    short = await desk.send_form("/console/break-glass", person=handle, reason="gấp")
    assert short.status_code == 400
    assert "Lê Quang Hùng" not in short.text
    opened = await desk.send_form(
        "/console/break-glass", person=handle, reason="Người bị tai nạn, phải tìm thân nhân ngay."
    )
    assert "Lê Quang Hùng" in opened.text
    assert len(await registry.log_of(HUNG, "G01.899.05-261121-030003")) == 1
    auditor = await sit(AUDITOR)
    listed = await auditor.get("/console/emergencies")
    assert "phải tìm thân nhân ngay" in listed.text
    assert "Lê Quang Hùng" not in listed.text
    (entry,) = re.findall(r'name="entry" value="([0-9a-f-]+)"', listed.text)
    judged = await auditor.send_form("/console/emergencies", entry=entry, verdict="unjustified")
    assert judged.status_code == 303
    again = await auditor.send_form("/console/emergencies", entry=entry, verdict="justified")
    assert again.status_code == 403


async def test_an_officer_of_the_country_reaches_everybody(sit: Sit) -> None:
    """The centre works on records of all provinces; a commune's officer meets nobody's number as nobody's."""
    desk = await sit(CENTRE)
    await desk.take()
    assert (await desk.send_form("/console/find", number=HUNG)).status_code == 200
    nobody = await desk.send_form("/console/find", number="099199999999")
    assert nobody.status_code == 404
    assert 'id="number-error"' in nobody.text


@pytest.mark.attack
async def test_nobody_opens_their_own_record(sit: Sit) -> None:
    """Attack 49: an officer's own record is another officer's work."""
    desk = await sit(COMMUNE)
    await desk.take()
    refused = await desk.send_form("/console/find", number=OFFICER_HIMSELF)
    assert refused.status_code == 403
    assert "Đây là dữ liệu của chính quý vị" in refused.text


@pytest.mark.attack
async def test_a_handle_serves_one_sign_in(sit: Sit) -> None:
    """Attack 49: a record's handle taken from one officer's page opens nothing at another's desk."""
    one, other = await sit(PROVINCE), await sit(CENTRE)
    await one.take()
    await other.take()
    page = await one.send_form("/console/find", number=LAN["number"])
    handle = HANDLE.findall(page.text)[-1]
    assert (await one.send_form("/console/record", person=handle)).status_code == 200
    for stolen in (handle, "zz", "", "00" * 40):
        assert (await other.send_form("/console/record", person=stolen)).status_code == 400


@pytest.mark.parametrize(
    ("card", "status", "said"),
    [
        (CARD, 200, ["Khớp"] * 5),
        (CARD.replace("17051994", "18051994"), 200, ["Khớp", "Khớp", "Không khớp", "Chưa rõ"]),
        ("không phải thẻ", 400, []),
        ("", 400, []),
        ("A\nB\nC", 400, []),
    ],
)
async def test_a_card_beside_the_record(sit: Sit, card: str, status: int, said: list[str]) -> None:
    """Decree 69/2024 Art. 11: the officer sees item by item what the card says; what cannot be read says so."""
    desk = await sit(COMMUNE)
    await desk.take()
    page = await desk.send_form("/console/find", number=LAN["number"])
    handle = HANDLE.findall(page.text)[-1]
    compared = await desk.send_form("/console/compare", person=handle, card=card)
    assert compared.status_code == status, compared.text
    if status == 200:
        assert compared.text.index("Kết quả đối chiếu") < compared.text.index("<dt>Số định danh")
    assert "<dd>Việt Nam</dd>" in compared.text
    flags = re.findall(r'class="tag tag-(?:success|danger|warning|neutral)">([^<]+)<', compared.text)
    assert flags[: len(said)] == said


async def test_a_card_of_somebody_else_is_seen_at_once(sit: Sit) -> None:
    """The first line says that the number is another's."""
    desk = await sit(COMMUNE)
    await desk.take()
    page = await desk.send_form("/console/find", number=LAN["number"])
    other = CARD.replace("099194000101", "099068000102")
    compared = await desk.send_form("/console/compare", person=HANDLE.findall(page.text)[-1], card=other)
    assert re.findall(r'class="tag tag-(\w+)"', compared.text)[1] == "danger"


async def test_an_errand_begins_and_ends(sit: Sit) -> None:
    """Mistakes come back beside their fields; the errand is laid down by one button."""
    desk = await sit(COMMUNE)
    wrong = await desk.send_form("/console/errand", purpose="curiosity", case=CASE)
    assert (wrong.status_code, 'id="purpose-error"' in wrong.text) == (400, True)
    wrong = await desk.send_form("/console/errand", purpose="issue_eid", case="?")
    assert (wrong.status_code, 'id="case-error"' in wrong.text) == (400, True)
    await desk.take(case="12/2026/QD-CQDT")
    assert "12/2026/QD-CQDT" in (await desk.get("/console")).text
    assert (await desk.send_form("/console/errand", act="end")).status_code == 303
    assert "12/2026/QD-CQDT" not in (await desk.get("/console")).text


async def test_a_shown_record_has_no_address(sit: Sit) -> None:
    """Personal data stand in no URL: the address of a record leads back to the desk, in the language asked for."""
    desk = await sit(COMMUNE)
    answer = await desk.get("/console/record?lang=en")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console?lang=en")
