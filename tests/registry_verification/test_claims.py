"""Each claim judged on invented people."""

from __future__ import annotations

import dataclasses

import pytest

from population_registry.verification.asking import Caller, Context
from population_registry.verification.claims import CLAIMS, IDENTIFYING
from population_registry.verification.refusals import Refusal
from tests.registry_verification.people import AN, BINH, CATALOGUE, CHI, flag

INSURANCE = Context("Đóng bảo hiểm y tế", "bhyt.household", "G12.899.05-261121-010043", None)
INSURER = Caller("insurance-portal", frozenset({"registry:verify"}))


@pytest.mark.parametrize(
    ("claim", "value", "said"),
    [
        ("sex", "Nữ", ("match",)),
        ("sex", "1", ("mismatch", "other_value")),
        ("old_number", "099 000 101", ("match",)),
        ("old_number", "099000102", ("mismatch", "other_value")),
        ("alive", True, ("match",)),
        ("alive", False, ("mismatch", "other_state")),
        ("nationality_vn", True, ("match",)),
        ("adult", True, ("match",)),
        ("permanent_commune", "00004", ("match",)),
        ("permanent_commune", "00008", ("mismatch", "other_value")),
        ("temporary_commune", "00004", ("mismatch", "not_registered")),
        ("outside_commune", "00008", ("match",)),
        ("outside_commune", "00004", ("mismatch", "inside_commune")),
        ("dwelling_owner", {"dwelling": "7"}, ("mismatch", "not_owner")),
        ("dwelling_owner", {"dwelling": "7", "number": BINH}, ("match",)),
        ("dwelling_owner", {"dwelling": "8", "number": BINH}, ("mismatch", "not_owner")),
        (
            "dwelling_owner",
            {"dwelling": "7", "number": BINH, "name": "tran van binh"},
            ("close", "without_diacritics"),
        ),
        ("dwelling_owner", {"commune": "00004", "address": "số 5 đường hoa sen", "number": BINH}, ("match",)),
        (
            "dwelling_owner",
            {"commune": "00008", "address": "số 5 đường hoa sen", "number": BINH},
            ("mismatch", "not_owner"),
        ),
        ("child_of", {"number": CHI}, ("mismatch", "not_kin")),
        ("parent_of", {"number": CHI}, ("match",)),
        ("parent_of", {"number": "099199999999"}, ("mismatch", "not_kin")),
    ],
)
def test_claim_of_residence(claim, value, said):
    """Each statement for 1.004194 gets its flag and reason."""
    assert flag(AN, claim, value) == said


@pytest.mark.parametrize(
    ("number", "claim", "value", "said"),
    [
        (AN, "head_of_household", True, ("match",)),
        (CHI, "head_of_household", True, ("mismatch", "other_state")),
        (AN, "household_members", [AN, CHI], ("match",)),
        (AN, "household_members", [CHI, BINH], ("mismatch", "not_in_household")),
        (BINH, "household_members", [BINH], ("mismatch", "not_in_household")),
        (CHI, "child_of", {"number": AN}, ("match",)),
        (AN, "health_insurance", {"on": "2026-10-31"}, ("match",)),
        (AN, "health_insurance", {"on": "2026-11-01"}, ("mismatch", "other_state")),
        (AN, "health_insurance", {"on": "2026-11-01", "state": "expired"}, ("match",)),
        (CHI, "health_insurance", {"on": "2026-11-01", "state": "none"}, ("match",)),
    ],
)
def test_claim_of_insurance(number, claim, value, said):
    """Each statement for household insurance gets its flag and reason."""
    assert flag(number, claim, value, context=INSURANCE, caller=INSURER) == said


@pytest.mark.parametrize(
    ("day", "interruption"),
    [
        ("2026-10-31", "none"),
        ("2026-11-01", "none"),
        ("2026-11-02", "under_90"),
        ("2027-01-29", "under_90"),
        ("2027-01-30", "from_90"),
    ],
)
def test_interruption_counts_days_without_cover(day, interruption):
    """The ninetieth day without cover starts insurance anew (Law 25/2008 Art. 16(3))."""
    from datetime import date

    from population_registry.verification.claims.insurance import insurance_detail
    from tests.registry_verification.people import PEOPLE

    assert insurance_detail(PEOPLE[AN], date.fromisoformat(day)).interruption == interruption


def test_year_only_birth_leaves_majority_open():
    """Born in an unknown month of the year of turning eighteen: neither adult nor minor is claimed."""
    from tests.registry_verification.people import PEOPLE, person

    young = person(2, BINH, "Trần Văn Bình", "2008")
    original = PEOPLE[BINH]
    PEOPLE[BINH] = young
    try:
        assert flag(BINH, "adult", True) == ("unknown", "not_recorded")
    finally:
        PEOPLE[BINH] = original


@pytest.mark.parametrize("name", sorted(CLAIMS))
@pytest.mark.parametrize(
    "value", [None, 1, 1.5, [], {}, "", "x" * 1000, ["x"], {"x": "y"}, {"number": 1}, True]
)
def test_reading_a_claim_never_raises_anything_else(name, value):
    """Whatever JSON stands for a claim, it is read or refused by name."""
    refused: list[str | None] = []
    try:
        CLAIMS[name].value(value)
    except Refusal as refusal:
        refused.append(refusal.member)
    assert refused in ([], [f"claims.{name}"])


def test_identifying_claims_are_in_every_catalogue_entry_that_verifies():
    """A procedure without name and birth date could ask about nobody who is not present."""
    for procedure in CATALOGUE.procedures.values():
        assert not procedure.verifiable or set(IDENTIFYING) <= procedure.verifiable


def test_a_widow_of_details_gets_none():
    """Coarse insurance facts come only where the catalogue grants them."""
    procedure = dataclasses.replace(CATALOGUE.procedures["bhyt.household"], details=frozenset())
    from population_registry.verification.catalogue import Catalogue
    from tests.registry_verification.people import IDENTITY, ask

    plain = Catalogue({procedure.code: procedure})
    asked = IDENTITY | {"health_insurance": {"on": "2026-11-01", "members": [CHI]}}
    with_details = ask(AN, asked, context=INSURANCE, caller=INSURER).results["health_insurance"]
    without = ask(AN, asked, context=INSURANCE, caller=INSURER, catalogue=plain).results["health_insurance"]
    assert with_details.detail is not None
    assert (without.detail, without.member_details) == (None, ())
    assert "detail" not in with_details.for_receipt()
