"""Acts on a dossier: the moves of public-services.md section 5, consents, fee and refund, supplement, withdrawal."""

from __future__ import annotations

from datetime import timedelta

import pytest

from population_registry.dossiers import (
    Channel,
    ConsentState,
    DossierRefusal,
    DossierRefused,
    DossierState,
    FeeState,
    Form,
)
from population_registry.dossiers import acts as done
from population_registry.dossiers.codes import dossier_code, is_code
from population_registry.dossiers.consents import LASTS
from population_registry.dossiers.deciding import refuse
from population_registry.dossiers.states import MOVES, may_move
from tests.registry_dossiers.filed import EITHER, HEAD, OWNER, START, filed, moment

S = DossierState


def refusal(act, *values, **named):
    """The code of a refused act."""
    with pytest.raises(DossierRefused) as refused:
        act(*values, **named)
    return refused.value.code


def agree(dossier, need, minutes, *, given=True):
    """Somebody's answer."""
    return done.answer_consent(
        dossier, moment(minutes, "citizen"), frozenset({need}), given=given, channel=Channel.APP
    )


def test_the_moves_of_the_catalogue():
    """Section 5: 1→2,3,7 · 2→4,5,6,7,8 · 4→5,6,7,8,9 · 5→4,7,8 · 6→4,7,8 · 7→8 · 9→10, and no other."""
    found = {state.value: sorted(each.value for each in MOVES[state]) for state in S}
    assert found == {
        1: [2, 3, 7], 2: [4, 5, 6, 7, 8], 3: [], 4: [5, 6, 7, 8, 9], 5: [4, 7, 8], 6: [4, 7, 8], 7: [8], 8: [],
        9: [10], 10: [],
    }  # a table, read by rows  # fmt: skip
    assert not any(may_move(S.RETURNED, each) for each in S)


def test_dossier_codes():
    """Circular 04/2025 Art. 23: agency, day, two digits of the ministry, at least four of the day's number."""
    code = dossier_code("G01.899.06", "01", START.date(), 42)
    assert code == "G01.899.06-261116-010042"
    assert is_code(code)
    assert is_code(dossier_code("G01.899.06", "01", START.date(), 123_456))
    assert not any(is_code(each) for each in ("", "G01", "G01.899.06-2611-0042", code + "\n", 5, "G" * 50))


def test_receipt_goes_on_by_itself():
    """Section 11: received with CT04; with nothing to wait for it is being processed at once."""
    found = done.receive(filed(), moment(5))
    assert [(e.act, e.state.value, e.form) for e in found.history[1:]] == [
        ("receive", 2, Form.RECEIPT),
        ("process", 4, None),
    ]


def test_no_processing_without_consent():
    """Section 11: a mandatory consent that is missing keeps the dossier out of state 4, refused ones for good."""
    found = done.receive(filed(OWNER, HEAD), moment(5))
    assert found.state is S.RECEIVED
    found = agree(found, OWNER, 10)
    assert found.state is S.RECEIVED
    assert agree(found, HEAD, 15).state is S.PROCESSING
    refused = agree(found, HEAD, 15, given=False)
    assert refused.state is S.RECEIVED
    assert refusal(agree, refused, HEAD, 20) is DossierRefusal.CONSENT_CLOSED


def test_one_of_several_owners_may_be_enough():
    """Section 4: in case 2a one co-owner is enough; another's silence or refusal changes nothing then."""
    found = agree(done.receive(filed(*EITHER), moment(5)), EITHER[1], 10)
    assert found.state is S.PROCESSING


