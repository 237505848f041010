"""One round trip answers everything about the people asked for."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from population_registry.domain import (
    AccessEntry,
    AccessRecord,
    DocumentKind,
    FormerNumberKind,
    FoundBy,
    KinKind,
    Part,
    PartialDate,
    PersonName,
    PersonStatus,
    Relation,
    ResidenceKind,
    Spend,
    Tenure,
)
from population_registry.storage import Pool, load_facts, record_access
from population_registry.storage.loading import LARGEST_QUESTION, Wanted, load_together
from population_registry.storage.past import with_past, with_past_together

TODAY = date(2026, 11, 21)
LAN, PHUC, HOA, HUNG = "099194000101", "099068000102", "099170000103", "099079000104"
NOON = datetime(2026, 11, 21, 5, tzinfo=UTC)


def _entry() -> AccessEntry:
    return AccessEntry(
        *(
            uuid.uuid4(),
            NOON,
            None,
            "portal",
            "agency",
            None,
            "test",
            "1.004194",
            None,
            {},
            "unknown",
            None,
            "c",
        ),
    )


async def test_subject_with_everything_recorded(pool: Pool) -> None:
    """Name, birth, card, both residences, household, insurance of one person come at once."""
    facts = await load_facts(pool, [LAN])
    lan = facts.subject
    assert lan is not None
    assert lan.person.name == PersonName("Nguyễn", "Thị", "Lan")
    assert lan.person.birth == PartialDate(1994, 5, 17)
    assert lan.found_by is FoundBy.CURRENT
    document = lan.usable_document(TODAY)
    assert document is not None
    assert (document.kind, document.expires) == (DocumentKind.CAN_CUOC, date(2034, 5, 17))
    home, here = lan.residence(ResidenceKind.PERMANENT, TODAY), lan.residence(ResidenceKind.CURRENT, TODAY)
    assert home is not None
    assert here is not None
    assert home.address.commune_code == "16744"
    assert home.address.as_issued is not None
    assert (here.address.commune_code, here.tenure) == ("00166", Tenure.RENTED)
    assert lan.residence(ResidenceKind.TEMPORARY, TODAY) is None
    insurance = lan.insurance(TODAY)
    assert insurance is not None
    assert (insurance.group, insurance.benefit, insurance.five_year_from) == ("DN", 4, date(2024, 2, 1))


async def test_rented_dwelling_comes_with_its_owners(pool: Pool) -> None:
    """The flat that Lan rents belongs to Phúc and Hòa, who are found by their numbers in the same question."""
    facts = await load_facts(pool, [LAN, PHUC, HOA])
    lan, phuc, hoa = (facts.get(number) for number in (LAN, PHUC, HOA))
    assert lan is not None
    assert phuc is not None
    assert hoa is not None
    flat = lan.residences[0].dwelling_id
    assert flat is not None
    assert facts.owns(phuc.person.person_id, flat)
    assert facts.owns(hoa.person.person_id, flat)
    assert not facts.owns(lan.person.person_id, flat)
    assert phuc.kin_ids(KinKind.SPOUSE) == {hoa.person.person_id}


async def test_owned_dwellings_come_even_when_lived_in_by_others(pool: Pool) -> None:
    """Asked alone, an owner brings every dwelling they own."""
    facts = await load_facts(pool, [PHUC])
    assert facts.subject is not None
    owned = [d for d in facts.dwellings.values() if facts.subject.person.person_id in d.owner_ids]
    assert {d.address.commune_code for d in owned} == {"00166", "00235"}


async def test_household_comes_with_all_members_of_today(pool: Pool) -> None:
    """The household of five in Huế: one head, four relations, members not asked for included."""
    facts = await load_facts(pool, [HUNG])
    assert facts.subject is not None
    hung = facts.subject.person.person_id
    household = facts.household_of(hung, ResidenceKind.PERMANENT)
    assert household is not None
    assert household.head_id == hung
    relations = sorted(member.relation for member in household.members)
    wanted = [Relation.CHILD, Relation.CHILD, Relation.HEAD, Relation.PARENT, Relation.SPOUSE_WIFE]
    assert relations == sorted(wanted)
    assert facts.subject.insurance(TODAY) is None


@pytest.mark.parametrize(
    ("number", "found_by", "current"),
    [
        ("099000115", FoundBy.CMND, "099065000115"),
        ("099000116", FoundBy.CMND, "099065000115"),
        ("099191000123", FoundBy.CANCELLED, "099192000123"),
    ],
)
async def test_former_numbers_lead_to_their_person(
    pool: Pool, number: str, found_by: FoundBy, current: str
) -> None:
    """Both CMND numbers of one man, and a cancelled number, find the record (Decree 58/2026 Art. 5(7))."""
    facts = await load_facts(pool, [number])
    assert facts.subject is not None
    assert facts.subject.found_by is found_by
    assert str(facts.subject.person.number) == current
    kind = FormerNumberKind(found_by.value)
    assert (kind, number) in {(former.kind, former.value) for former in facts.subject.former_numbers}


async def test_a_number_of_nobody_finds_nothing(pool: Pool) -> None:
    """Unknown numbers are absent; known ones beside them are not disturbed."""
    facts = await load_facts(pool, ["099194999999", LAN])
    assert facts.subject is None
    assert facts.get(LAN) is not None
    assert facts.asked == ("099194999999", LAN)
    nothing = await load_facts(pool, [])
    assert nothing.subject is None


async def test_the_dead_are_found_as_dead(pool: Pool) -> None:
    """Status and day of death are in the record (Law on Identity Art. 9(24))."""
    facts = await load_facts(pool, ["099041000107"])
    assert facts.subject is not None
    assert facts.subject.person.status is PersonStatus.DECEASED
    assert facts.subject.person.status_since == date(2026, 8, 14)
    assert not facts.subject.person.is_active


async def test_a_cancelled_record_names_its_successor(pool: Pool) -> None:
    """A number set on a falsified file is cancelled by the authority (Decree 70/2024 Art. 11(7)(c))."""
    facts = await load_facts(pool, ["099192000152"])
    assert facts.subject is not None
    assert facts.subject.person.status is PersonStatus.NUMBER_CANCELLED
    assert str(facts.subject.person.replaced_by) == "099192000123"


async def test_incomplete_births_and_missing_family_names_survive_storage(pool: Pool) -> None:
    """A year alone stays a year alone; an empty family name stays empty."""
    facts = await load_facts(pool, ["099152000112", "099185000122"])
    sen, thu = facts.get("099152000112"), facts.get("099185000122")
    assert sen is not None
    assert thu is not None
    assert sen.person.birth == PartialDate(1952)
    assert thu.person.name == PersonName("", "", "Y Thu")


async def test_everybody_of_the_population_loads(pool: Pool) -> None:
    """All 300 synthetic people read back as values, each with household and residence."""
    rows = await pool.fetch("SELECT personal_number FROM person WHERE person_id > 100000 ORDER BY person_id")
    numbers = [str(row[0]) for row in rows]
    assert len(numbers) == 300
    for start in range(0, 300, LARGEST_QUESTION):
        asked = numbers[start : start + LARGEST_QUESTION]
        facts = await load_facts(pool, asked)
        assert set(facts.people) == set(asked)
        for number in asked:
            person = facts.people[number]
            assert person.residences
            assert person.memberships[0].until or person.memberships[0].household_id in facts.households


async def test_questions_that_share_a_trip_get_their_own_answers(pool: Pool) -> None:
    """Each question gets its people and what was tried, and nothing of another's; a number of nobody is absent."""
    touched = uuid.uuid4().bytes
    await record_access(
        pool, [AccessRecord(_entry(), None, (Spend(touched, "name:1"), Spend(touched, "name:2")))]
    )
    wanted = [
        Wanted([LAN], tried=[b"never"]),
        Wanted(["099194999999"]),
        Wanted([PHUC, LAN], tried=[touched, b"never"]),
        Wanted([], tried=[touched]),
    ]
    together = await load_together(pool, wanted)
    alone = [await load_facts(pool, each.numbers, tried=each.tried) for each in wanted]
    assert together == alone
    assert [sorted(facts.people) for facts in together] == [[LAN], [], [PHUC, LAN], []]
    marks = {"name:1", "name:2"}
    nothing = {b"never": set()}
    tried = [nothing, {}, {touched: marks} | nothing, {touched: marks}]
    assert [facts.tried for facts in together] == tried


