"""A death as one dossier of the family at the national portal: pre-filled, one form, four parts (Decree 63/2024)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from clients.national_portal.linked_death import PROCEDURE, finish, judge, prefill
from clients.portal_kit.linked import parts_of
from tests.clients.conftest import HUNG, Running, Start
from tests.clients.test_filing import begun, reviewed
from tests.clients.test_linked_birth import WHOLE, history

MOTHER = {"number": "099155000142", "name": "Nguyễn Thị Huệ", "birth_date": "1955-02-11"}
WIFE = {"number": "099182000141", "name": "Phạm Thu Hà", "birth_date": "1982-05-06"}
DAUGHTER = {"number": "099312000144", "name": "Lê Khánh Vy", "birth_date": "2012-09-30"}
TODAY = date(2026, 11, 22)


def inputs(**changed: Any) -> dict[str, Any]:
    """What the form's answers were read as."""
    return {
        "whose": "member",
        "deceased": MOTHER,
        "died": "2026-11-20",
        "notice_kind": "signed",
        "notice_number": "BT-46-2026-000009",
        "commune": "19777",
        **changed,
    }


def test_the_registry_gets_numbers_and_no_names() -> None:
    """The inputs of linked.death: who died, when, the notice and its signature, the office, the chosen head."""
    assert finish(inputs()) == {
        "deceased": MOTHER["number"],
        "died": "2026-11-20",
        "notice": {"number": "BT-46-2026-000009", "signed": True},
        "commune": "19777",
    }
    other = inputs(whose="other", other={"number": "099062000110"}, notice_kind="paper", new_head=WIFE)
    del other["deceased"]
    filed = finish(other)
    assert (filed["deceased"], filed["notice"]["signed"]) == ("099062000110", False)
    assert filed["new_head"] == WIFE["number"]


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({}, ()),
        ({"died": "2026-11-22"}, ()),
        ({"died": "2026-11-23"}, (("died", "death.died_ahead"),)),
        ({"new_head": WIFE}, ()),
        ({"new_head": MOTHER}, (("new_head", "death.new_head_died"),)),
        ({"new_head": DAUGHTER}, (("new_head", "death.new_head_minor"),)),
    ],
)
def test_what_cannot_be_is_said_before_filing(
    changed: dict[str, Any], wrong: tuple[tuple[str, str], ...]
) -> None:
    """A day that has not come; a head who died or is a child (Law on Residence 68/2020 Art. 10)."""
    assert judge(inputs(**changed), TODAY) == wrong


async def test_who_lives_alone_names_the_relative() -> None:
    """Without a household the form begins with somebody of another one, and asks for the commune."""
    answered = await prefill(None, {"number": HUNG, "household": None})  # type: ignore[arg-type]  # looks nothing up
    assert answered["whose"] == ["other"]
    assert "commune" not in answered


def test_four_parts_and_what_each_gave() -> None:
    """The family sees from the first moment what will happen, and what each body gave."""
    dossier = replace(
        WHOLE,
        procedure_code="linked.death",
        history=history(("open_part", {"part": "registration"})),
        result={"registration": {"died": "2026-11-20"}, "residence": {"ended": True}},
    )
    registration, residence, insurance, survivors = parts_of(dossier)
    assert (registration.result["died"], residence.done) == ("2026-11-20", True)
    assert (insurance.state, survivors.state) == (None, None)


@pytest.fixture
async def national(start: Start) -> Running:
    """The national portal with the head of a household in front of it."""
    running = await start("national_portal")
    await running.sign_in(HUNG)
    return running


async def test_a_death_is_filed_and_followed_on_one_page(national: Running) -> None:
    """The household and its commune are there already; mistakes are named; filed once; the page shows the bodies."""
    intro = (await national.http.get(PROCEDURE.path)).text
    for body in ("Đăng ký khai tử", "Xóa đăng ký cư trú", "Mai táng phí, tử tuất"):
        assert body in intro
    form = await begun(national, PROCEDURE.path)
    page = (await national.http.get(form)).text
    assert (
        "(bạn)" not in page.partition('name="deceased"')[2].partition("</select>")[0]
    )  # nobody dies for themselves
    first = {"whose": "member", "notice_kind": "signed", "declaration": "yes", "deceased": "0"}
    home = {
        name: page.partition(f'name="{name}"')[2]
        .partition("selected")[0]
        .rpartition('value="')[2]
        .partition('"')[0]
        for name in ("province", "commune")
    }
    assert home["commune"]
    refused = await national.post(form, {**first, **home}, form_on=form)
    assert refused.status_code == 422
    for mistake in ("Chọn người đã mất", "Nhập ngày mất", "Nhập số giấy báo tử"):
        assert mistake in refused.text
    answers = {
        **first,
        **home,
        "deceased": "1",
        "died_day": "2",
        "died_month": "1",
        "died_year": "2026",
        "notice_number": "BT-46-2026-000109",  # another paper than in the look at the same page
    }
    review = await reviewed(national, form, answers)
    assert "BT-46-2026-000109" in review
    answer = await national.post(f"{form}/file", form_on=f"{form}/review")
    assert answer.status_code == 303, answer.text
    dossier = (await national.http.get(answer.headers["location"])).text
    assert "Cơ quan bảo hiểm xã hội" in dossier
    assert "Chờ kết quả của cơ quan trước" in dossier
