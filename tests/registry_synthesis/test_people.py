"""Numbers, flaws and papers of the synthetic people."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date

import numpy as np
import pytest

from population_registry.domain import (
    NumberFinding,
    PartialDate,
    PersonalNumber,
    PersonName,
    Sex,
    card_expiry,
    inspect_number,
)
from population_registry.storage.reference import DATA
from population_registry.synthesis import AS_OF
from population_registry.synthesis.numbers import (
    MOST_BLOCKS,
    PREFIXES,
    SHARE,
    SeriesExhaustedError,
    old_numbers,
    personal_numbers,
    social_numbers,
)
from tests.registry_synthesis.conftest import SIZE, Country, Record


def _findings(row: Record) -> tuple[NumberFinding, ...]:
    return inspect_number(
        PersonalNumber(str(row["personal_number"])),
        on=AS_OF,
        known_prefixes=frozenset(),
        sex=Sex(row["sex"]),
        birth=PartialDate.parse(str(row["birth_date"])),
    )


def test_every_number_has_a_prefix_of_nobody(country: Country) -> None:
    """097, 098 and 099 are no place: personal numbers, former numbers and CMND numbers all bear one."""
    numbers = [row["personal_number"] for row in country.tables["person"]]
    numbers += [row["number"] for row in country.tables["personal_number_alias"]]
    assert {str(number)[:3] for number in numbers} == {"097", "098", "099"}


def test_no_number_is_given_twice(country: Country) -> None:
    """Personal numbers, former numbers and social-insurance numbers never repeat."""
    numbers = [row["personal_number"] for row in country.tables["person"]]
    numbers += [row["number"] for row in country.tables["personal_number_alias"]]
    assert len(set(numbers)) == len(numbers)
    social = [row["social_insurance"] for row in country.tables["person"] if row["social_insurance"]]
    assert len(set(social)) == len(social)
    assert {str(number)[:2] for number in social} <= {"97", "98"}


def _same_series(count: int, prefix: int = 2) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.full(count, prefix), np.ones(count, dtype=np.int64), np.full(count, 1994)


def test_no_block_gives_a_number_of_another() -> None:
    """Each block has its own serials of every series, and leaves those below a thousand to the personas."""
    blocks = (0, 1, 2, 100, MOST_BLOCKS - 1)
    numbers = [number for block in blocks for number in personal_numbers(block, *_same_series(SHARE))[0]]
    assert len(set(numbers)) == len(blocks) * SHARE
    assert all(number.startswith("099194") and int(number[6:]) >= 1_000 for number in numbers)
    with pytest.raises(SeriesExhaustedError, match="too many people"):
        personal_numbers(MOST_BLOCKS, *_same_series(1))


def test_a_prefix_that_is_used_up_hands_over_to_the_next() -> None:
    """A block that needs more of one series takes another reserved prefix, and only when all are empty gives up."""
    numbers, prefix = personal_numbers(7, *_same_series(3 * SHARE))
    assert len(set(numbers)) == 3 * SHARE
    assert Counter(prefix.tolist()) == dict.fromkeys(range(3), SHARE)
    assert {number[:3] for number in numbers} == set(PREFIXES)
    with pytest.raises(SeriesExhaustedError, match="used up"):
        personal_numbers(7, *_same_series(3 * SHARE + 1))


def test_nine_digit_numbers_last_for_thirteen_million_and_never_repeat() -> None:
    """Beyond that a block has fewer of them, and none twice (three prefixes hold three million)."""
    assert len(old_numbers(5, 1_300, 2_300)) == 2_300
    few = [number for block in range(0, 10_000, 37) for number in old_numbers(block, 10_000, 2_300)]
    assert len(set(few)) == len(few) == 271 * 299
    assert {number[:3] for number in few} == set(PREFIXES)
    assert all(int(number[3:]) >= 1_000 for number in few)


def test_social_insurance_numbers_follow_from_the_place_in_the_country() -> None:
    """Ten digits under province codes that do not exist; no two of a hundred million people share one."""
    some = np.arange(0, 100_000_000, 997)
    assert len(set(social_numbers(some))) == len(some)
    assert {number[:2] for number in social_numbers(np.array([0, 99_999_999, 100_000_000]))} == {"97", "98"}


def test_three_in_a_thousand_numbers_disagree_with_their_record(country: Country) -> None:
    """Sex and year in the number may lawfully be old ones (personal-id.md section 12: about 0.3 %)."""
    disagreeing = [f for row in country.tables["person"] if (f := _findings(row))]
    assert 0.001 * SIZE < len(disagreeing) < 0.006 * SIZE
    assert {finding for findings in disagreeing for finding in findings} == {
        NumberFinding.SEX_DIGIT_MISMATCH,
        NumberFinding.YEAR_DIGITS_MISMATCH,
    }


def test_one_in_a_hundred_birth_dates_is_incomplete(country: Country) -> None:
    """About 1 % know only a year, or a year and month (personal-id.md section 12)."""
    texts = [str(row["birth_date"]) for row in country.tables["person"]]
    incomplete = [text for text in texts if len(text) < 10]
    assert 0.006 * SIZE < len(incomplete) < 0.016 * SIZE
    assert {len(text) for text in incomplete} == {4, 7}


def test_a_third_of_those_born_before_1998_once_had_a_cmnd(country: Country) -> None:
    """35 % of adults born before 1998 have a nine-digit number, some of them two (personal-id.md section 12)."""
    adults = [row for row in country.tables["person"] if str(row["birth_date"])[:4] < "1998"]
    aliases = country.of("personal_number_alias")
    held = [sum(a["kind"] == "cmnd" for a in aliases[row["person_id"]]) for row in adults]
    assert 0.32 < sum(count > 0 for count in held) / len(adults) < 0.38
    assert 0 < sum(count == 2 for count in held) < 0.05 * len(adults)
    young = [row for row in country.tables["person"] if str(row["birth_date"])[:4] >= "1998"]
    assert not any(a["kind"] == "cmnd" for row in young for a in aliases[row["person_id"]])


def test_nobody_is_unborn_or_beyond_120(country: Country) -> None:
    """Every birth date lies between 1900 and the day of the population."""
    born = [PartialDate.parse(str(row["birth_date"])) for row in country.tables["person"]]
    assert max(day.earliest() for day in born) <= AS_OF
    assert min(day.year for day in born) > AS_OF.year - 120


def test_cards_end_as_the_law_says(country: Country) -> None:
    """Each chip card's expiry follows from birth and issue (Law on Identity Art. 21); old CMND cards are void."""
    for row in country.tables["identity_document"]:
        person = country.people[row["person_id"]]
        birth = PartialDate.parse(str(person["birth_date"]))
        if row["kind"] == "cmnd_9":
            assert row["state"] == "void"
        elif len(str(person["birth_date"])) == 10:
            issued = row["issued"]
            assert isinstance(issued, date)
            assert birth.earliest() < issued <= AS_OF
            assert row["expires"] == card_expiry(birth.earliest(), issued)
            assert row["number"] == person["personal_number"]


