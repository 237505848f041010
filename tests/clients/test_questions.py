"""Described forms as pure rules: what is asked, how answers become inputs, how they read again before filing."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.portal_kit.procedure import FormRead
from clients.portal_kit.question import Kind, Question, Section
from clients.portal_kit.questions.offering import is_minor
from clients.portal_kit.questions.reading import read_answers
from clients.portal_kit.questions.showing import answers_shown
from clients.portal_kit.words import Words
from clients.residence_portal.procedures import PROCEDURES, permanent, split, temporary
from idp.protocol.rfc9396_rich_requests import MAX_DETAILS, MAX_LENGTH
from web import Form, Language, Texts

LAN, PHUC, HOA = "099194000101", "099068000102", "099170000103"
CLIENTS = Path(__file__).parents[2] / "clients"


def released(number: str, name: str, born: str, **more: Any) -> dict[str, Any]:
    """A person as the registry releases them."""
    return {"number": number, "name": {"full": name}, "birth_date": born, **more}


OWN = released(
    LAN,
    "Nguyễn Thị Lan",
    "1994-03-08",
    household=[
        released(LAN, "Nguyễn Thị Lan", "1994-03-08", relation="child"),
        released(HOA, "Đỗ Thị Hòa", "1970-11-30", relation="head"),
    ],
)
OFFERED = {
    "own": OWN,
    "province": "01",
    "provinces": ({"code": "01", "name": "Hà Nội"},),
    "communes": ({"code": "00166", "name": "Phường Cầu Giấy"},),
    "minor": False,
}


def read(*questions: Question, **answers: str | list[str]) -> FormRead:
    """What a form of these questions gives; the declaration is ticked."""
    pairs = [("declaration", "yes")]
    for name, value in answers.items():
        pairs += [(name, each) for each in ([value] if isinstance(value, str) else value)]
    return read_answers((Section("form.dwelling", questions),), Form(tuple(pairs)), OFFERED)


def day(name: str, text: str) -> dict[str, str]:
    """A day in three parts."""
    year, month, number = text.split("-")
    return {f"{name}_year": year, f"{name}_month": month, f"{name}_day": number}


PEOPLE = Question("people", Kind.PEOPLE, "form.people_others")
SOME = Question("people", Kind.PEOPLE, "form.people_others", with_me=False)


def test_alone_nobody_is_named() -> None:
    """Left out means the person who files: nothing typed may differ from the record (residence.md section 9)."""
    assert read(PEOPLE).inputs == {}
    assert read(SOME, people_me="yes").inputs == {}
    assert read(SOME).errors


def test_members_are_taken_from_the_record_and_others_as_typed() -> None:
    """A member is named by the place in the list, another by number, name and birth date, known in parts."""
    typed = {"people_1_number": PHUC, "people_1_name": "Trần  Văn Phúc", "people_1_birth_year": "1968"}
    found = read(PEOPLE, people_member=["0"], people_count="1", **typed)
    assert found.errors == ()
    assert [(each["number"], each["birth_date"]) for each in found.inputs["people"]] == [
        (LAN, "1994-03-08"),
        (HOA, "1970-11-30"),
        (PHUC, "1968"),
    ]


@pytest.mark.attack
@pytest.mark.parametrize(
    "answers",
    [
        {"people_count": "1", "people_1_number": LAN, "people_1_name": "Lan", "people_1_birth_year": "1994"},
        {"people_count": "1"},
        {"people_count": "1", "people_1_number": "1" * 12, "people_1_name": "A", "people_1_birth_day": "3"},
    ],
)
def test_people_twice_or_in_parts_are_refused(answers: dict[str, str]) -> None:
    """Nobody twice, nobody without a name, no day without its month."""
    assert read(PEOPLE, **answers).errors


@pytest.mark.attack
@pytest.mark.parametrize("place", ["1", "-1", "99", PHUC, "0 "])
def test_a_place_that_nobody_holds_names_nobody(place: str) -> None:
    """Answers name places of the list that the registry gave: no number can be slipped in (attack 49)."""
    assert read(PEOPLE, people_member=[place]).inputs == {}


def test_who_leaves_a_household() -> None:
    """Exactly one new head, who is named first; the others say how they stand to them (Art. 25)."""
    leavers = Question("people", Kind.LEAVERS, "split.people")
    found = read(leavers, leaver_0="child", leaver_1="head").inputs["people"]
    assert [(each["number"], each.get("relation")) for each in found] == [(HOA, None), (LAN, "child")]
    for wrong in ({}, {"leaver_0": "child"}, {"leaver_0": "head", "leaver_1": "head"}, {"leaver_0": "king"}):
        assert read(leavers, **wrong).errors


UNKNOWN = {"number": LAN, "name": {"full": "Nguyễn Thị Lan"}, "birth_date": "1994-03-08"}
"""What is known of somebody whose record was not released."""
HOA_TYPED = {"number": HOA, "name": "Đỗ Thị Hòa", "birth_year": "1970"}


def read_unknown(question: Question, **answers: str) -> FormRead:
    """A form of one question, where the household was not released."""
    form = Form((("declaration", "yes"), *answers.items()))
    offered = {**OFFERED, "own": UNKNOWN, "today": date(2026, 11, 22)}
    return read_answers((Section("form.dwelling", (question,)),), form, offered)


def test_whose_household_is_unknown_types_its_members() -> None:
    """Decree 69/2024 Art. 14(2), Law on Residence Art. 10, 25: without a released record people are named in full."""
    leavers = Question("people", Kind.LEAVERS, "split.people")
    typed = {f"leaver_1_{name}": value for name, value in HOA_TYPED.items()}
    found = read_unknown(leavers, leaver_0="child", leaver_1="head", leaver_count="1", **typed)
    assert found.errors == ()
    assert [(each["number"], each["birth_date"]) for each in found.inputs["people"]] == [
        (HOA, "1970"),
        (LAN, "1994-03-08"),
    ]
    assert read_unknown(leavers, leaver_0="head", leaver_1="child").inputs["people"] == [
        {"number": LAN, "name": "Nguyễn Thị Lan", "birth_date": "1994-03-08"}
    ]
    assert read_unknown(leavers, leaver_0="head", leaver_1="child", leaver_count="1").errors
    member = Question("person", Kind.MEMBER, "correct.person")
    named = {f"person_{name}": value for name, value in HOA_TYPED.items()}
    assert read_unknown(member, **named).inputs["person"]["number"] == HOA
    assert read_unknown(member, person="1").errors


def test_who_pays_in_which_order() -> None:
    """Decree 188/2025 Art. 6: a place for each of a known household, numbers in that order for an unknown one."""
    payers = Question("members", Kind.PAYERS, "household.order")
    assert read(payers, order_1="2", order_2="1").inputs["members"] == [HOA, LAN]
    assert read(payers, order_1="no", order_2="1").inputs["members"] == [HOA]
    for wrong in ({"order_1": "1", "order_2": "1"}, {"order_1": "no", "order_2": "no"}, {"order_1": HOA}):
        assert read(payers, **wrong).errors
    assert read_unknown(payers, order_count="2", order_1=LAN, order_2=HOA).inputs["members"] == [LAN, HOA]
    assert read_unknown(payers, order_count="2", order_1=LAN, order_2=LAN).errors
    assert read_unknown(payers, order_1="").errors


@pytest.mark.parametrize(
    ("text", "area"), [("45,5", 45.5), ("45.5", 45.5), ("8", 8.0), ("0", None), ("1e3", None), ("٤٥", None)]
)
def test_floor_area(text: str, area: float | None) -> None:
    """A comma is a decimal point; nothing else is a number."""
    found = read(Question("area", Kind.AREA, "permanent.area"), area=text)
    assert (found.inputs["area"] if area else found.errors[0][0]) == (area or "area")


@pytest.mark.parametrize("at", ["21:30", "00:00"])
def test_a_moment_is_one_of_viet_nam(at: str) -> None:
    """Day and time as the law counts them; anything else is named."""
    arrived = Question("arrived_at", Kind.MOMENT, "stay.arrived")
    answers = day("arrived_at", "2026-11-20")
    found = read(arrived, arrived_at_time=at, **answers)
    assert found.inputs["arrived_at"] == f"2026-11-20T{at}:00+07:00"
    assert read(arrived, arrived_at_time="later", **answers).errors[0][0] == "arrived_at_time"


def test_questions_are_put_when_an_answer_calls_for_them() -> None:
    """Only what is asked is read: answers to questions that are not put do not reach the registry."""
    form = {"ground": "family", "leader_number": PHUC, "leader_name": "X"}
    names = [q.name for s in permanent.SECTIONS for q in s.asked(form, minor=False)]
    assert "kin" in names
    assert "leader" not in names
    assert "floor_area_m2" not in names
    minors = [q.name for s in temporary.SECTIONS for q in s.asked({}, minor=True)]
    assert "parent" in minors


def test_the_inputs_of_a_procedure_are_the_registrys() -> None:
    """Floor area belongs to the dwelling, a household is named by its head, the own home has no owner."""
    asked = {"ground": "rented", "dwelling": {"commune": "00166", "address": "Số 5"}, "floor_area_m2": 45.5}
    inputs = permanent.finish(asked | {"household": {"number": PHUC, "name": "Trần Văn Phúc"}})
    assert inputs["dwelling"]["floor_area_m2"] == 45.5
    assert inputs["household"] == {"head": PHUC, "name": "Trần Văn Phúc"}
    own = temporary.finish({"tenure": "owned", "dwelling": {"commune": "00166"}, "owner": {"number": PHUC}})
    assert "owner" not in own


@pytest.mark.parametrize("language", list(Language))
def test_answers_are_shown_in_words(language: Language) -> None:
    """Every kind reads as a sentence's part, never as a code; each row leads to its control."""
    folders = [CLIENTS / "residence_portal" / "locale", CLIENTS / "portal_kit" / "locale"]
    words = Words(Texts(language, folders))
    inputs = {
        "ground": "rented",
        "dwelling": {"commune": "00166", "address": "Số 5"},
        "owner": {"number": PHUC, "name": "TRẦN VĂN PHÚC"},
        "floor_area_m2": 45.5,
        "people": [{"number": HOA, "name": "Đỗ Thị Hòa", "relation": "parent"}],
    }
    rows = answers_shown(permanent.SECTIONS, inputs, {"ground": "rented"}, OFFERED, words)
    assert [anchor for _, _, anchor in rows] == [
        "#ground",
        "#province",
        "#owner_number",
        "#floor_area_m2",
        "#people",
    ]
    shown = " ".join(value for _, value, _ in rows)
    assert "Số 5, Phường Cầu Giấy, Hà Nội" in shown
    assert "45.5 m²" in shown
    assert words.relation("parent") in shown


def test_what_people_agree_to_fits_the_provider() -> None:
    """One detail for each procedure, within what the provider reads (RFC 9396 section 2)."""
    details = [each.detail for each in PROCEDURES]
    assert len(details) <= MAX_DETAILS
    assert len(json.dumps(details)) < MAX_LENGTH
    assert len({each.path for each in PROCEDURES}) == len(PROCEDURES)


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=40)), max_size=20))
def test_reading_never_raises(pairs: list[tuple[str, str]]) -> None:
    """Whatever is posted, a form gives inputs or named mistakes."""
    for sections in (permanent.SECTIONS, temporary.SECTIONS, split.SECTIONS):
        assert isinstance(read_answers(sections, Form(tuple(pairs)), OFFERED), FormRead)


@pytest.mark.parametrize(
    ("born", "minor"), [("2010", True), ("1994-03-08", False), ("2008-12", True), ("", False)]
)
def test_who_may_be_a_minor(born: str, minor: bool) -> None:
    """A date known in parts counts as late as it can be."""
    assert is_minor(born, date(2026, 11, 22)) is minor