def test_consents_expire_and_are_asked_again():
    """Section 11: seven days; an expired question is answered no more until it is asked anew."""
    found = done.receive(filed(OWNER), moment(5))
    late = int((LASTS + timedelta(minutes=1)).total_seconds() // 60)
    assert found.consents[0].at(START + LASTS).state is ConsentState.EXPIRED
    assert refusal(agree, found, OWNER, late) is DossierRefusal.CONSENT_CLOSED
    renewed = done.renew_consents(found, moment(late))
    assert agree(renewed, OWNER, late + 1).state is S.PROCESSING
    assert refusal(done.renew_consents, renewed, moment(late + 1)) is DossierRefusal.CONSENT_CLOSED


def test_the_fee_comes_before_processing():
    """State 6 while it is due; the amount and one reference; repeating the reference changes nothing."""
    found = done.receive(filed(amount=7000), moment(5))
    assert found.state is S.FEE_DUE
    assert refusal(done.pay, found, moment(6), amount=6999, reference="PAY-1") is DossierRefusal.PAYMENT
    paid = done.pay(found, moment(6), amount=7000, reference="PAY-1")
    assert (paid.state, paid.fee.state) == (S.PROCESSING, FeeState.PAID)
    assert done.pay(paid, moment(7), amount=7000, reference="PAY-1") is paid
    assert refusal(done.pay, paid, moment(7), amount=7000, reference="PAY-2") is DossierRefusal.PAYMENT


def test_nothing_is_paid_for_a_withdrawn_dossier():
    """Section 13: from the withdrawal on no money is taken, so that what is paid meanwhile goes back at once."""
    withdrawn = done.withdraw(filed(amount=7000), moment(1, "citizen"))
    assert refusal(done.pay, withdrawn, moment(2), amount=7000, reference="PAY-1") is DossierRefusal.PAYMENT
    paid = done.pay(filed(amount=7000), moment(1), amount=7000, reference="PAY-1")
    again = done.withdraw(paid, moment(2, "citizen"))
    assert done.pay(again, moment(3), amount=7000, reference="PAY-1") is again, "told twice is paid once"
    assert done.stop(again, moment(4), "Theo yêu cầu").fee.state is FeeState.REFUND_DUE


def test_a_refused_dossier_gives_the_fee_back():
    """Section 13: a fee paid for what is refused is to be refunded, and refunded once."""
    paid = done.pay(filed(amount=7000), moment(1), amount=7000, reference="PAY-1")
    refused = refuse(done.receive(paid, moment(5)), moment(6), "Không đủ điều kiện").dossier
    assert (refused.state, refused.history[-1].form, refused.fee.state) == (
        S.DONE,
        Form.REFUSAL,
        FeeState.REFUND_DUE,
    )
    back = done.refund(refused, moment(7), "REF-1")
    assert back.fee.state is FeeState.REFUNDED
    assert done.refund(back, moment(8), "REF-1") is back
    assert refusal(done.refund, back, moment(8), "REF-2") is DossierRefusal.PAYMENT
    assert refusal(done.refund, paid, moment(8), "REF-1") is DossierRefusal.PAYMENT


def test_a_supplement_asks_whom_it_concerns():
    """CT05: the clock pauses; new inputs that concern a new owner wait for that owner before state 4."""
    found = done.ask_supplement(done.receive(filed(), moment(5)), moment(6), "Thiếu địa chỉ")
    assert (found.state, found.history[-1].form) == (S.SUPPLEMENT_WANTED, Form.SUPPLEMENT)
    new = {
        "inputs": {"a": 1}, "needs": [OWNER], "fee": found.fee, "term": found.term, "subject_ids": (1,),
        "commune_code": "00166", "note": None,
    }  # a table, read by rows  # fmt: skip
    answered = done.answer_supplement(found, moment(10, "citizen"), **new)
    assert answered.state is S.SUPPLEMENT_WANTED
    assert answered.history[-1].detail["inputs_before"] == {}
    assert agree(answered, OWNER, 12).state is S.PROCESSING
    assert (
        refusal(done.answer_supplement, done.receive(filed(), moment(5)), moment(6), **new)
        is DossierRefusal.STATE
    )


def test_withdrawal_only_before_a_decision():
    """Decree 118/2025 Art. 21: before a decision exists; the counter answers with the notice of stop."""
    found = done.withdraw(done.receive(filed(), moment(5)), moment(6, "citizen"))
    assert refusal(done.withdraw, found, moment(7, "citizen")) is DossierRefusal.STATE  # asked for once
    assert found.state is S.WITHDRAWAL_ASKED
    stopped = done.stop(found, moment(7), "Công dân rút hồ sơ")
    assert (stopped.state, stopped.history[-1].form) == (S.STOPPED, Form.STOP)
    decided = refuse(done.receive(filed(), moment(5)), moment(6), "Lý do").dossier
    assert refusal(done.withdraw, decided, moment(7)) is DossierRefusal.STATE


def test_acts_have_their_time():
    """Section 5: occurred_at and entered_at are two; nothing happens in the future or before the act before it."""
    found = done.receive(filed(), moment(5, entered=60))
    assert found.history[1].entered_at - found.history[1].occurred_at == timedelta(minutes=55)
    assert refusal(done.withdraw, found, moment(1, entered=70)) is DossierRefusal.MOMENT
    assert refusal(done.withdraw, found, moment(90, entered=70)) is DossierRefusal.MOMENT
