"""1.002755: Law on Residence Art. 27(2), 28."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from population_registry.procedures.residence_extension import PROCEDURE
from tests.registry_procedures.town import NUMBERS, asked, case, failing, flags, written

UNTIL = {"until": "2027-12-01"}


def test_within_fifteen_days():
    """Art. 27(2): filed within 15 days before the term ends; the same row lasts longer, nothing else changes."""
    found = case(PROCEDURE, UNTIL, applicant="lan")
    assert not failing(PROCEDURE, found)
    assert asked(PROCEDURE, found) == [("owner", "phuc")]
    assert written(PROCEDURE, found) == [("ProlongResidence", "lan")]
    assert PROCEDURE.term(found).half_days == 6


@pytest.mark.parametrize(
    ("now", "why"),
    [
        (datetime(2026, 11, 15, 3, tzinfo=UTC), "earlier_than_15_days"),
        (datetime(2026, 12, 2, 3, tzinfo=UTC), "not_registered"),
    ],
)
def test_not_earlier_and_not_later(now, why):
    """Art. 28: neither sixteen days before the end nor after it."""
    found = case(PROCEDURE, UNTIL, applicant="lan", now=now)
    assert flags(PROCEDURE, found)["registration"] == ("fail", why)


@pytest.mark.parametrize("until", ["2026-12-01", "2028-12-02"])
def test_two_years_more_at_most(until):
    """Art. 27(2): longer than the present end, at most two years."""
    assert "term_maximum" in failing(PROCEDURE, case(PROCEDURE, {"until": until}, applicant="lan"))


def test_nobody_without_registration():
    """Whoever is registered nowhere temporarily has nothing to extend."""
    assert "registration" in failing(PROCEDURE, case(PROCEDURE, UNTIL, applicant="hung"))


def test_contract_and_fee():
    """Section 5: not beyond the contract; 7,000 ₫ online (Circular 75/2022)."""
    found = case(PROCEDURE, UNTIL | {"contract_until": "2027-06-01"}, applicant="lan")
    assert failing(PROCEDURE, found) == {"term_within_contract"}
    assert PROCEDURE.fee(found).amount == 7_000
    assert PROCEDURE.numbers(found.inputs) == ()
    assert NUMBERS["lan"] == str(found.applicant.person.number)
