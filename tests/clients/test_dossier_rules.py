"""A dossier as a portal reads it: what may be done, which codes exist (domain facts: public services, 4 and 5)."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.portal_kit.dossiers import CODE, Dossier, DossierState, dossier_code, dossier_of

AT = "2026-11-20T02:00:00+00:00"


def line(number: int, act: str, state: int, **detail: Any) -> dict[str, Any]:
    """A line of history as the registry writes it."""
    return {
        "number": number,
        "act": act,
        "state": state,
        "occurred_at": AT,
        "entered_at": AT,
        "by": "system",
        "form": None,
        "detail": detail,
    }


def dossier(state: int, *history: dict[str, Any], **changed: Any) -> Dossier:
    """A dossier as the registry's JSON gives it."""
    lines = history or (line(1, "file", state),)
    document = {
        "dossier_code": "G01.899.05-261120-010001",
        "procedure_code": "1.004194",
        "procedure_name": {"vi": "Đăng ký tạm trú", "en": "Temporary residence"},
        "state": state,
        "version": len(lines),
        "filing": "online",
        "assisted": False,
        "filed_at": AT,
        "received_on": None,
        "due_on": None,
        "half_days": 6,
        "punctuality": "running",
        "fee": {"amount": 7000, "state": "due", "exempt": None, "legal_basis": "Thông tư 75/2022/TT-BTC"},
        "consents": [],
        "inputs": {},
        "history": list(lines),
        "decision": None,
        "result": {},
        "linked_to": None,
    }
    return dossier_of(document | changed)


def consent(state: str) -> dict[str, Any]:
    """A sub-task as the registry writes it."""
    return {
        "role": "owner",
        "why": "registers_at_dwelling",
        "state": state,
        "one_is_enough": False,
        "asked_at": AT,
        "expires_at": AT,
        "answered_at": None,
        "channel": None,
    }


def test_withdrawal_is_possible_until_a_decision_exists() -> None:
    """Decree 118/2025 Art. 21: not after the decision, not twice, not after an end."""
    assert {s.value for s in DossierState if dossier(s.value).may_withdraw} == {1, 2, 4, 5, 6}


def test_a_supplement_is_owed_while_the_last_request_has_no_answer() -> None:
    """CT05 is answered once; a second request is another one (section 5)."""
    asked = line(2, "ask_supplement", 5, reason="Thiếu hợp đồng")
    answered, again = line(3, "answer_supplement", 5), line(4, "ask_supplement", 5, reason="Chưa rõ")
    first = line(1, "file", 1)
    owed = dossier(5, first, asked).supplement_asked
    assert owed is not None
    assert owed.detail["reason"] == "Thiếu hợp đồng"
    assert dossier(5, first, asked, answered).supplement_asked is None
    second = dossier(5, first, asked, answered, again).supplement_asked
    assert second is not None
    assert second.number == 4
    assert dossier(4, first, asked, answered).supplement_asked is None


@pytest.mark.parametrize(("state", "waits"), [("asked", True), ("given", False), ("refused", False)])
def test_a_dossier_waits_for_an_answer_only_while_one_may_come(state: str, waits: bool) -> None:
    """What was answered or has ended waits for nobody (domain facts: residence, section 11)."""
    assert dossier(2, consents=[consent(state)]).waits_for_consent is waits
    assert not dossier(8, consents=[consent(state)]).waits_for_consent


def test_a_fee_is_paid_only_while_it_is_due() -> None:
    """Not twice, not for nothing, not after the end."""
    fee = {"amount": 7000, "state": "due", "exempt": None, "legal_basis": ""}
    assert dossier(6, fee=fee).must_pay
    for changed in ({"state": "paid"}, {"amount": 0}, {"state": "refund_due"}):
        assert not dossier(6, fee=fee | changed).must_pay
    assert not dossier(8, fee=fee).must_pay


@pytest.mark.parametrize("wrong", [{"state": 77}, {"filed_at": "yesterday"}, {"fee": None}, {"history": 7}])
def test_what_is_no_dossier_is_not_read_as_one(wrong: dict[str, Any]) -> None:
    """One of three known errors, which the client turns into an outage."""
    with pytest.raises((KeyError, TypeError, ValueError)):
        dossier(1, **wrong)


def test_codes_follow_the_circular() -> None:
    """Circular 04/2025/TT-VPCP Art. 23: agency, day of receipt, system, at least four digits of the day's number."""
    assert dossier_code("G01.899.05", date(2026, 11, 21), "01", 42) == "G01.899.05-261121-010042"
    assert dossier_code("G01.899.05", date(2026, 11, 21), "01", 12345) == "G01.899.05-261121-0112345"


@given(st.dates(date(2025, 1, 1), date(2099, 12, 31)), st.integers(1, 999_999))
def test_every_code_is_read_again(day: date, number: int) -> None:
    """What the portal makes, it also accepts in an address."""
    assert CODE.match(dossier_code("G34.899.01", day, "34", number))


@pytest.mark.attack
@pytest.mark.parametrize(
    "text", ["", "G01", "../etc/passwd", "G01.899.05-261121-010042\n", "G01-261121-１２３４", "x" * 500]
)
def test_other_texts_are_no_codes(text: str) -> None:
    """Line ends, foreign digits, paths and long texts never reach a query (attack 49)."""
    assert not CODE.match(text)
