"""What officers may search by, how it is planned, and who of the candidates stands on a page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from population_registry.domain import PersonName
from population_registry.matching import Successors
from population_registry.operators.choosing import Candidate, agreeing, page_of
from population_registry.operators.criteria import Criteria, Fragment, Place, read_criteria
from population_registry.operators.places import PlacesOfToday
from population_registry.operators.planning import MOST_PEOPLE, Plan, Vocabulary, plan_search
from population_registry.storage.gazetteer import load_gazetteer
from population_registry.storage.reference import read_rows
from population_registry.verification.refusals import Refusal, RefusalCode

WORDS = Vocabulary(
    {
        "nguyen": 3_800_000,
        "thi": 3_000_000,
        "lan": 60_000,
        "lanh": 4_000,
        "xa": 10,
        "=1994": 150_000,
        "=1995": 150_000,
        "@01": 800_000,
        "@00166": 9_000,
    },
    10_000_000,
)


def planned(body: dict[str, object], territory: str | None = None) -> Plan | None:
    """The plan of criteria in a country of ten million."""
    criteria = read_criteria(body)
    places = (criteria.place.code,) if criteria.place else None
    return plan_search(criteria, territory, places, WORDS)


@pytest.mark.attack
@pytest.mark.parametrize(
    ("body", "member"),
    [
        ({}, "criteria"),
        ([], "criteria"),
        ({"head_of_household": True}, "criteria"),
        ({"number": "099194000101", "name": "lan"}, "criteria"),
        ({"number": "12345"}, "criteria.number"),
        ({"household": {}}, "criteria.household"),
        ({"household": {"file_number": "1", "head": "099194000101"}}, "criteria.household"),
        ({"household": {"file_number": "x" * 13}}, "criteria.household.file_number"),
        ({"name": ""}, "criteria.name"),
        ({"name": "*"}, "criteria.name"),
        ({"name": "a b c d e f g"}, "criteria.name"),
        ({"name": "x" * 101}, "criteria.name"),
        ({"name": "l%n"}, "criteria.name"),
        ({"name": "лан"}, "criteria.name"),
        ({"name": "Lan\u200b"}, "criteria.name"),
        ({"name": 7}, "criteria.name"),
        ({"birth": "1994-13"}, "criteria.birth"),
        ({"birth": {"from": 1994}}, "criteria.birth.to"),
        ({"birth": {"from": 1994, "to": 1993}}, "criteria.birth"),
        ({"birth": {"from": 1900, "to": 1990}}, "criteria.birth"),
        ({"birth": {"from": True, "to": 1990}}, "criteria.birth"),
        ({"place": {}}, "criteria.place"),
        ({"place": {"commune": "00166", "province": "01"}}, "criteria.place"),
        ({"place": {"commune": "166"}}, "criteria.place.commune"),
        ({"place": {"street": "x"}}, "criteria.place.street"),
        ({"name": "lan", "religion": "x"}, "criteria.religion"),
        ({"name": "lan", "head_of_household": "yes"}, "criteria.head_of_household"),
    ],
)
def test_criteria_that_cannot_be_read(body: object, member: str) -> None:
    """Every place is named; look-alikes of other scripts and signs of patterns are no letters (attack 50)."""
    with pytest.raises(Refusal) as refused:
        read_criteria(body)
    assert (refused.value.code, refused.value.member) == (RefusalCode.INVALID_REQUEST, member)


def test_fragments_are_folded_and_keep_what_was_typed() -> None:
    """A star means a beginning; names of other peoples fall into their words."""
    assert read_criteria({"name": "Nguyễn  l* H'Bia"}).name == (
        *(Fragment("Nguyễn", "nguyen"), Fragment("l", "l", prefix=True)),
        *(Fragment("h", "h"), Fragment("bia", "bia")),
    )


@pytest.mark.attack
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"name": "nguyen"}, "add_birth"),
        ({"name": "lan"}, "add_birth"),
        ({"birth": "1994"}, "add_name"),
        ({"place": {"province": "01"}}, "add_birth"),
        ({"name": "nguyen thi", "birth": "1994"}, "add_place"),
        ({"name": "nguyen", "birth": "1994", "place": {"province": "01"}}, "add_words"),
    ],
)
def test_searches_that_are_too_broad_say_what_would_help(body: dict[str, object], reason: str) -> None:
    """Nobody pages through a city: refused before anything is read, with one hint (attack 50)."""
    with pytest.raises(Refusal) as refused:
        planned(body)
    assert (refused.value.code, refused.value.reason) == (RefusalCode.SEARCH_TOO_BROAD, reason)


@pytest.mark.parametrize(
    "body",
    [
        {"name": "nguyen thi lan", "birth": "1994"},
        {"name": "nguyen", "birth": "1994-05-17"},
        {"birth": "1994-05-17"},
        {"birth": "1994", "place": {"commune": "00166"}},
        {"name": "lan", "place": {"commune": "00166"}},
    ],
)
def test_searches_that_are_narrow_enough(body: dict[str, object]) -> None:
    """A full date, a rare word with a year, or a commune with anything else."""
    assert planned(body) is not None


def test_the_territory_is_one_more_criterion() -> None:
    """A commune's officer may ask what would be too broad for the country, and never leaves the commune."""
    plan = planned({"name": "nguyen", "birth": "1994"}, "00166")
    assert plan == Plan((("@00166",), ("=1994",)), (("nguyen",),))


