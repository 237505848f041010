"""The insurance portal before the real registry: a child's card, a correction, my card."""

from __future__ import annotations

from datetime import date

import pytest

from clients.insurance_portal.card_correction import WHOSE
from clients.insurance_portal.child_card import CHILD, SIX
from clients.insurance_portal.own_card import card_of
from clients.portal_kit.questions.people import kin_of, perhaps_under
from tests.clients.conftest import CARDS_END, HUNG, Running, Start
from tests.clients.test_filing import begun, reviewed

THAO, BABY = "099197000118", "099226000149"
TODAY = date(2026, 11, 23)


async def insured(start: Start, number: str) -> Running:
    """The insurance portal with somebody in front of it."""
    running = await start("insurance_portal")
    await running.sign_in(number, name="Phan Thị Thu Thảo" if number == THAO else "Lê Quang Hùng")
    return running


async def filed(running: Running, form: str) -> str:
    """Press the last button; the dossier's page."""
    answer = await running.post(f"{form}/file", form_on=f"{form}/review")
    assert answer.status_code == 303, answer.text
    page = await running.http.get(answer.headers["location"])
    assert page.status_code == 200, page.text
    return page.text


def member(number: str, birth: str, relation: str = "child") -> dict[str, object]:
    """Somebody in a household as the registry releases them."""
    return {"number": number, "name": {"full": number}, "birth_date": birth, "relation": relation}


@pytest.mark.parametrize(
    ("birth", "under"),
    [("2020-11-24", True), ("2020-11-23", False), ("2020-11", True), ("2020", True), ("2019", False)],
)
def test_a_date_without_day_counts_for_the_child(birth: str, under: bool) -> None:
    """Under six until the sixth birthday (Law 25/2008 Art. 12(3)); what is not recorded counts for it."""
    assert perhaps_under(SIX, birth, TODAY) is under


def test_children_and_minors_of_the_household_are_offered() -> None:
    """Nobody copies twelve digits: children under six for a card, minors for a correction, the person first."""
    own = {
        "number": "1",
        "name": {"full": "1"},
        "birth_date": "1990-01-01",
        "household": [
            member("2", "2024-05-05"),
            member("1", "1990-01-01", "head"),
            member("3", "2012-01-01"),
            member("4", "1960"),
        ],
    }
    assert [each["number"] for each in kin_of(own, TODAY, CHILD)] == ["2"]
    assert [each["number"] for each in kin_of(own, TODAY, WHOSE)] == ["1", "2", "3"]


def test_a_card_reads_aloud() -> None:
    """Two letters, one digit, two digits, ten digits (insurance.md section 1); none where nobody pays today."""
    held = {
        "card_code": "GD4469712345678",
        "valid_from": "2026-01-01",
        "valid_until": "2026-12-31",
        "facility": "Trạm Y tế",
    }
    card = card_of({"health_insurance": held})
    assert card is not None
    assert (card.group, card.benefit, card.days_left(TODAY)) == ("GD", "4", 38)
    assert card_of({"health_insurance": None}) is None


async def test_a_childs_card(start: Start) -> None:
    """Thảo's baby lives nowhere yet, so its number is asked for; wrong answers are named; filed at the registry."""
    running = await insured(start, THAO)
    form = await begun(running, "/child-card")
    assert "nên cần số định danh của người đó" in (await running.http.get(form)).text
    wrong = await running.post(form, {"child": "elsewhere", "child_number": "12"}, form_on=form)
    assert wrong.status_code == 422
    assert "12 chữ số" in wrong.text
    given = {
        "child": "elsewhere",
        "child_number": BABY,
        "facility": "Bệnh viện Phụ sản - Nhi (mô phỏng)",
        "declaration": "yes",
    }
    review = await reviewed(running, form, given)
    assert "Bệnh viện Phụ sản - Nhi" in review
    page = await filed(running, form)
    assert "Cấp thẻ bảo hiểm y tế cho trẻ em dưới 6 tuổi" in page


async def test_a_correction_takes_the_populations_word(start: Start) -> None:
    """Name and birth date are not typed: the registry's own go on the card; a facility is chosen."""
    running = await insured(start, THAO)
    form = await begun(running, "/card-correction")
    assert 'value="Bệnh viện Hải Châu (mô phỏng)"' in (await running.http.get(form)).text
    nothing = await running.post(form, {"whose": "9", "field": "sex"}, form_on=form)
    assert nothing.status_code == 422
    other = {"whose": "elsewhere", "whose_number": BABY, "field": "name", "declaration": "yes"}
    assert "không có ở đây" in (await running.post(form, other, form_on=form)).text
    review = await reviewed(running, form, {"whose": "1", "field": "name", "declaration": "yes"})
    assert "Phan Thị Thu Thảo" in review
    facility = {
        "whose": "1",
        "field": "facility",
        "facility": "Trạm Y tế phường Hải Châu",
        "declaration": "yes",
    }
    assert "Trạm Y tế phường Hải Châu" in await reviewed(running, form, facility)
    assert "Điều chỉnh thông tin trên thẻ" in await filed(running, form)


async def test_my_card(start: Start) -> None:
    """Somebody insured sees code, group, benefit and days; somebody who is not sees how to join (Art. 37)."""
    running = await insured(start, THAO)
    page = (await running.http.get("/my-card")).text
    for shown in ("Bệnh viện Hải Châu", "DN", "80 %", f"{CARDS_END:%d/%m/%Y}"):
        assert shown in page
    await running.sign_in(HUNG)
    assert "không có thẻ" in (await running.http.get("/my-card")).text
    await running.sign_in(HUNG, acr="urn:example:vn:acr:l1-a1")
    low = await running.http.get("/my-card")
    assert low.headers["location"].startswith("/sign-in?")
