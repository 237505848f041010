"""The check-in at a hospital, pure: which code is said for which card, name and day, and what is paid."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest

from population_registry.domain import (
    HealthInsurance,
    InsuranceState,
    PartialDate,
    PersonStatus,
    RegistryFacts,
    ResidenceKind,
    Sex,
)
from population_registry.domain.insurance_groups import BENEFIT_DIGITS
from population_registry.domain.shown_cards import Shown, ShownForm
from population_registry.matching import Successors
from population_registry.storage.gazetteer import load_gazetteer
from population_registry.verification.check_in_notes import NOTES
from population_registry.verification.claims import CLAIMS, Scene
from population_registry.verification.claims.check_in import CheckIn, child_until, percent_of
from tests.registry_verification.people import TODAY, lives, person

NUMBER, CODE = "099190000101", "GD4019900000101"
ASKED = CheckIn(TODAY, "Nguyễn Thị An", PartialDate(1990, 5, 17))


def card(code=CODE, begins=date(2026, 1, 1), ends=date(2026, 12, 31), **more):
    """One card."""
    return HealthInsurance(code, code[:2], int(code[2]), begins, ends, "01-001", **more)


def found(*cards, asked=ASKED, birth="1990-05-17", details=True, **more):
    """The result about somebody with these cards."""
    subject = person(1, NUMBER, "Nguyễn Thị An", birth, Sex.FEMALE, insurances=cards, **more)
    scene = Scene(
        RegistryFacts((NUMBER,), {NUMBER: subject}, {}, {}), subject, TODAY, Successors(), details=details
    )
    return CLAIMS["check_in"].judge(asked, scene)


def code(*cards, **more):
    """Only the code."""
    return found(*cards, **more).reasons[0]


def ask(**changed):
    """The question of the desk, with changes."""
    return dataclasses.replace(ASKED, **changed)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"name": "Trần Văn Bình"}, "060"),
        ({"name": "Ngô Thu Anh"}, "061"),
        ({"name": "Ngo Thu Anh"}, "061"),
        ({"birth": PartialDate(1991, 5, 17)}, "070"),
        ({"name": "Nguyễn Thị Ân", "birth": PartialDate(1990)}, "070"),
        ({"sex": "Nam"}, "080"),
        ({"sex": "2"}, "000"),
        ({"name": "NGUYEN THI AN"}, "000"),
        ({"card": CODE}, "000"),
        ({"card": "HC4019900000101"}, "051"),
        ({"card": "GD4799900000101"}, "052"),
        ({"card": "GD2019900000101"}, "053"),
        ({"facility": "79-001"}, "090"),
        ({"facility": "01-001"}, "000"),
        ({"on": date(2027, 1, 1)}, "010"),
        ({"on": date(2025, 12, 31)}, "not_begun"),
    ],
)
def test_each_mismatch_has_its_code(asked, expected):
    """insurance.md section 5: not found, wrong in one field, and the state of the card are told apart."""
    if asked.get("name") == "Nguyễn Thị Ân":
        expected = "061"  # both nearly right: as a verification, that is nobody; the first letters agree
    assert code(card(), asked=ask(**asked)) == expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (InsuranceState.WITHDRAWN, "110"),
        (InsuranceState.REDUCED, "120"),
        (InsuranceState.MOVED_OUT, "121"),
        (InsuranceState.MOVED_WITHIN, "122"),
        (InsuranceState.REINCREASED, "123"),
        (InsuranceState.STOPPED, "124"),
    ],
)
def test_decreases_and_withdrawals_hold_from_their_day(state, expected):
    """A card reported on a day pays until that day, and is answered by its ground from then on."""
    reported = card(state=state, state_since=date(2026, 11, 21))
    assert code(reported) == expected
    assert code(reported, asked=ask(on=date(2026, 11, 20))) == "000"


def test_army_police_and_replaced_cards():
    """001 and 002 ask for the paper; 003 and 004 say that the card shown has a successor."""
    assert code(card("QN5979900000101")) == "001"
    assert code(card("CA5979900000101")) == "002"
    new = card("HT3019900000101")
    old = card(ends=date(2026, 6, 30))
    assert code(new, old, asked=ask(card=CODE)) == "003"
    assert code(new, card(), asked=ask(card=CODE)) == "004"


def test_children_need_no_card():
    """130: under 72 months nothing but the birth date counts; without cards and older, 050."""
    asked = ask(birth=PartialDate(2023, 5, 17))
    child = found(asked=asked, birth="2023-05-17")
    assert child.reasons == ("130",)
    assert child.detail.document()["benefit_percent"] == 100
    assert child.detail.document()["valid_until"] == "2029-09-30"
    assert code() == "050"


def test_a_newborn_gets_a_temporary_code():
    """Circular 30/2020 Art. 10: `TE1`, the mother's province, the hospital's ten digits; from birth, until six."""
    asked = ask(newborn="0123456789", born=date(2026, 11, 20))
    result = found(asked=asked)
    assert (result.reasons, result.detail.card_code) == (("130",), "TE1990123456789")
    assert code(asked=ask(newborn="0123456789", born=date(2026, 11, 22))) == "050"
    wrong = ask(newborn="0123456789", born=date(2026, 11, 20), name="Trần Thị Khác")
    assert found(asked=wrong).detail is None


def test_nobody_is_insured_after_death():
    """From the day of death on 124, whatever the card says (insurance.md section 9)."""
    assert code(card(), status=PersonStatus.DECEASED) == "124"


@pytest.mark.attack
@pytest.mark.parametrize(
    "asked", [{"name": "Trần Văn Bình"}, {"birth": PartialDate(1970, 1, 1)}, {"sex": "Nam"}]
)
def test_a_mismatch_gives_out_nothing(asked):
    """The look-up's known leak, not copied: with a wrong name, date or sex no fact of the card leaves (attack 50)."""
    result = found(card(), asked=ask(**asked))
    assert result.detail is None
    assert len(result.reasons) == 1


