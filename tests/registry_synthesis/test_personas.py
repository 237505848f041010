"""The personas file: it holds together, and its people have the traits their stories tell."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from population_registry.domain import (
    NumberFinding,
    NumberRejectedError,
    PartialDate,
    PersonalNumber,
    Sex,
    inspect_number,
)
from population_registry.synthesis import PersonaError, persona_rows

TEXT = (Path(__file__).parents[2] / "demo" / "personas.toml").read_text(encoding="utf-8")
FILE: dict[str, Any] = tomllib.loads(TEXT)
PERSONAS: dict[str, dict[str, Any]] = {each["key"]: each for each in FILE["persona"]}
TODAY = date(2026, 11, 21)


def test_the_file_becomes_rows() -> None:
    """Everybody in the file is in the registry, with numbers of prefix 099 and no number twice."""
    rows = persona_rows(TEXT)
    assert rows.people == len(FILE["persona"]) + len(FILE["relative"])
    numbers = [str(row[1]) for row in rows.tables["person"]]
    numbers += [str(row[0]) for row in rows.tables["personal_number_alias"]]
    assert len(set(numbers)) == len(numbers)
    assert all(number.startswith("099") for number in numbers)


def test_every_story_of_the_demo_has_its_person() -> None:
    """The traits that checks and journeys need are all present."""
    wanted = {
        *(
            "level_1",
            "level_2",
            "locked",
            "deceased",
            "minor",
            "guardian",
            "head_of_household",
            "tenant",
            "lodger",
        ),
        *("dwelling_owner", "year_only_birth", "number_disagrees_sex", "number_disagrees_year", "old_cmnd"),
        *("near_poor_insured", "interrupted_insurance", "newborn_family", "same_name_and_birth"),
        *("files_household_insurance", "files_temporary_residence", "number_replaced", "no_family_name"),
        *(
            "commune_officer",
            "province_officer",
            "centre_officer",
            "insurance_officer",
            "counter_clerk",
            "auditor",
        ),
    }
    assert wanted <= {tag for persona in PERSONAS.values() for tag in persona["special"]}


def test_accounts_are_complete() -> None:
    """Level, password, second factor (TOTP with its secret or e-mail), state; officers have agency and role."""
    for persona in PERSONAS.values():
        account = persona["account"]
        assert account["level"] in {1, 2}
        assert len(account["password"]) >= 12
        assert (account["second_factor"] == "totp") == ("totp_secret" in account)
        assert account["state"] in {"active", "locked", "closed"}
        assert (account["type"] == "officer") == ("role" in account) == ("agency" in account)
        assert persona["email"].endswith("@example.vn.test")
        assert persona["story"]["vi"] != persona["story"]["en"]


def test_the_first_persona_rents_from_another() -> None:
    """Lan lives in a dwelling that others own, in another commune than her permanent residence (Art. 27)."""
    lan = FILE["persona"][0]
    (current,) = lan["residences"]
    dwellings = {each["key"]: each for each in FILE["dwelling"]}
    home = next(h for h in FILE["household"] if any(m["person"] == lan["key"] for m in h["members"]))
    assert lan["key"] not in dwellings[current["dwelling"]]["owners"]
    assert dwellings[current["dwelling"]]["commune"] != dwellings[home["dwelling"]]["commune"]


@pytest.mark.parametrize(
    ("key", "finding"),
    [
        ("anh", NumberFinding.SEX_DIGIT_MISMATCH),
        ("tam", NumberFinding.YEAR_DIGITS_MISMATCH),
        ("lan", None),
        ("ngoc", None),
    ],
)
def test_numbers_disagree_only_where_the_story_says(key: str, finding: NumberFinding | None) -> None:
    """Two personas' numbers lawfully disagree with their records; the others' agree."""
    persona = PERSONAS[key]
    found = inspect_number(
        PersonalNumber(persona["number"]),
        on=TODAY,
        known_prefixes=frozenset(),
        sex=Sex(persona["sex"]),
        birth=PartialDate.parse(persona["birth"]),
    )
    assert found == ((finding,) if finding else ())


def test_kin_are_recorded_on_both_sides() -> None:
    """Guardian and ward, mother and child, husband and wife know each other."""
    pairs = {(row[0], row[2], row[3]) for row in persona_rows(TEXT).tables["kinship"]}
    back = {"spouse": {"spouse"}, "guardian": {"ward"}, "ward": {"guardian"}, "child": {"father", "mother"}}
    for person, kind, other in pairs:
        assert any((other, reverse, person) in pairs for reverse in back.get(str(kind), {"child"}))


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        ("[[persona", "not TOML"),
        (TEXT.replace('number = "099194000101"', 'number = "001194000101"'), "prefix of real people"),
        (TEXT.replace('owners = ["phuc", "hoa"]', 'owners = ["nobody"]'), "nobody in the file"),
        (TEXT.replace('key = "hoa"', 'key = "phuc"'), "appears twice"),
        (TEXT.replace('full_name = "Nguyễn Thị Lan"', 'full_name = "Nguyễn Thị Hoa"'), "full_name"),
        (TEXT.replace('birth = "1994-05-17"', 'birth = "17 May 1994"'), "persona lan"),
        (TEXT.replace('relation = "head"', 'relation = "child"'), "exactly one head"),
    ],
)
def test_a_broken_file_is_refused_by_name(broken: str, sentence: str) -> None:
    """The message names the entry that does not hold together."""
    with pytest.raises(PersonaError, match=sentence):
        persona_rows(broken)


def test_no_persona_number_is_impossible() -> None:
    """Every number of the file passes the checks that reject."""
    for persona in PERSONAS.values():
        try:
            inspect_number(PersonalNumber(persona["number"]), on=TODAY, known_prefixes=frozenset())
        except NumberRejectedError as error:
            pytest.fail(f"{persona['key']}: {error.reason}")


def test_wards_and_children_of_divorced_parents_have_their_rows() -> None:
    """Wards name guardian, basis and day; custody names one of both parents (Law 52/2014 Art. 81)."""
    tables = persona_rows(TEXT).tables
    people = {row[0]: row for row in tables["person"]}
    assert {row[4] for row in tables["guardianship"]} == {"minor", "incapacity"}
    kin = {(row[0], row[2], row[3]) for row in tables["kinship"]}
    assert all((row[0], "guardian", row[2]) in kin for row in tables["guardianship"])
    for row in tables["custody"]:
        assert people[row[2]][8] == "divorced"
        assert (row[0], "mother", row[2]) in kin or (row[0], "father", row[2]) in kin
    assert {row[0] for row in tables["death"]} == {row[0] for row in people.values() if row[9] == "deceased"}
    assert tables["absence"]
    assert tables["stay"]
