"""Cards withdrawn, held, returned; numbers set anew; status: Law on Identity Art. 29, Decree 70/2024 Art. 11(7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from population_registry.domain import Document, DocumentKind, DocumentState, PersonStatus, Sex
from population_registry.dossiers import Filing
from population_registry.procedures import (
    identity_card_return,
    identity_card_withdrawal,
    identity_number,
    identity_status,
)
from population_registry.verification.refusals import Refusal
from tests.registry_procedures.town import NUMBERS, case, failing, flags, opened, written

WITHDRAW, RETURN = identity_card_withdrawal.PROCEDURE, identity_card_return.PROCEDURE
NUMBER, STATUS = identity_number.PROCEDURE, identity_status.PROCEDURE
ISSUED = date(2024, 8, 1)


def about(
    procedure, ground, *, since="2026-11-20", card=DocumentState.VALID, filing=Filing.EX_OFFICIO, **more
):
    """The case of Lan with one card in that state."""
    inputs = {"ground": ground, "since": since, "decision": "12/QĐ-2026"}
    found = case(procedure, inputs, applicant="lan", filing=filing, **more)
    cards = (Document(DocumentKind.CAN_CUOC, NUMBERS["lan"], ISSUED, None, card),)
    return replace(found, applicant=replace(found.applicant, documents=cards))


@pytest.mark.parametrize(
    ("ground", "state"),
    [("altered", "withdrawn"), ("wrongly_issued", "withdrawn"), ("custody", "held"), ("prison", "held")],
)
def test_withdrawn_or_held(ground, state):
    """Law on Identity Art. 29(1), (2): the ground says whether it is for good or for the time of a measure."""
    found = about(WITHDRAW, ground)
    assert not failing(WITHDRAW, found)
    assert not opened(WITHDRAW, found)
    (change,) = WITHDRAW.outcome(found).changes
    assert (change.state.value, change.on) == (state, date(2026, 11, 20))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"card": DocumentState.HELD}, "card"),
        ({"card": DocumentState.LOST}, "card"),
        ({"since": "2026-11-24"}, "since"),
        ({"since": "2024-07-31"}, "order"),
    ],
)
def test_only_a_card_in_use(changed, code):
    """Nothing is withdrawn twice, in the future, or before the card was there."""
    assert failing(WITHDRAW, about(WITHDRAW, "altered", **changed)) == {code}


def test_nationality_must_be_recorded_as_lost():
    """Art. 29(1): the record is the ground, never the filing alone."""
    assert failing(WITHDRAW, about(WITHDRAW, "nationality_lost")) == {"ground"}
    lost = {"statuses": {"lan": PersonStatus.NATIONALITY_LOST}}
    assert not failing(WITHDRAW, about(WITHDRAW, "nationality_lost", **lost))


@pytest.mark.parametrize(
    ("ground", "card", "fails"),
    [
        ("measure_ended", DocumentState.HELD, set()),
        ("withdrawal_annulled", DocumentState.WITHDRAWN, set()),
        ("measure_ended", DocumentState.WITHDRAWN, {"card"}),
        ("withdrawal_annulled", DocumentState.HELD, {"card"}),
        ("measure_ended", DocumentState.VALID, {"card"}),
    ],
)
def test_given_back_on_its_own_ground(ground, card, fails):
    """Art. 29: the end of a measure gives back what was held; a withdrawn card only an annulment."""
    assert failing(RETURN, about(RETURN, ground, card=card)) == fails


def number(ground, *, filing=Filing.PAPER, sex=Sex.FEMALE, **inputs):
    """The case of Lan's number, with the sex that the record says."""
    found = case(
        NUMBER, {"ground": ground, "decision": "GKS 7/2026"} | inputs, applicant="lan", filing=filing
    )
    person = replace(found.applicant.person, sex=sex)
    return replace(found, applicant=replace(found.applicant, person=person))


def test_a_corrected_record_carries_a_new_number_when_asked():
    """Decree 70/2024 Art. 11(7)(a): sex or year was corrected, and the citizen asks: the series says so, 15 days."""
    found = number("civil_status", sex=Sex.MALE)
    assert not failing(NUMBER, found)
    (change,) = NUMBER.outcome(found).changes
    assert change.series == "099094"
    assert NUMBER.term(found).half_days == 30
    assert flags(NUMBER, number("civil_status"))["ground"] == ("fail", "number_agrees")


@pytest.mark.parametrize(
    ("ground", "filing", "why"),
    [
        ("civil_status", Filing.EX_OFFICIO, "citizen_must_ask"),
        ("wrongly_recorded", Filing.EX_OFFICIO, "citizen_must_ask"),
        ("falsified_file", Filing.ONLINE, "authority_only"),
        ("birth_certificate_revoked", Filing.PAPER, "authority_only"),
    ],
)
def test_who_begins(ground, filing, why):
    """Art. 11(7): a) and b) only if the citizen asks; c) and d) by the authority alone."""
    assert flags(NUMBER, number(ground, filing=filing, sex=Sex.MALE))["asked"] == ("fail", why)


def test_papers_are_for_the_officer():
    """A place of registration that was wrong, a falsified file: the officer answers for what the papers say."""
    wrong_place = number("wrongly_recorded", province="79")
    assert opened(NUMBER, wrong_place) == {"ground"}
    assert NUMBER.outcome(wrong_place).changes[0].series == "098194"
    assert opened(NUMBER, number("falsified_file", filing=Filing.EX_OFFICIO)) == {"ground"}


def test_lost_nationality_takes_the_card_along():
    """Law on Identity Art. 29(1): status and card in one decision; a declared missing person keeps the card."""

    def changed(status):
        inputs = {"status": status, "since": "2026-11-20", "decision": "5/QĐ-CTN"}
        found = case(STATUS, inputs, applicant="lan", filing=Filing.EX_OFFICIO)
        cards = (Document(DocumentKind.CAN_CUOC, NUMBERS["lan"], ISSUED, None),)
        return written(STATUS, replace(found, applicant=replace(found.applicant, documents=cards)))

    assert changed("nationality_lost") == [("SetPersonStatus", "lan"), ("WithdrawCard", "lan")]
    assert changed("missing_declared") == [("SetPersonStatus", "lan")]


@pytest.mark.parametrize("procedure", [WITHDRAW, RETURN, NUMBER, STATUS])
@pytest.mark.parametrize(
    "inputs",
    [
        None,
        {},
        {"ground": "altered"},
        {"ground": "altered", "since": "2026-02-30", "decision": "12/QĐ"},
        {"ground": ["altered"], "since": "2026-02-20", "decision": "12/QĐ"},
        {"ground": "civil_status", "decision": "x" * 101},
        {"ground": "civil_status", "decision": "12/QĐ", "province": "٣٣"},
        {"ground": "civil_status", "decision": "12\u0000QĐ"},
        {"status": "deceased", "since": "2026-11-20", "decision": "12/QĐ"},
    ],
)
def test_bad_inputs_are_refused(procedure, inputs):
    """Bad input names its place under `inputs`; a death is no status that an officer types."""
    with pytest.raises(Refusal) as refused:
        procedure.read(inputs)
    assert (refused.value.member or "").startswith("inputs")
