"""The life of an account: who may move it where, and what never comes back."""

from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from idp.accounts import life_cycle
from idp.accounts.life import SELF_ACTIVATION, Actor, CloseReason, Life, LockReason, NotAllowed
from idp.accounts.reasons import RULES
from idp.domain.account import AccountStatus, AccountType

NOW = 1_795_000_000
ISSUED = life_cycle.issue(life_cycle.requested(AccountType.CITIZEN, 1), NOW)
ACTIVE = life_cycle.activate(ISSUED, Actor.SUBJECT, NOW + 60)


def refused(act: object, *given: object) -> str:
    """The code with which an act is refused."""
    with pytest.raises(NotAllowed) as caught:
        act(*given)  # type: ignore[operator]  # any transition
    return caught.value.code


def test_the_way_of_a_new_account() -> None:
    """Decree 69/2024, Arts. 10-14: asked for, issued with a notice, taken into use."""
    assert ISSUED.status is AccountStatus.ISSUED
    assert (ACTIVE.status, ACTIVE.activated_at) == (AccountStatus.ACTIVE, NOW + 60)


def test_self_activation_ends_after_seven_days() -> None:
    """Art. 14: within seven days of the notice by oneself, later only through the hotline or an officer."""
    late = NOW + SELF_ACTIVATION + 1
    assert life_cycle.activate(ISSUED, Actor.SUBJECT, late - 1).activated
    assert refused(life_cycle.activate, ISSUED, Actor.SUBJECT, late) == "activation_too_late"
    assert life_cycle.activate(ISSUED, Actor.HOTLINE, late).status is AccountStatus.ACTIVE
    again = life_cycle.renotice(ISSUED, Actor.OFFICER, late)
    assert life_cycle.activate(again, Actor.SUBJECT, late + 60).status is AccountStatus.ACTIVE


def test_nobody_activates_twice_or_what_was_rejected() -> None:
    """A spent activation opens nothing."""
    assert refused(life_cycle.activate, ACTIVE, Actor.SUBJECT, NOW) == "account_active"
    rejected = life_cycle.reject(life_cycle.requested(AccountType.CITIZEN, 1))
    assert refused(life_cycle.activate, rejected, Actor.SUBJECT, NOW) == "account_rejected"
    assert refused(life_cycle.lock, rejected, LockReason.DEATH, Actor.REGISTRY) == "account_rejected"


@pytest.mark.parametrize(
    ("reason", "by"),
    [
        (LockReason.JUDICIAL_REQUEST, Actor.OFFICER),
        (LockReason.JUDICIAL_REQUEST, Actor.SUBJECT),
        (LockReason.TERMS_VIOLATED, Actor.HOTLINE),
        (LockReason.DEATH, Actor.OFFICER),
        (LockReason.DOCUMENT_REVOKED, Actor.SUBJECT),
    ],
)
def test_only_whose_it_is_sets_a_lock(reason: LockReason, by: Actor) -> None:
    """Decree 69/2024, Art. 16: a local officer records the request and never flips the state."""
    assert refused(life_cycle.lock, ACTIVE, reason, by) == "not_for_this_actor"


@pytest.mark.attack
def test_a_person_lifts_nobody_elses_lock() -> None:
    """Law on Identity 26/2023, Art. 34: "same body asks"; one's own request opens nothing that others closed."""
    locked = life_cycle.lock(ACTIVE, LockReason.JUDICIAL_REQUEST, Actor.CENTRE)
    both = life_cycle.lock(locked, LockReason.OWN_REQUEST, Actor.SUBJECT)
    assert (
        refused(life_cycle.unlock, both, LockReason.JUDICIAL_REQUEST, Actor.SUBJECT) == "not_for_this_actor"
    )
    left = life_cycle.unlock(both, LockReason.OWN_REQUEST, Actor.SUBJECT)
    assert left.status is AccountStatus.LOCKED
    assert life_cycle.unlock(left, LockReason.JUDICIAL_REQUEST, Actor.CENTRE).status is AccountStatus.ACTIVE


def test_death_is_never_lifted() -> None:
    """Law on Identity 26/2023, Art. 34(1)(d); nor does anybody hear of it by mail (Art. 34(3))."""
    dead = life_cycle.lock(ACTIVE, LockReason.DEATH, Actor.REGISTRY)
    for actor in Actor:
        assert refused(life_cycle.unlock, dead, LockReason.DEATH, actor) == "not_for_this_actor"
    assert [reason for reason, row in RULES.items() if not row.told] == [LockReason.DEATH]


