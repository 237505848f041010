"""1.004194 as a dossier: Law on Residence Art. 27 and 28 on the registry's own facts."""

from __future__ import annotations

import pytest

from population_registry.procedures.residence_temporary_registration import PROCEDURE
from population_registry.verification.refusals import Refusal
from tests.registry_procedures.town import FLAT, HOUSE, NUMBERS, asked, case, failing, flags, stated, written

RENTED = {
    "commune": FLAT.commune_code,
    "from": "2026-12-01",
    "until": "2027-11-30",
    "tenure": "rented",
    "dwelling": {"commune": FLAT.commune_code, "address": FLAT.text},
    "owner": {"number": NUMBERS["phuc"], "name": "Trần Văn Phúc"},
}


def test_owner_agrees_for_themselves():
    """Art. 28: whatever the form says of the owner's consent, the owner is asked."""
    found = case(PROCEDURE, {**RENTED, "owner_consent": "given"}, applicant="nam")
    assert not failing(PROCEDURE, found)
    assert asked(PROCEDURE, found) == [("owner", "phuc")]


def test_old_temporary_entry_closes():
    """Art. 27: at most one temporary residence; the old one ends with the new one."""
    found = case(PROCEDURE, RENTED, applicant="lan")
    assert written(PROCEDURE, found) == [
        ("EndResidence", "lan"),
        ("FoundHousehold", "lan"),
        ("RegisterResidence", "lan"),
        ("JoinHousehold", "lan"),
    ]


def test_not_inside_the_commune():
    """Art. 27(1): inside the commune of permanent residence no temporary registration is possible."""
    inside = {**RENTED, "commune": "00004", "dwelling": {"commune": "00004", "address": HOUSE.text}}
    found = case(PROCEDURE, inside | {"owner": {"number": NUMBERS["hung"]}}, applicant="nam")
    assert flags(PROCEDURE, found)["outside_commune"] == ("fail", "inside_commune")


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ({"until": "2026-12-20"}, "term_minimum"),
        ({"until": "2028-12-02"}, "term_maximum"),
        ({"from": "2024-01-01", "until": "2025-01-01"}, "term_ahead"),
        ({"contract_until": "2027-01-01"}, "term_within_contract"),
    ],
)
def test_terms(inputs, code):
    """Art. 27(2): thirty days at least, two years at most, within the contract, and not over already."""
    assert code in failing(PROCEDURE, case(PROCEDURE, RENTED | inputs, applicant="nam"))


def test_others_agree_for_themselves():
    """An adult who moves with the applicant is asked; a minor's parent is (residence.md section 9)."""
    people = [stated("lan"), stated("chi")]
    found = case(PROCEDURE, {**RENTED, "people": people}, applicant="lan")
    assert asked(PROCEDURE, found) == [
        ("owner", "phuc"),
        ("representative", "hung"),
        ("representative", "mai"),
    ]
    grown = case(PROCEDURE, {**RENTED, "people": [stated("nam"), stated("lan")]}, applicant="lan")
    assert ("member", "nam") in asked(PROCEDURE, grown)


def test_wrong_owner_is_refused():
    """Art. 27(1): the one who is said to own the dwelling does not."""
    found = case(PROCEDURE, {**RENTED, "owner": {"number": NUMBERS["hung"]}}, applicant="nam")
    assert flags(PROCEDURE, found)["dwelling_owner"] == ("fail", "not_owner")


@pytest.mark.parametrize("wrong", [{"dwelling": None}, {"commune": "00004"}, {"owner": {"name": "Ai đó"}}])
def test_a_dossier_needs_its_dwelling(wrong):
    """What an assessment may leave open, a dossier may not: the dwelling, one commune, the owner's number."""
    with pytest.raises(Refusal):
        PROCEDURE.read(RENTED | wrong)


def test_list_fee():
    """Circular 75/2022: 5,000 ₫ a person online when a list is filed."""
    inputs = {**RENTED, "in_list": True, "people": [stated("lan"), stated("nam")]}
    assert PROCEDURE.fee(case(PROCEDURE, inputs, applicant="lan")).amount == 10_000
