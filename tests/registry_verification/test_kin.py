"""Kin, guardians, representatives and households on a day: pure, on the records alone."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from population_registry.domain import (
    Kin,
    KinKind,
    Membership,
    PartialDate,
    PersonStatus,
    RegistryFacts,
    Relation,
    Sex,
    birthday,
)
from population_registry.domain.guardianship import (
    AppointedBy,
    Custody,
    CustodyBasis,
    Guardianship,
    GuardianshipBasis,
)
from population_registry.domain.past import PersonPast
from population_registry.matching import Successors
from population_registry.verification.answers import Flag
from population_registry.verification.claims import CLAIMS, Scene
from tests.registry_verification.people import NOW, TODAY, person

MOTHER, SON, DAUGHTER, AUNT, HUSBAND, STRANGER = (f"09919000020{n}" for n in range(6))
NOBODY = "099199999999"


def family(child_born="2015-09-01", **changed):
    """A mother, her husband, her two children, an aunt who is guardian of the son, and a stranger."""
    homes = (Membership(5, 1, Relation.HEAD, date(2010, 1, 1), date(2020, 1, 1)),)
    home = (Membership(5, 2, Relation.CHILD, date(2015, 10, 1)),)
    return {
        MOTHER: person(
            1, MOTHER, "Nguyễn Thị Mẹ", "1990-05-17", kin=(Kin(KinKind.SPOUSE, 5, ""),), memberships=homes
        ),
        SON: person(
            2, SON, "Trần Văn Con", child_born, Sex.MALE, kin=(
                Kin(KinKind.MOTHER, 1, ""), Kin(KinKind.GUARDIAN, 4, "")
            ), memberships=home,
        ),
        DAUGHTER: person(3, DAUGHTER, "Trần Thị Con", "2017-03-03", kin=(Kin(KinKind.MOTHER, 1, ""),)),
        AUNT: person(4, AUNT, "Nguyễn Thị Dì", "1980-01-01"),
        HUSBAND: person(5, HUSBAND, "Trần Văn Cha", "1988", Sex.MALE),
        STRANGER: person(6, STRANGER, "Lê Thị Lạ", "1991-01-01"),
    } | changed  # a table, read by rows  # fmt: skip


def judged(subject, claim, value, people=None, past=None):
    """Flag and reasons of one claim about the subject."""
    people = people or family()
    facts = RegistryFacts(tuple(people), people, {}, {}, past=past or {})
    rule = CLAIMS[claim]
    result = rule.judge(rule.value(value), Scene(facts, people[subject], TODAY, Successors()))
    return (result.flag.value, *result.reasons)


def test_spouses_are_found_from_either_record():
    """One record may be older than the other: whichever names the spouse is believed (Law on Identity Art. 9(15))."""
    assert judged(MOTHER, "spouse_of", {"number": HUSBAND}) == ("match",)
    assert judged(HUSBAND, "spouse_of", {"number": MOTHER}) == ("match",)
    assert judged(HUSBAND, "spouse_of", {"number": AUNT}) == ("mismatch", "not_kin")


def test_siblings_share_a_recorded_parent():
    """A parent in common makes siblings; where the subject's parents are not recorded nothing is said."""
    assert judged(SON, "sibling_of", {"number": DAUGHTER}) == ("match",)
    assert judged(SON, "sibling_of", {"number": STRANGER}) == ("mismatch", "not_kin")
    assert judged(SON, "sibling_of", {"number": SON}) == ("mismatch", "not_kin")
    assert judged(STRANGER, "sibling_of", {"number": SON}) == ("unknown", "not_recorded")


@pytest.mark.attack
@pytest.mark.parametrize(
    "claim",
    ["spouse_of", "sibling_of", "guardian_of", "ward_of", "representative_of", "child_of", "parent_of"],
)
@pytest.mark.parametrize("subject", [MOTHER, SON, STRANGER])
def test_a_strangers_number_and_nobodys_answer_alike(claim, subject):
    """Attack 50: a question about kin never tells whether a number is anybody's."""
    unrelated = person(9, NOBODY, "Vũ Thị Khác", "2016-06-06")
    there = judged(subject, claim, {"number": NOBODY}, family() | {NOBODY: unrelated})
    assert there == judged(subject, claim, {"number": NOBODY})


