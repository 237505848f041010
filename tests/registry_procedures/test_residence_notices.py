"""Stay notice (Art. 30), absence (Art. 31), current residence (Art. 19), confirmation (Art. 17)."""

from __future__ import annotations

from datetime import datetime

import pytest

from population_registry.dossiers import overall
from population_registry.dossiers.deciding import all_checks
from population_registry.procedures import (
    residence_absence,
    residence_confirmation,
    residence_current,
    residence_stay,
)
from population_registry.procedures.residence_stay import latest_notice
from population_registry.verification.refusals import Refusal
from tests.registry_procedures.town import FLAT, case, failing, flags, opened, stated, written

STAY, ABSENCE = residence_stay.PROCEDURE, residence_absence.PROCEDURE
CURRENT, CONFIRM = residence_current.PROCEDURE, residence_confirmation.PROCEDURE
AT_FLAT = {"commune": FLAT.commune_code, "address": FLAT.text}
GUEST = {
    "dwelling": AT_FLAT,
    "reason": "Thăm người thân",
    "arrived_at": "2026-11-23T09:00:00+07:00",
    "until": "2026-11-30",
    "people": [stated("nam")],
}
AWAY = {
    "category": "long",
    "commune": "00166",
    "destination": "Phường Cầu Giấy, Hà Nội",
    "from": "2026-12-01",
    "until": "2027-12-01",
    "reason": "Đi làm",
}


@pytest.mark.parametrize(
    ("arrived", "latest"),
    [
        ("2026-11-23T09:00", "2026-11-23T23:00"),
        ("2026-11-23T22:59", "2026-11-23T23:00"),
        ("2026-11-23T23:00", "2026-11-24T08:00"),
        ("2026-11-23T23:30", "2026-11-24T08:00"),
    ],
)
def test_until_when_a_stay_is_announced(arrived, latest):
    """Art. 30(4): before 23:00 of the first day; who came after 23:00, before 08:00 of the next."""
    assert latest_notice(datetime.fromisoformat(arrived + "+07:00")) == datetime.fromisoformat(
        latest + "+07:00"
    )


def test_a_stay_is_only_noted():
    """Art. 30: nothing beyond the form is checked; the notice is on the record at once, in time or late."""
    found = case(STAY, GUEST)
    assert overall(all_checks(STAY, found)).value == "pass"
    assert written(STAY, found) == [("NoteStay", "nam")]
    assert STAY.outcome(found).result == {"in_time": True, "one_notice_is_enough": False}
    late = case(STAY, GUEST | {"arrived_at": "2026-11-21T09:00:00+07:00", "relatives": True})
    assert STAY.outcome(late).result == {"in_time": False, "one_notice_is_enough": True}


def test_a_stay_is_short():
    """Circular 116/2026 Art. 14: up to thirty days for each notice."""
    assert "length" in failing(STAY, case(STAY, GUEST | {"until": "2026-12-24"}))
    assert not failing(STAY, case(STAY, GUEST | {"until": "2026-12-23"}))


@pytest.mark.parametrize(
    "wrong", [{"arrived_at": "yesterday"}, {"arrived_at": "2026-11-23T09:00:00"}, {"host": "x"}]
)
def test_unreadable_notices_are_refused(wrong):
    """A moment without a zone is no moment; a host is one of the kinds of Art. 30(1)."""
    with pytest.raises(Refusal):
        STAY.read(GUEST | wrong)


def test_everybody_else_declares_from_twelve_months():
    """Art. 31(1)(d): from twelve months, noted at once."""
    found = case(ABSENCE, AWAY, applicant="nam")
    assert overall(all_checks(ABSENCE, found)).value == "pass"
    assert written(ABSENCE, found) == [("NoteAbsence", "nam")]
    assert ABSENCE.term(found).half_days == 0
    assert "length" in failing(ABSENCE, case(ABSENCE, AWAY | {"until": "2027-11-30"}, applicant="nam"))


def test_duty_declares_from_three_months():
    """Art. 31(1)(c): military age or another duty, from three months."""
    short = AWAY | {"category": "duty", "until": "2027-02-28"}
    assert "length" in failing(ABSENCE, case(ABSENCE, short, applicant="nam"))
    assert not failing(ABSENCE, case(ABSENCE, short | {"until": "2027-03-01"}, applicant="nam"))


def test_permission_is_seen_by_an_officer():
    """Art. 31(1)(a), (b): from one day, with permission, within one working day."""
    accused = AWAY | {"category": "accused", "until": "2026-12-02"}
    assert flags(ABSENCE, case(ABSENCE, accused, applicant="nam"))["permission"] == (
        "fail",
        "permission_missing",
    )
    found = case(ABSENCE, accused | {"permission": "QĐ 12/2026"}, applicant="nam")
    assert opened(ABSENCE, found) == {"permission"}
    assert ABSENCE.term(found).half_days == 2


def test_absence_is_from_the_own_commune():
    """Art. 31: out of the commune of permanent residence."""
    found = case(ABSENCE, AWAY | {"commune": "00004"}, applicant="nam")
    assert flags(ABSENCE, found)["outside_commune"] == ("fail", "inside_commune")


def test_current_residence_only_without_registration():
    """Art. 19: who can register nowhere declares where they are; a registration excludes it."""
    assert "not_registered" in failing(CURRENT, case(CURRENT, {"dwelling": AT_FLAT}, applicant="nam"))
    found = case(CURRENT, {"dwelling": AT_FLAT}, applicant="nam", residences={"nam": ()})
    assert opened(CURRENT, found) == {"actual_place"}
    assert written(CURRENT, found) == [("RegisterResidence", "nam")]


def test_confirmation_is_decided_by_itself():
    """Art. 17(2): half a working day for what the database holds; nothing to confirm is refused."""
    found = case(CONFIRM, {"used_for": "Nhập học"}, applicant="nam")
    assert overall(all_checks(CONFIRM, found)).value == "pass"
    assert (CONFIRM.term(found).half_days, CONFIRM.outcome(found).form.value) == (1, "CT07")
    nowhere = case(CONFIRM, {"used_for": "Nhập học"}, applicant="nam", residences={"nam": ()})
    assert failing(CONFIRM, nowhere) == {"registration"}
