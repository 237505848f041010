"""Days of a filing that contradict each other are refused before anybody is looked up."""

from __future__ import annotations

from datetime import date

import pytest

from population_registry.procedures.catalogue import PROCEDURES
from population_registry.procedures.stated_days import refuse_impossible_days
from population_registry.verification.refusals import Refusal
from tests.registry_api.births import birth
from tests.registry_procedures.test_any_inputs import VALID as RESIDENCE

TODAY = date(2026, 11, 22)
DEATH = {"deceased": "099041000107", "died": "2026-08-14", "notice": {"number": "BT-1"}, "commune": "00166"}
VALID = RESIDENCE | {
    "linked.birth": birth(),
    "linked.death": DEATH,
    "linked.death.registration": DEATH,
    "bhyt.reduction": {"number": "099194000101", "group": "DN", "state": "reduced", "since": "2026-11-22"},
}
BIRTH = VALID["linked.birth"]


@pytest.mark.parametrize(
    ("code", "changed", "place", "reason"),
    [
        ("1.004194", {"from": "2027-01-02", "until": "2027-01-01"}, "until", "period_reversed"),
        ("1.004194", {"contract_until": "2026-11-30"}, "contract_until", "period_reversed"),
        ("1.003677", {"from": "2027-12-02"}, "until", "period_reversed"),
        ("2.001159", {"until": "2026-11-22"}, "until", "period_reversed"),
        ("residence.delete-permanent", {"since": "2026-11-23"}, "since", "in_the_future"),
        ("1.010028", {"since": "2026-11-23"}, "since", "in_the_future"),
        ("linked.birth", {"child": BIRTH["child"] | {"born": "2026-11-23"}}, "child.born", "in_the_future"),
        ("linked.death", {"died": "2026-11-23"}, "died", "in_the_future"),
        ("linked.death.registration", {"died": "2026-11-23"}, "died", "in_the_future"),
        ("bhyt.reduction", {"since": "2026-11-23"}, "since", "in_the_future"),
    ],
)
def test_a_contradiction_names_the_place_of_the_later_day(code, changed, place, reason):
    """RFC 9457: who wrote it reads which member is wrong and why; the same inputs without it are filed."""
    procedure, valid = PROCEDURES[code], VALID[code]
    refuse_impossible_days(procedure, procedure.read(valid), TODAY)
    with pytest.raises(Refusal) as refused:
        refuse_impossible_days(procedure, procedure.read(valid | changed), TODAY)
    assert (refused.value.member, refused.value.reason) == (f"inputs.{place}", reason)


def test_a_period_of_one_day_is_no_contradiction():
    """A guest who leaves on the day of arrival, a thing that happened today."""
    for code, changed in (("2.001159", {"until": "2026-11-23"}), ("linked.death", {"died": "2026-11-22"})):
        procedure = PROCEDURES[code]
        refuse_impossible_days(procedure, procedure.read(VALID[code] | changed), TODAY)
