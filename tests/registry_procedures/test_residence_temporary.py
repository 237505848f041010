"""1.004194: conditions of temporary residence, fee and deadline."""

from __future__ import annotations

from datetime import datetime

import pytest

from population_registry.dossiers.working_days import VIET_NAM
from population_registry.procedures.residence_temporary import assess, claims, read
from population_registry.verification.answers import MATCH, ClaimResult, Flag
from population_registry.verification.refusals import Refusal

MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=VIET_NAM)
INPUTS = {
    "commune": "00166",
    "from": "2026-12-01",
    "until": "2027-11-30",
    "tenure": "rented",
    "dwelling": {"commune": "00166", "address": "Số 8"},
    "owner": {"number": "099068000102", "name": "Trần Văn Phúc"},
    "owner_consent": "given",
}
NAMES = ("name", "birth_date", "alive", "nationality_vn", "adult", "outside_commune", "dwelling_owner")
GOOD = dict.fromkeys(NAMES, MATCH)


def flags(inputs, results=GOOD, *, established=True):
    """Flag and reasons by check code, and the outcome."""
    found = assess(read(INPUTS | inputs), results, MONDAY, established=established)
    return {check.code: (check.flag.value, *check.reasons) for check in found.checks} | {
        "": (found.outcome.value,)
    }


def test_everything_in_order():
    """All conditions hold: pass, 7,000 đồng online, three working days."""
    found = assess(read(INPUTS), GOOD, MONDAY, established=True).document()
    assert found["outcome"] == "pass"
    assert found["fee"]["amount"] == 7_000
    assert found["deadline"] == {"received_on": "2026-11-16", "due_on": "2026-11-19", "working_days": 3}


@pytest.mark.parametrize(
    ("inputs", "code", "said"),
    [
        (
            {"until": "2026-12-31"},
            "term_minimum",
            ("pass",),
        ),  # 30 days (Civil Code: the first is not counted)
        ({"until": "2026-12-30"}, "term_minimum", ("fail", "shorter_than_30_days")),
        ({"until": "2026-11-01"}, "term_minimum", ("fail", "shorter_than_30_days")),
        ({"until": "2028-12-01"}, "term_maximum", ("pass",)),
        ({"until": "2028-12-02"}, "term_maximum", ("fail", "longer_than_2_years")),
        ({"contract_until": "2027-06-30"}, "term_within_contract", ("fail", "after_contract")),
        ({"contract_until": "2027-11-30"}, "term_within_contract", ("pass",)),
        ({"owner_consent": "asked"}, "owner_consent", ("unknown", "consent_asked")),
        ({"owner_consent": "refused"}, "owner_consent", ("fail", "consent_refused")),
        ({"owner_consent": "expired"}, "owner_consent", ("fail", "consent_expired")),
        ({"owner_consent": "none"}, "owner_consent", ("fail", "consent_none")),
        ({"owner": None}, "dwelling_owner", ("unknown", "owner_not_given")),
        ({"dwelling": None}, "dwelling_owner", ("unknown", "dwelling_not_given")),
    ],
)
def test_condition(inputs, code, said):
    """Law on Residence Art. 27 and 28, residence.md section 5: each condition has its flag and reason."""
    assert flags(inputs)[code] == said


@pytest.mark.parametrize(
    ("claim", "result", "code", "said"),
    [
        (
            "outside_commune",
            ClaimResult(Flag.MISMATCH, ("inside_commune",)),
            "outside_commune",
            ("fail", "inside_commune"),
        ),
        (
            "outside_commune",
            ClaimResult(Flag.UNKNOWN, ("unit_split",)),
            "outside_commune",
            ("unknown", "unit_split"),
        ),
        ("alive", ClaimResult(Flag.MISMATCH, ("other_state",)), "alive", ("fail", "other_state")),
        ("name", ClaimResult(Flag.CLOSE, ("tone",)), "identity", ("unknown", "tone")),
        ("name", ClaimResult(Flag.MISMATCH, ("other_value",)), "identity", ("fail", "other_value")),
        (
            "dwelling_owner",
            ClaimResult(Flag.MISMATCH, ("not_owner",)),
            "dwelling_owner",
            ("fail", "not_owner"),
        ),
    ],
)
def test_registry_result_decides_its_check(claim, result, code, said):
    """A mismatch fails, a close or unknown claim is left to an officer."""
    assert flags({}, GOOD | {claim: result})[code] == said


def test_own_dwelling_needs_no_consent():
    """An owner who lives there asks nobody (Art. 20(1)); the registry is asked whether the applicant owns it."""
    own = read(INPUTS | {"tenure": "owned", "owner_consent": "none"})
    assert "owner_consent" not in flags({"tenure": "owned", "owner_consent": "none"})
    assert claims(own, MONDAY)["dwelling_owner"] == INPUTS["dwelling"]


def test_minor_needs_a_parent():
    """A minor without a parent fails; with a parent who is one and consents it passes."""
    minor = GOOD | {"adult": ClaimResult(Flag.MISMATCH, ("other_state",)), "child_of": MATCH}
    assert flags({}, minor)["representative"] == ("fail", "minor_without_parent")
    with_parent = {"parent": {"number": "099180000109"}, "parent_consent": "given"}
    assert flags(with_parent, minor)["representative"] == ("pass",)
    assert flags(with_parent, minor)[""] == ("pass",)


@pytest.mark.parametrize(
    ("inputs", "amount"),
    [
        ({"channel": "paper"}, 15_000),
        ({"channel": "online", "in_list": True}, 5_000),
        ({"channel": "paper", "in_list": True}, 10_000),
        ({"fee_exempt": True}, 0),
    ],
)
def test_fee(inputs, amount):
    """Circular 75/2022/TT-BTC."""
    assert assess(read(INPUTS | inputs), GOOD, MONDAY, established=True).charge["amount"] == amount


def test_not_established_person_fails():
    """Whom the registry does not establish cannot be registered."""
    nothing = {name: ClaimResult(Flag.UNKNOWN, ("identity_not_established",)) for name in NAMES}
    said = flags({}, nothing, established=False)
    assert said["identity"] == ("fail", "identity_not_established")
    assert said[""] == ("fail",)


@pytest.mark.parametrize(
    "wrong", [{"from": "soon"}, {"from": "1400-01-01"}, {"tenure": "stolen"}, {"x": 1}, {"owner": "Phúc"}]
)
def test_inputs_are_strict(wrong):
    """A wrong input is refused by its place."""
    with pytest.raises(Refusal) as refused:
        read(INPUTS | wrong)
    assert refused.value.member == f"inputs.{next(iter(wrong))}"