def test_a_lock_before_the_first_use_leads_back_to_it() -> None:
    """Unlocking is no way around the activation."""
    locked = life_cycle.lock(ISSUED, LockReason.DOCUMENT_REVOKED, Actor.REGISTRY)
    back = life_cycle.unlock(locked, LockReason.DOCUMENT_REVOKED, Actor.REGISTRY)
    assert back.status is AccountStatus.ISSUED
    provisioned = Life(AccountType.CITIZEN, 2, AccountStatus.LOCKED, frozenset({LockReason.OWN_REQUEST}))
    assert (
        life_cycle.unlock(provisioned, LockReason.OWN_REQUEST, Actor.HOTLINE).status is AccountStatus.ACTIVE
    )


def test_level_two_only_in_person() -> None:
    """Decree 69/2024, Arts. 11 and 12; organisations and officers have no second level (Art. 7)."""
    assert life_cycle.upgrade(ACTIVE, Actor.OFFICER).level == 2
    for actor in (Actor.SUBJECT, Actor.HOTLINE, Actor.REGISTRY):
        assert refused(life_cycle.upgrade, ACTIVE, actor) == "in_person_only"
    organisation = replace(ACTIVE, kind=AccountType.ORGANISATION)
    assert refused(life_cycle.upgrade, organisation, Actor.OFFICER) == "one_level_only"
    locked = life_cycle.lock(ACTIVE, LockReason.OWN_REQUEST, Actor.SUBJECT)
    assert refused(life_cycle.upgrade, locked, Actor.OFFICER) == "account_locked"


class Lives(RuleBasedStateMachine):
    """Any order of acts by anybody: what is refused changes nothing, and the two promises hold."""

    def __init__(self) -> None:
        super().__init__()
        self.life = life_cycle.requested(AccountType.CITIZEN, 1)
        self.now = NOW
        self.was_closed = False
        self.standing: set[LockReason] = set()

    def attempt(self, act: object, *given: object) -> bool:
        """Do it, if it is allowed."""
        try:
            self.life = act(self.life, *given)  # type: ignore[operator]  # any transition
        except NotAllowed:
            return False
        return True

    @rule(seconds=st.integers(0, 4 * 86_400))
    def time_passes(self, seconds: int) -> None:
        """The clock goes on."""
        self.now += seconds

    @rule(yes=st.booleans())
    def answer(self, yes: bool) -> None:
        """The request is judged."""
        self.attempt(life_cycle.issue, self.now) if yes else self.attempt(life_cycle.reject)

    @rule(by=st.sampled_from(Actor))
    def take_into_use(self, by: Actor) -> None:
        """Somebody activates."""
        self.attempt(life_cycle.activate, by, self.now)

    @rule(by=st.sampled_from(Actor))
    def notice_again(self, by: Actor) -> None:
        """Somebody opens the door again."""
        self.attempt(life_cycle.renotice, by, self.now)

    @rule(reason=st.sampled_from(LockReason), by=st.sampled_from(Actor))
    def lock(self, reason: LockReason, by: Actor) -> None:
        """Somebody locks."""
        if self.attempt(life_cycle.lock, reason, by):
            assert by in RULES[reason].set_by
            self.standing.add(reason)

    @rule(reason=st.sampled_from(LockReason), by=st.sampled_from(Actor))
    def unlock(self, reason: LockReason, by: Actor) -> None:
        """Somebody unlocks."""
        if self.attempt(life_cycle.unlock, reason, by):
            assert by in RULES[reason].lifted_by
            self.standing.discard(reason)

    @rule(by=st.sampled_from(Actor))
    def upgrade(self, by: Actor) -> None:
        """Somebody raises the level."""
        if self.attempt(life_cycle.upgrade, by):
            assert by in {Actor.OFFICER, Actor.CENTRE}

    @rule(reason=st.sampled_from(CloseReason), by=st.sampled_from(Actor))
    def close(self, reason: CloseReason, by: Actor) -> None:
        """Somebody closes."""
        self.was_closed |= self.attempt(life_cycle.close, reason, by)

    @invariant()
    def closed_never_reopens(self) -> None:
        """The end is the end."""
        if self.was_closed:
            assert self.life.status is AccountStatus.CLOSED

    @invariant()
    def locked_as_long_as_a_reason_is_left(self) -> None:
        """Law on Identity 26/2023, Art. 34: in use again only when the set is empty."""
        assert self.life.reasons == self.standing
        if self.standing and not self.was_closed:
            assert self.life.status is AccountStatus.LOCKED
        if self.life.status is AccountStatus.LOCKED:
            assert self.standing

    @invariant()
    def in_use_only_after_activation(self) -> None:
        """Nothing but an activation makes an account usable for the first time."""
        if self.life.status is AccountStatus.ACTIVE:
            assert self.life.activated_at is not None


Lives.TestCase.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
TestLives = Lives.TestCase
