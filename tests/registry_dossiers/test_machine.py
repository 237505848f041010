"""Whatever anybody does in whatever order: the state machine of dossiers keeps its promises (Hypothesis)."""

from __future__ import annotations

import itertools
from contextlib import suppress
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from population_registry.dossiers import Channel, ConsentState, DossierRefused, DossierState, FeeState
from population_registry.dossiers import acts as done
from population_registry.dossiers.acts import Moment
from population_registry.dossiers.consents import complete
from population_registry.dossiers.deciding import refuse
from population_registry.dossiers.states import CLOCK_PAUSES, MOVES
from tests.registry_dossiers.filed import EITHER, HEAD, OWNER, START, filed

S = DossierState
NEEDS = (OWNER, HEAD, *EITHER)


class Dossiers(RuleBasedStateMachine):
    """One dossier, many hands."""

    @initialize(needs=st.sets(st.sampled_from(NEEDS)), amount=st.sampled_from([0, 7000]))
    def filed(self, needs, amount):
        """Somebody files."""
        self.dossier = filed(*sorted(needs, key=str), amount=amount)
        self.now = START
        self.entered_with_all = True

    def _act(self, act, *values, by="CA-17", **named):
        before = self.dossier
        with suppress(DossierRefused):
            after = act(before, Moment(self.now, self.now, by), *values, **named)
            self.dossier = getattr(after, "dossier", after)
        if before.state is not S.PROCESSING and self.dossier.state is S.PROCESSING:
            self.entered_with_all = complete(self.dossier.consents) and self.dossier.fee.settled

    @rule(hours=st.integers(0, 24 * 9))
    def time_passes(self, hours):
        """Consents expire, terms run out."""
        self.now += timedelta(hours=hours)

    @rule()
    def receive(self):
        """1 → 2."""
        self._act(done.receive)

    @rule(need=st.sampled_from(NEEDS), given=st.booleans())
    def consent(self, need, given):
        """Somebody answers, asked or not."""
        self._act(done.answer_consent, frozenset({need}), given=given, channel=Channel.APP, by="citizen")

    @rule()
    def renew(self):
        """Expired questions are asked again."""
        self._act(done.renew_consents)

    @rule(amount=st.sampled_from([7000, 1]))
    def pay(self, amount):
        """A payment comes in, right or wrong, twice or late."""
        self._act(done.pay, amount=amount, reference="PAY-1", by="portal")

    @rule()
    def refund(self):
        """The money goes back."""
        self._act(done.refund, "REF-1", by="portal")

    @rule()
    def ask(self):
        """CT05."""
        self._act(done.ask_supplement, "Thiếu giấy tờ")

    @rule(needs=st.sets(st.sampled_from(NEEDS)))
    def answer(self, needs):
        """The applicant answers, perhaps naming other people."""
        fee = self.dossier.fee
        self._act(
            done.answer_supplement,
            inputs={}, needs=sorted(needs, key=str), fee=fee, term=self.dossier.term, subject_ids=(1,),
            commune_code=None, note=None, by="citizen",
        )  # a table, read by rows  # fmt: skip

    @rule()
    def refuse(self):
        """CT06 as a decision."""
        self._act(refuse, "Không đủ điều kiện")

    @rule()
    def refuse_intake(self):
        """CT06 at the counter."""
        self._act(done.refuse_intake, "Sai thẩm quyền")

    @rule()
    def withdraw(self):
        """The citizen changes their mind."""
        self._act(done.withdraw, by="citizen")

    @rule()
    def stop(self):
        """The notice of stop."""
        self._act(done.stop, "Dừng xử lý")

    @rule()
    def hand_over(self):
        """The result is handed over."""
        self._act(done.hand_over)

    @invariant()
    def only_moves_of_the_catalogue(self):
        """Each line of history is where the one before was, or a move that the catalogue knows."""
        states = [event.state for event in self.dossier.history]
        assert all(b is a or b in MOVES[a] for a, b in itertools.pairwise(states))

    @invariant()
    def processing_means_agreed_and_paid(self):
        """No dossier enters state 4 while a mandatory consent is missing or the fee is due."""
        assert self.entered_with_all

    @invariant()
    def the_clock_stands_in_5_and_6(self):
        """While the citizen's side is waited for, no due day exists and nothing is counted."""
        clock = self.dossier.clock
        if self.dossier.state in CLOCK_PAUSES:
            assert (clock.running, clock.due_on) == (False, None)

    @invariant()
    def history_only_grows_and_is_in_order(self):
        """Lines are numbered from one and lie in time one after another."""
        events = self.dossier.history
        assert [event.number for event in events] == list(range(1, len(events) + 1))
        assert all(a.occurred_at <= b.occurred_at for a, b in itertools.pairwise(events))

    @invariant()
    def money_is_never_lost(self):
        """What was paid for a dossier that ends without a service is to be given back, or was."""
        if self.dossier.state in {S.NOT_RECEIVED, S.STOPPED} or self.dossier.decision is not None:
            assert self.dossier.fee.state in {FeeState.NONE, FeeState.REFUND_DUE, FeeState.REFUNDED}

    @invariant()
    def nobody_answers_twice(self):
        """A consent that was answered names its moment and channel; one that was not, neither."""
        for consent in self.dossier.consents:
            answered = consent.state in {ConsentState.GIVEN, ConsentState.REFUSED}
            assert answered == (consent.answered_at is not None) == (consent.channel is not None)


Dossiers.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestDossiers = Dossiers.TestCase