def test_a_parent_represents_until_the_eighteenth_birthday():
    """Civil Code Art. 136: parents represent their minor children; the day of turning 18 ends it by the calendar."""
    ask = {"number": SON, "matter": "general"}
    assert judged(MOTHER, "representative_of", ask | {"on": "2033-08-31"}) == ("match", "as_parent")
    assert judged(MOTHER, "representative_of", ask | {"on": "2033-09-01"}) == ("mismatch", "authority_ended")
    assert judged(MOTHER, "representative_of", ask | {"on": "2015-08-31"}) == ("mismatch", "authority_ended")


def test_a_childs_account_is_used_until_the_fourteenth_birthday():
    """Decree 69/2024 Art. 14(2): the representative's use of the account ends the day the child turns 14."""
    ask = {"number": SON, "matter": "account"}
    assert judged(MOTHER, "representative_of", ask | {"on": "2029-08-31"}) == ("match", "as_parent")
    assert judged(MOTHER, "representative_of", ask | {"on": "2029-09-01"}) == ("mismatch", "authority_ended")
    assert judged(AUNT, "representative_of", ask | {"on": "2029-08-31"}) == ("match", "as_guardian")


@pytest.mark.attack
@given(born=st.dates(date(1990, 1, 1), date(2026, 11, 22)), day=st.dates(date(1990, 1, 1), date(2050, 1, 1)))
def test_the_clock_alone_ends_authority(born, day):
    """For every birth (29 February too) and every day: yes exactly from birth until the 18th birthday (attack 52)."""
    people = family(str(PartialDate.of(born)))
    flag = judged(MOTHER, "representative_of", {"number": SON, "on": day.isoformat()}, people)[0]
    assert (flag == "match") is (born <= day < birthday(born, 18))


def test_an_unknown_birthday_leaves_the_answer_open():
    """With only a year on record, the year of turning 18 is answered with unknown (personal-id.md section 10)."""
    people = family("2010")
    days = {"2027-12-31": "match", "2028-06-01": "unknown", "2029-01-01": "mismatch"}
    for day, flag in days.items():
        assert judged(MOTHER, "representative_of", {"number": SON, "on": day}, people)[0] == flag


@pytest.mark.attack
def test_nobody_acts_for_the_dead():
    """Attack 52: a child's death ends every authority; the answer is the one of an ended age."""
    dead = person(2, SON, "Trần Văn Con", "2015-09-01", Sex.MALE, PersonStatus.DECEASED,
                  kin=(Kin(KinKind.MOTHER, 1, ""),))  # a table, read by rows  # fmt: skip
    people = family() | {SON: dead}
    ended = ("mismatch", "authority_ended")
    assert judged(MOTHER, "representative_of", {"number": SON, "on": TODAY.isoformat()}, people) == ended


def test_guardians_and_wards():
    """Guardian and ward are told from either side (Civil Code Art. 46-57), on the day asked."""
    assert judged(AUNT, "guardian_of", {"number": SON}) == ("match",)
    assert judged(SON, "ward_of", {"number": AUNT}) == ("match",)
    assert judged(SON, "guardian_of", {"number": AUNT}) == ("mismatch", "not_kin")
    assert judged(AUNT, "guardian_of", {"number": SON, "on": "2034-01-01"}) == ("mismatch", "authority_ended")


def decision(basis, since, until=None):
    """The past of the son: the aunt's guardianship."""
    by = AppointedBy.COMMUNE
    return {2: PersonPast((Guardianship(2, 4, "Nguyễn Thị Dì", basis, by, since, until, NOW),))}


