"""1.004222: the cases of Law on Residence Art. 20, who agrees, the area, the forbidden places, the outcome."""

from __future__ import annotations

import pytest

from population_registry.domain import PersonStatus
from population_registry.dossiers import Filing
from population_registry.procedures.residence_permanent import PROCEDURE
from population_registry.verification.refusals import Refusal
from tests.registry_procedures.town import (
    FLAT,
    HOUSE,
    IDS,
    NUMBERS,
    asked,
    case,
    failing,
    flags,
    opened,
    stated,
    written,
)

AT_HOUSE = {"commune": HOUSE.commune_code, "address": HOUSE.text}
AT_FLAT = {"commune": FLAT.commune_code, "address": FLAT.text}
OWN = {"ground": "own", "dwelling": AT_HOUSE}
RENTED = {"ground": "rented", "dwelling": AT_FLAT, "owner": {"number": NUMBERS["phuc"]}}


def joining(head="hung", **more):
    """The inputs of somebody who joins Hùng's household as kin."""
    return {
        "ground": "family",
        "dwelling": AT_HOUSE,
        "kin": {"number": NUMBERS[head]},
        "household": {"head": NUMBERS[head]},
    } | more


def test_own_dwelling_asks_nobody():
    """Art. 20(1): an owner who moves into the own dwelling asks neither co-owners nor a head."""
    found = case(PROCEDURE, {**OWN, "dwelling": AT_FLAT}, applicant="phuc", owners={71: ("phuc", "mai")})
    assert not failing(PROCEDURE, found)
    assert asked(PROCEDURE, found) == []
    assert written(PROCEDURE, found) == [
        ("EndResidence", "phuc"),
        ("FoundHousehold", "phuc"),
        ("RegisterResidence", "phuc"),
        ("JoinHousehold", "phuc"),
    ]


def test_own_dwelling_must_be_owned():
    """Art. 20(1): the registry's owner is somebody else, so the ground does not hold."""
    found = case(PROCEDURE, {**OWN, "dwelling": AT_FLAT}, applicant="lan")
    assert flags(PROCEDURE, found)["dwelling_owner"] == ("fail", "not_owner")


def test_family_asks_head_and_owner_apart():
    """Art. 20(2)(a), residence.md section 4: head and owner are two consents; of co-owners one is enough."""
    found = case(
        PROCEDURE,
        joining(),
        applicant="mai",
        residences={"mai": ()},
        owners={70: ("hung", "cu")},
    )
    assert asked(PROCEDURE, found) == [("owner", "hung"), ("owner", "cu"), ("head", "hung")]
    assert {need.any_of for need in PROCEDURE.consents(found) if need.role == "owner"} == {"owner"}
    assert flags(PROCEDURE, found)["kinship"] == ("pass",)


def test_kinship_that_is_not_recorded_is_for_the_officer():
    """Art. 20(2): a relation that the registry lacks is proved by papers, never assumed."""
    found = case(PROCEDURE, joining(), applicant="lan")
    assert "kinship" in opened(PROCEDURE, found)


def test_kin_must_live_there():
    """Art. 20(2): one joins somebody at that very place."""
    found = case(PROCEDURE, joining("phuc", household={"head": NUMBERS["hung"]}), applicant="lan")
    assert flags(PROCEDURE, found)["kin_resident"] == ("fail", "kin_lives_elsewhere")


@pytest.mark.parametrize(("area", "flag"), [(16.0, "pass"), (15.9, "fail")])
def test_rented_place_needs_the_area(area, flag):
    """Art. 20(3)(b): m² by everybody registered there afterwards, the applicant included; never below 8."""
    found = case(PROCEDURE, RENTED, applicant="lan", area=area, occupants={71: frozenset({99})})
    assert flags(PROCEDURE, found)["area"][0] == flag
    assert asked(PROCEDURE, found) == [("owner", "phuc")]


def test_area_counts_nobody_twice():
    """A tenant already registered there temporarily is one of the persons, not one more."""
    found = case(PROCEDURE, RENTED, applicant="lan", area=8.0, occupants={71: frozenset({IDS["lan"]})})
    assert flags(PROCEDURE, found)["area"] == ("pass",)


def test_disputed_dwelling_is_forbidden():
    """Art. 23: no registration at a dwelling in ownership dispute."""
    found = case(PROCEDURE, RENTED, applicant="lan", disputed=True)
    assert flags(PROCEDURE, found)["dwelling"] == ("fail", "ownership_disputed")