def test_words_that_nobody_bears_are_beginnings() -> None:
    """`la` is no name here: it stands for every word that begins so; `lan` means only itself, `lan*` more."""
    day = {"birth": "1994-05-17"}
    on_the_day = ("=1994-05-17",)
    assert planned({"name": "la"} | day) == Plan((on_the_day, ("lan", "lanh")))
    assert planned({"name": "lan"} | day) == Plan((on_the_day, ("lan",)))
    assert planned({"name": "lan*"} | day) == Plan((on_the_day, ("lan", "lanh")))
    assert planned({"name": "zz"} | day) is None


def test_years_and_old_places_are_groups() -> None:
    """One of the years, one of the communes that an old district became."""
    criteria = read_criteria({"name": "lan", "birth": {"from": 1994, "to": 1995}})
    plan = plan_search(criteria, "00166", ("00166", "00004"), WORDS)
    assert plan is not None
    groups = {("lan",), ("=1994", "=1995"), ("@00166", "@00004"), ("@00166",)}
    assert {*plan.looked_up, *plan.checked} == groups
    assert plan_search(criteria, None, (), WORDS) is None


def test_old_units_lead_to_communes_of_today() -> None:
    """Wards, districts and provinces of before July 2025 mean the communes that their territory became."""
    successors = Successors.from_pairs(
        (row["new_code"], row["old_ward_code"]) for row in read_rows("commune_predecessors_2025.csv")
    )
    wards = {row["code"]: row["district_code"] for row in read_rows("wards_pre2025.csv")}
    places = PlacesOfToday.of(load_gazetteer(), successors, wards)
    assert places.of_place(None) is None
    assert places.of_place(Place("commune", "00166")) == ("00166",)
    assert places.of_place(Place("province", "01")) == ("01",)
    assert places.of_place(Place("commune", "99999")) == ()
    assert places.of_place(Place("former_ward", "00001"))
    assert "00004" in (places.of_place(Place("former_district", "001")) or ())
    ha_giang = places.of_place(Place("former_province", "002")) or ()
    assert {load_gazetteer().communes[code].above for code in ha_giang} == {"08"}
    assert places.of_place(Place("former_province", "999")) == ()


LIST = [
    Candidate(1, PersonName("Nguyễn", "Thị", "Lan"), "1994"),
    Candidate(2, PersonName("Nguyễn", "Thị", "Lân"), "1994"),
    Candidate(3, PersonName("An", "Thị", "Lan"), "1995"),
    Candidate(4, PersonName("Nguyễn", "Thị", "Ánh"), "1994"),
]


def test_diacritics_that_were_typed_must_agree() -> None:
    """`Lân` is not `Lan`; without marks both are meant. Placement of the tone is no difference."""
    by = {
        text: [c.person_id for c in agreeing(read_criteria({"name": text}), LIST)] for text in ("lan", "Lân")
    }
    assert by == {"lan": [4, 3, 1, 2], "Lân": [2]}
    hoa = [Candidate(9, PersonName("Lê", "", "Hoà"), "1990")]
    assert agreeing(read_criteria({"name": "Hòa"}), hoa) == hoa
    assert agreeing(read_criteria({"name": "Hoá"}), hoa) == []


@given(limit=st.integers(1, 7), count=st.integers(0, 30))
def test_pages_make_the_whole_list(limit: int, count: int) -> None:
    """Followed to the end, pages hold everybody once, in the order of official lists (given name first)."""
    everybody = agreeing(
        Criteria(), [Candidate(i, PersonName("", "", f"N{i % 5}"), "1990") for i in range(count)]
    )
    met: list[Candidate] = []
    page, key = page_of(everybody, None, limit)
    met += page
    while key is not None:
        page, key = page_of(everybody, key, limit)
        assert 0 < len(page) <= limit
        met += page
    assert met == everybody
    assert sorted(c.key for c in met) == [c.key for c in met]


def test_lists_of_millions_are_left_alone() -> None:
    """Where rarer words leave few people, the frequent ones are looked for at these people, not in the index."""
    plan = planned({"name": "nguyen thi lan", "birth": "1994", "place": {"commune": "00166"}})
    assert plan is not None
    assert {("nguyen",), ("thi",)} <= set(plan.checked)
    assert plan.looked_up[0] == ("@00166",)


def test_the_limit_is_what_the_docs_say() -> None:
    """docs/search.md: at most 500 people answer a search."""
    assert MOST_PEOPLE == 500
