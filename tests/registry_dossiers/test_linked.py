"""What is due on a linked dossier: pure, asked as often as one likes, the same whatever the order of the bodies."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from population_registry.dossiers import FREE, Dossier, Filing, Term
from population_registry.dossiers.acts import Moment, file, hand_over, receive, refuse_intake
from population_registry.dossiers.dossier import Decision
from population_registry.dossiers.linked import CERTIFICATE_ERROR, Part, advance
from population_registry.dossiers.states import DossierState

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PARTS = (
    Part("registration", "reg", lambda inputs, _: inputs, needed=True),
    Part("correction", "cor", lambda inputs, _: inputs, after=("registration",), corrects=True),
    Part(
        "residence",
        "res",
        lambda _, results: {"child": results["registration"]["n"]},
        after=("registration",),
    ),
    Part(
        "insurance",
        "ins",
        lambda _, results: {"child": results["registration"]["n"]},
        after=("registration",),
    ),
)


def moment(now):
    """An act of that moment."""
    return Moment(now, now, "office")


def dossier(code, procedure, now, linked_to=None):
    """A dossier in state 1."""
    made = Dossier(
        code=code, procedure_code=procedure, client_id="portal", agency="G15", commune_code=None, applicant_id=1,
        subject_ids=(1,), assisted_by=None, filing=Filing.ONLINE, purpose="x", inputs={}, term=Term.days(3), fee=FREE,
        filed_at=now, linked_to=linked_to,
    )  # a table, read by rows  # fmt: skip
    return file(made, [], moment(now), {})


def decided(part, now, *, approved=True, result=None):
    """The part after its body received and decided it."""
    held = receive(part, moment(now))
    done = replace(held, decision=Decision(approved, "office", now, ""), result=result or {})
    last = replace(done.history[-1], number=len(done.history) + 1, state=DossierState.DONE, act="approve")
    return replace(done, state=DossierState.DONE, history=(*done.history, last))


class Flow:
    """A linked dossier with its parts, stepped by hand."""

    def __init__(self):
        self.now = MONDAY
        self.umbrella = receive(dossier("U", "linked", MONDAY), moment(MONDAY))
        self.parts = []
        self.opened = []

    def step(self):
        """Take what is due; answers whether anything was."""
        due = advance(self.umbrella, PARTS, self.parts, self.now)
        for order in due.orders:
            self.opened.append(order.part.name)
            self.parts.append(
                dossier(f"{order.part.name}-{len(self.parts)}", order.part.procedure_code, self.now, "U")
            )
        moved = due.umbrella is not self.umbrella
        self.umbrella = due.umbrella
        return moved

    def settle(self):
        """Take everything that is due."""
        while self.step():
            pass

    def change(self, name, made):
        """The last part of that name becomes what `made` makes of it."""
        place = max(i for i, part in enumerate(self.parts) if part.code.startswith(name))
        self.now += timedelta(minutes=1)
        self.parts[place] = made(self.parts[place], self.now)


def registered():
    """A flow whose birth is registered and whose other parts are open."""
    flow = Flow()
    flow.settle()
    flow.change("registration", lambda part, now: decided(part, now, result={"n": "099326000123"}))
    flow.settle()
    return flow


def test_parts_open_in_their_order_and_once():
    """Certificate first, then residence and insurance together; asking again opens nothing twice."""
    flow = Flow()
    flow.settle()
    assert flow.opened == ["registration"]
    flow = registered()
    assert flow.opened == ["registration", "residence", "insurance"]
    flow.settle()
    assert flow.opened == ["registration", "residence", "insurance"]


@settings(deadline=None)  # the first use of the calendar reads it
@given(st.permutations(["residence", "insurance"]), st.lists(st.booleans(), min_size=2, max_size=2))
def test_the_end_is_the_same_in_whatever_order_bodies_answer(order, approvals):
    """A refused part does not undo the others; the whole ends when all have answered, and says which were refused."""
    flow = registered()
    for name, approved in zip(order, approvals, strict=True):
        assert flow.umbrella.state is DossierState.PROCESSING
        flow.change(name, lambda part, now, approved=approved: decided(part, now, approved=approved))
        flow.settle()
    assert flow.umbrella.state is DossierState.DONE
    for name, approved in zip(order, approvals, strict=True):
        assert ("refused" in flow.umbrella.result[name]) is not approved


def test_a_refused_certificate_refuses_the_whole():
    """Nothing follows without the certificate."""
    flow = Flow()
    flow.settle()
    flow.change("registration", lambda part, now: decided(part, now, approved=False))
    flow.settle()
    assert flow.opened == ["registration"]
    assert flow.umbrella.decision is not None
    assert not flow.umbrella.decision.approved


def returned(part, now):
    """Given back because the certificate is wrong."""
    return refuse_intake(part, moment(now), CERTIFICATE_ERROR)


def test_a_returned_part_waits_for_the_correction():
    """Given back, corrected, opened anew; both parts given back need one correction only."""
    flow = registered()
    flow.change("residence", returned)
    flow.settle()
    flow.change("insurance", returned)
    flow.settle()
    assert flow.opened[3:] == ["correction"]
    flow.change("correction", decided)
    flow.settle()
    assert sorted(flow.opened[4:]) == ["insurance", "residence"]


def test_an_uncorrected_certificate_ends_the_returned_part():
    """The office finds nothing wrong: the part that came back is over, the others count."""
    flow = registered()
    flow.change("residence", returned)
    flow.settle()
    flow.change("correction", lambda part, now: decided(part, now, approved=False))
    flow.settle()
    flow.change("insurance", decided)
    flow.settle()
    assert flow.umbrella.state is DossierState.DONE
    assert flow.umbrella.result["residence"] == {"refused": True}


def test_a_second_return_asks_for_a_second_correction():
    """The same body may find the corrected certificate wrong again."""
    flow = registered()
    for _ in range(2):
        flow.change("residence", returned)
        flow.settle()
        flow.change("correction", decided)
        flow.settle()
    assert flow.opened.count("correction") == 2
    assert flow.opened.count("residence") == 3


@settings(deadline=None)
@given(st.integers(0, 400))
def test_a_silent_receiver_raises_one_alarm(minutes):
    """After two working hours (the noon break not counted), once, however often one looks."""
    flow = Flow()
    flow.settle()
    flow.now += timedelta(minutes=minutes)
    for _ in range(3):
        flow.settle()
    alarms = [event for event in flow.umbrella.history if event.act == "alarm"]
    assert len(alarms) == (minutes > 120)


def test_what_is_returned_by_hand_over_is_brought_back_too():
    """A part handed over (10) is as good as one decided (9)."""
    flow = registered()
    for name in ("residence", "insurance"):
        flow.change(name, lambda part, now: hand_over(decided(part, now), moment(now)))
        flow.settle()
    assert flow.umbrella.state is DossierState.DONE