def test_child_under_six_joins_a_parent_without_conditions():
    """Decree 58/2026 Art. 4(4): no condition is checked, neither head nor owner is asked."""
    inputs = joining(people=[stated("chi", "child")])
    found = case(PROCEDURE, inputs, disputed=True)
    assert not failing(PROCEDURE, found)
    assert asked(PROCEDURE, found) == []
    assert written(PROCEDURE, found) == [("RegisterResidence", "chi"), ("JoinHousehold", "chi")]


def test_the_exception_is_for_representatives_only():
    """Decree 58/2026 Art. 4(4): somebody else's child joins under the usual conditions, with a parent's consent."""
    found = case(PROCEDURE, joining(people=[stated("chi", "child")]), applicant="phuc")
    roles = asked(PROCEDURE, found)
    assert ("owner", "hung") in roles
    assert ("representative", "hung") in roles
    assert ("representative", "mai") in roles


def test_moving_ends_what_was():
    """Art. 3: one permanent residence; Art. 29(1)(đ): the temporary entry at the same place is deleted."""
    found = case(PROCEDURE, RENTED, applicant="lan")
    assert written(PROCEDURE, found)[:2] == [("EndResidence", "lan"), ("EndResidence", "lan")]


def test_nobody_registers_where_they_are():
    """Art. 20: a registration at the place of the present one changes nothing and is refused."""
    found = case(PROCEDURE, OWN)
    assert flags(PROCEDURE, found)["moves"] == ("fail", "registered_there_already")


def test_a_head_who_leaves_is_noticed():
    """Art. 10: a household keeps a head; an officer settles who follows."""
    found = case(PROCEDURE, {**RENTED}, applicant="hung")
    assert "old_household" in opened(PROCEDURE, found)


@pytest.mark.attack
def test_the_dead_do_not_move():
    """Section 9: alive, Vietnamese, the number stands; and the account is open (attack 53)."""
    dead = case(PROCEDURE, RENTED, applicant="lan", statuses={"lan": PersonStatus.DECEASED})
    assert {"applicant_standing", "standing"} <= failing(PROCEDURE, dead)
    locked = case(PROCEDURE, RENTED, applicant="lan", held=("lan",))
    assert failing(PROCEDURE, locked) == {"account_open"}
    assert not failing(
        PROCEDURE, case(PROCEDURE, RENTED, applicant="lan", held=("lan",), filing=Filing.PAPER)
    )


def test_wrong_names_are_not_established():
    """Section 9: number, name and birth date belong together; which of them is wrong is not said."""
    people = [stated("nam", name="Lê Văn Khác")]
    found = case(PROCEDURE, {**RENTED, "people": people}, applicant="hung")
    assert flags(PROCEDURE, found)["identity"] == ("fail", "identity_not_established")


def test_fee_and_term():
    """Circular 75/2022: 20,000 ₫ on paper, 10,000 online, the elderly and children free; 7 working days."""
    online, paper = (
        case(PROCEDURE, RENTED, applicant="lan", filing=f) for f in (Filing.ONLINE, Filing.PAPER)
    )
    assert (PROCEDURE.fee(online).amount, PROCEDURE.fee(paper).amount) == (10_000, 20_000)
    old = PROCEDURE.fee(case(PROCEDURE, RENTED, applicant="cu"))
    assert (old.amount, old.exempt) == (0, "elderly")
    assert PROCEDURE.term(online).half_days == 14


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"ground": "castle", "dwelling": AT_HOUSE},
        {"ground": "family", "dwelling": AT_HOUSE},
        {"ground": "own", "dwelling": {"commune": "1", "address": "x"}},
        {"ground": "own", "dwelling": AT_HOUSE | {"floor_area_m2": -1}},
        {"ground": "own", "dwelling": AT_HOUSE, "people": []},
        {"ground": "own", "dwelling": AT_HOUSE, "people": [stated("lan")] * 2},
        {"ground": "own", "dwelling": AT_HOUSE, "people": [stated("lan", birth_date="tomorrow")]},
        {"ground": "site", "dwelling": AT_HOUSE},
        {"ground": "own", "dwelling": AT_HOUSE, "shoe": 1},
    ],
)
def test_unreadable_inputs_are_refused(wrong):
    """Bad input gets `invalid-request` with its place before anything is looked up."""
    with pytest.raises(Refusal) as refused:
        PROCEDURE.read(wrong)
    assert refused.value.member.startswith("inputs")