def test_ages_follow_the_pyramid(country: Country) -> None:
    """Each ten years of age hold about as many people as the projection for 2026 (names.md section 7)."""
    bands = json.loads((DATA / "names.json").read_text(encoding="utf-8"))["age_pyramid"]
    wanted, found = Counter[int](), Counter[int]()
    for place, band in enumerate(bands):
        wanted[min(place // 2, 8)] += band["share2026_m"] + band["share2026_f"]
    for row in country.tables["person"]:
        found[min((AS_OF.year - int(str(row["birth_date"])[:4])) // 10, 8)] += 1
    for decade, share in wanted.items():
        assert abs(found[decade] / SIZE - share) < 0.02, f"people of {decade * 10} and more"
    women = sum(row["sex"] == "female" for row in country.tables["person"]) / SIZE
    assert 0.49 < women < 0.54


def test_names_are_composed_and_varied(country: Country) -> None:
    """Stored names are already tidy; Nguyễn is the family name of about 38 % (names.md section 2)."""
    people = country.tables["person"]
    for row in people:
        parts = (str(row["family_name"]), str(row["middle_name"]), str(row["given_name"]))
        assert PersonName(*parts) == PersonName.stored(*parts)
    share = sum(row["family_name"] == "Nguyễn" for row in people) / SIZE
    assert 0.33 < share < 0.44
    assert len({row["given_name"] for row in people}) > 150
    assert any(row["family_name"] == "" for row in people)


@pytest.mark.parametrize(("status", "share"), [("deceased", 0.02), ("active", 1.0)])
def test_some_people_have_died(country: Country, status: str, share: float) -> None:
    """Records of the dead stay; the day is recorded, and the living have none."""
    found = [row for row in country.tables["person"] if row["status"] == status]
    assert 0 < len(found) <= share * SIZE
    assert all((row["status_since"] is None) == (status == "active") for row in found)