def test_facts_leave_only_where_the_catalogue_grants_them():
    """Without `details` in the entry there is a code and nothing else."""
    assert found(card(), details=False).detail is None


@pytest.mark.parametrize(
    ("group", "percent"),
    [
        ("TE", 100),
        ("CC", 100),
        ("HN", 100),
        ("BT", 100),
        ("QN", 100),
        ("HT", 95),
        ("CN", 95),
        ("GD", 80),
        ("DN", 80),
        ("HS", 80),
    ],
)
def test_what_is_paid_follows_the_group(group, percent):
    """Law 25/2008 Art. 22: by group, not by the digit on the card; everything at the primary level."""
    assert percent_of(group, primary_level=False) == percent
    assert percent_of(group, primary_level=True) == 100
    assert group in BENEFIT_DIGITS


def test_of_several_groups_the_highest_pays():
    """Art. 22(2): whoever belongs to several groups gets the best rate; the law prevails over a wrong digit."""
    wrong_digit = card("HT4019900000101")
    result = found(card(), wrong_digit)
    assert result.detail.document()["benefit_percent"] == 95


def test_five_years_show_only_once_reached():
    """The date of five consecutive years is said from that day on (Art. 22(1)(d))."""
    day = date(2026, 11, 21)
    assert found(card(five_year_from=day)).detail.five_years_since == day
    assert found(card(five_year_from=date(2026, 11, 22))).detail.five_years_since is None


@pytest.mark.parametrize(
    ("born", "until"),
    [
        (date(2020, 3, 1), date(2026, 9, 30)),
        (date(2020, 11, 5), date(2026, 11, 5)),
        (date(2020, 2, 29), date(2026, 9, 30)),
    ],
)
def test_a_childs_card_lasts_to_school(born, until):
    """Art. 16(3): 72 months, or 30 September where school has not begun."""
    assert child_until(born) == until


@pytest.mark.parametrize(
    ("text", "form", "social"),
    [
        ("DN4 01 9900000101", ShownForm.CARD, "9900000101"),
        ("dn4019900000101", ShownForm.CARD, "9900000101"),
        ("9900000101", ShownForm.SOCIAL, "9900000101"),
        ("099 194 000 101", ShownForm.PERSONAL, None),
    ],
)
def test_three_forms_are_accepted(text, form, social):
    """insurance.md section 5: the card's 15 characters, the ten digits, or the personal number."""
    shown = Shown.parse(text)
    assert (shown.form, shown.social) == (form, social)


@pytest.mark.parametrize(
    "text", ["", "123456789", "DN6019900000101", "D44019900000101", "99194000101", "9900000101\u0661"]
)
def test_other_forms_are_bad_parameters(text):
    """Nine digits, a benefit digit of 6, eleven digits, digits of another script: 205, never guessed at."""
    with pytest.raises(ValueError, match="expected"):
        Shown.parse(text)


def test_every_code_has_a_sentence_in_both_languages():
    """Each code of the table, and the one we add, is explained in Vietnamese and English."""
    table = {
        "000",
        "001",
        "002",
        "003",
        "004",
        "010",
        "050",
        "051",
        "052",
        "053",
        "054",
        "055",
        "060",
        "061",
        "070",
        "080",
        "090",
        "100",
        "110",
        "120",
        "121",
        "122",
        "123",
        "124",
        "130",
        "205",
        "401",
        "500",
    }
    assert table <= NOTES.keys()
    assert all(vi.strip() and en.strip() and vi != en for vi, en in NOTES.values())


def test_a_residence_gives_the_province_of_a_temporary_code():
    """Two digits of the mother's province of today."""
    home = lives(ResidenceKind.PERMANENT, "00004", 7)
    mother = person(1, NUMBER, "Nguyễn Thị An", "1990-05-17", residences=(home,))
    asked = ask(newborn="0123456789", born=date(2026, 11, 20))
    facts = RegistryFacts((NUMBER,), {NUMBER: mother}, {}, {})
    scene = Scene(facts, mother, TODAY, Successors(), details=True, places=load_gazetteer())
    assert CLAIMS["check_in"].judge(asked, scene).detail.card_code == "TE1010123456789"