async def test_questions_of_the_past_share_one_statement(pool: Pool) -> None:
    """Histories asked for at the same time: one statement for all, to each the past of its own people alone."""
    many = [await load_facts(pool, numbers) for numbers in ([LAN], ["099194999999"], [PHUC, LAN], [HUNG])]
    asked: list[str] = []

    class Counting:
        async def fetchval(self, query: str, *args: object) -> object:
            asked.append(query)
            return await pool.fetchval(query, *args)

        async def fetch(self, query: str, *args: object) -> Sequence[Sequence[object]]:
            raise AssertionError(query)

        async def execute(self, query: str, *args: object) -> str:
            raise AssertionError(query)

    together = await with_past_together(Counting(), many)
    assert len(asked) == 1
    assert together == [await with_past(pool, facts) for facts in many]
    assert [len(facts.past) for facts in together] == [len(facts.people) for facts in many]
    assert await with_past_together(Counting(), many[1:2]) == many[1:2]
    assert len(asked) == 1


@pytest.mark.parametrize("part", [part for part in Part if part is not Part.NONE])
async def test_only_the_parts_that_are_named_are_loaded(pool: Pool, part: Part) -> None:
    """Hùng has something of nearly everything; of what a question does not need, nothing comes."""
    everything = await load_facts(pool, [HUNG])
    some = await load_facts(pool, [HUNG], parts=part)
    whole, loaded = everything.subject, some.subject
    assert whole is not None
    assert loaded is not None
    assert loaded.person == whole.person
    for name, of in (
        ("former_numbers", Part.FORMER_NUMBERS),
        ("documents", Part.DOCUMENTS),
        ("residences", Part.RESIDENCES),
        ("memberships", Part.HOMES),
        ("kin", Part.KIN),
        ("insurances", Part.INSURANCE),
    ):
        assert getattr(loaded, name) == (getattr(whole, name) if of in part else ())
    assert (some.households, some.dwellings) == (
        (everything.households, everything.dwellings) if Part.HOMES in part else ({}, {})
    )


async def test_too_many_numbers_are_refused(pool: Pool) -> None:
    """A question is bounded, so that it cannot become a bulk export."""
    with pytest.raises(ValueError, match="too many"):
        await load_facts(pool, [LAN] * (LARGEST_QUESTION + 1))