def test_a_guardian_acts_within_the_term_of_the_decision():
    """Where the record holds the decision its term counts: not before it, not after its end (Civil Code Art. 62)."""
    past = decision(GuardianshipBasis.MINOR, date(2024, 3, 1), date(2026, 3, 1))
    days = {
        "2024-02-29": "authority_ended",
        "2024-03-01": None,
        "2026-02-28": None,
        "2026-03-01": "authority_ended",
    }
    for day, reason in days.items():
        for subject, claim, other in ((AUNT, "guardian_of", SON), (SON, "ward_of", AUNT)):
            found = judged(subject, claim, {"number": other, "on": day}, past=past)
            assert found == (("mismatch", reason) if reason else ("match",)), day


def test_an_adults_guardian_does_not_end_with_an_age():
    """Civil Code Art. 47(1): an adult without capacity keeps the guardian beyond 18, a minor does not."""
    ask = {"number": SON, "on": "2040-01-01"}
    adult = decision(GuardianshipBasis.INCAPACITY, date(2024, 3, 1))
    assert judged(AUNT, "guardian_of", ask, past=adult) == ("match",)
    assert judged(AUNT, "representative_of", ask, past=adult) == ("match", "as_guardian")
    minor = decision(GuardianshipBasis.MINOR, date(2024, 3, 1))
    assert judged(AUNT, "guardian_of", ask, past=minor) == ("mismatch", "authority_ended")


@pytest.mark.parametrize(
    ("matter", "mother", "father"),
    [
        ("residence", ("match", "as_custodian"), ("mismatch", "custody_of_other")),
        ("general", ("match", "as_parent"), ("match", "as_parent")),
        ("account", ("match", "as_parent"), ("match", "as_parent")),
    ],
)
def test_after_a_divorce_custody_decides_residence_alone(matter, mother, father):
    """Decree 154/2024 Art. 7: the parent with custody files for residence; in all else both still represent."""
    kin = (Kin(KinKind.MOTHER, 1, ""), Kin(KinKind.FATHER, 5, ""))
    people = family() | {SON: person(2, SON, "Trần Văn Con", "2015-09-01", Sex.MALE, kin=kin)}
    past = {
        2: PersonPast(
            custodies=(
                Custody(2, 1, "Nguyễn Thị Mẹ", CustodyBasis.COURT, "12/QĐ", date(2025, 1, 1), None, NOW),
            )
        )
    }
    ask = {"number": SON, "matter": matter, "on": "2026-01-01"}
    assert judged(MOTHER, "representative_of", ask, people, past) == mother
    assert judged(HUSBAND, "representative_of", ask, people, past) == father
    before = ask | {"on": "2024-12-31"}
    assert judged(HUSBAND, "representative_of", before, people, past) == ("match", "as_parent")


def test_a_household_is_asked_on_its_day():
    """Membership counts from its first day until the day it ended; a later or earlier day is another household."""
    ask = {"members": [SON]}
    assert judged(MOTHER, "household_on", ask | {"on": "2016-01-01"}) == ("match",)
    for day in ("2015-09-30", "2020-01-01"):
        assert judged(MOTHER, "household_on", ask | {"on": day}) == ("mismatch", "not_in_household")
    assert judged(SON, "household_on", {"head": MOTHER, "on": "2016-01-01"}) == ("match",)
    wrong = {"members": [MOTHER], "head": SON, "on": "2016-01-01"}
    assert judged(SON, "household_on", wrong) == ("mismatch", "not_head")


def test_each_member_gets_a_flag():
    """One flag for each number, in the order asked; a number of nobody is foreign like any other."""
    people = family()
    facts = RegistryFacts(tuple(people), people, {}, {})
    rule = CLAIMS["household_on"]
    value = rule.value({"on": "2016-01-01", "members": [SON, NOBODY, STRANGER]})
    result = rule.judge(value, Scene(facts, people[MOTHER], TODAY, Successors()))
    assert result.members == (Flag.MATCH, Flag.MISMATCH, Flag.MISMATCH)
