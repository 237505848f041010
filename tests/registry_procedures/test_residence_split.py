"""Tách hộ: Law on Residence Art. 25."""

from __future__ import annotations

from population_registry.procedures.residence_split import PROCEDURE
from tests.registry_procedures.town import asked, case, failing, flags, opened, stated, written


def test_head_and_owner_agree():
    """Art. 25(1): head and owner each agree; a new file number, a new head, the same registrations."""
    found = case(PROCEDURE, {"people": [stated("nam")]}, applicant="nam", owners={70: ("hung", "mai")})
    assert not failing(PROCEDURE, found)
    assert asked(PROCEDURE, found) == [("head", "hung"), ("owner", "hung"), ("owner", "mai")]
    assert written(PROCEDURE, found) == [
        ("LeaveHousehold", "nam"),
        ("FoundHousehold", "nam"),
        ("JoinHousehold", "nam"),
    ]
    assert (PROCEDURE.term(found).half_days, PROCEDURE.fee(found).amount) == (10, 5_000)


def test_divorced_spouses_ask_nobody():
    """Art. 25(1)(b): divorced and still using the dwelling: no consent; an officer sees to the second part."""
    found = case(PROCEDURE, {"divorced": True}, applicant="mai", divorced=("mai",))
    assert asked(PROCEDURE, found) == []
    assert "divorce" in opened(PROCEDURE, found)
    married = case(PROCEDURE, {"divorced": True}, applicant="mai")
    assert flags(PROCEDURE, married)["divorce"] == ("fail", "not_divorced")


def test_who_may_not_split():
    """Art. 25: not the head, not a stranger, not a minor alone, not where nobody would remain."""
    assert "head_stays" in failing(PROCEDURE, case(PROCEDURE, {}, applicant="hung"))
    assert "same_household" in failing(PROCEDURE, case(PROCEDURE, {}, applicant="lan"))
    stranger = case(PROCEDURE, {"people": [stated("nam"), stated("lan")]}, applicant="nam")
    assert "same_household" in failing(PROCEDURE, stranger)


def test_disputed_place():
    """Art. 25 and 23: no new household at a place in dispute."""
    assert "dwelling" in failing(PROCEDURE, case(PROCEDURE, {}, applicant="nam", disputed=True))
