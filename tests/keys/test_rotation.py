"""Rotation is a pure function of ring, time and policy."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import Algorithm, KeyPurpose, KeyRecord, KeyRefused, KeyState, rotation
from keys.purposes import RULES
from keys.rotation import POLICIES, Drop, Promote, Publish
from keys.states import MOVES

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
SLOTS = [
    (KeyPurpose.ID_TOKEN, Algorithm.ES256),
    (KeyPurpose.ID_TOKEN, Algorithm.RS256),
    (KeyPurpose.RECEIPT, Algorithm.ES256),
    (KeyPurpose.SEALING, Algorithm.A256GCM),
    (KeyPurpose.LOOKUP, Algorithm.HS256),
]


def maker():
    """A source of keys with counted names and no cryptography."""
    count = itertools.count()

    def make(purpose, algorithm, now):
        public = {"kty": "EC"} if algorithm.signs_tokens else None
        return KeyRecord(
            f"k{next(count)}", KeyState.NEXT, purpose, algorithm, now, now, None, public, b"sealed"
        )

    return make


def fresh_ring(make):
    """One active key per slot, as `init` makes them."""
    return rotation.apply((), [Publish(*slot, at_once=True) for slot in SLOTS], START, make)


def held(ring, state, purpose=KeyPurpose.ID_TOKEN, algorithm=Algorithm.ES256):
    """The kids of one slot in one state."""
    return [r.kid for r in ring if r.slot == (purpose, algorithm) and r.state is state]


def test_nothing_is_due_on_a_fresh_ring():
    """A new ring asks for nothing."""
    assert rotation.due(fresh_ring(maker()), START) == []


def test_one_turn_of_a_token_key():
    """Published a day before its time, signing after that day; the old one stays a season, as hints may (OIDC)."""
    make = maker()
    ring = fresh_ring(make)
    slot = (KeyPurpose.ID_TOKEN, Algorithm.ES256)
    published_at = START + 89 * DAY
    assert Publish(*slot) not in rotation.due(ring, published_at - timedelta(seconds=1))
    assert Publish(*slot) in rotation.due(ring, published_at)
    ring = rotation.apply(ring, [Publish(*slot)], published_at, make)
    (old,), (new,) = held(ring, KeyState.ACTIVE), held(ring, KeyState.NEXT)
    assert Promote(new) not in rotation.due(ring, published_at + DAY - timedelta(seconds=1))
    ring = rotation.apply(ring, [Promote(new)], published_at + DAY, make)
    assert (held(ring, KeyState.ACTIVE), held(ring, KeyState.RETIRING)) == ([new], [old])
    gone = published_at + 91 * DAY
    assert Drop(old, "expired") in rotation.due(ring, gone)
    assert Drop(old, "expired") not in rotation.due(ring, gone - timedelta(seconds=1))


def test_a_year_of_hourly_runs():
    """8,784 hourly runs: four turns of token keys, one of evidence and sealing, none of blind indexes."""
    make = maker()
    ring = fresh_ring(make)
    for hour in range(366 * 24):
        now = START + timedelta(hours=hour)
        steps = rotation.due(ring, now)
        ring = rotation.apply(ring, steps, now, make) if steps else ring
    made = {slot: sum(r.slot == slot for r in ring) for slot in SLOTS}
    assert list(made.values()) == [5, 5, 2, 2, 1]


@given(st.lists(st.integers(1, 4000), max_size=60))
def test_every_verifier_has_seen_a_key_before_it_signs(gaps):
    """However irregularly the schedule runs, each of its promises holds at each step.

    No key signs before its publication time is over, none leaves before what it signed has died, and each slot
    has exactly one active key at all times.
    """
    make, now = maker(), START
    ring = fresh_ring(make)
    for hours in gaps:
        now += timedelta(hours=hours)
        before = {record.kid: record for record in ring}
        ring = rotation.apply(ring, rotation.due(ring, now), now, make)
        for record in ring:
            was = before.get(record.kid)
            if was is None or was.state is record.state:
                continue
            policy = POLICIES[record.purpose]
            if record.state is KeyState.ACTIVE:
                assert now - was.since >= policy.publish_ahead
            if record.state is KeyState.RETIRED:
                assert policy.outlives is not None
                assert now - was.since >= policy.outlives
        for slot in SLOTS:
            assert len(held(ring, KeyState.ACTIVE, *slot)) == 1


def test_a_clock_set_back_changes_nothing():
    """When the clock jumps back, keys wait; none is dropped or promoted early."""
    make = maker()
    ring = rotation.apply(fresh_ring(make), [Publish(*SLOTS[0])], START, make)
    assert rotation.due(ring, START - 400 * DAY) == []


def test_signing_keys_lose_their_secret_when_they_stop_signing():
    """A retiring signing key cannot sign any more, a retiring sealing key can still open."""
    make = maker()
    ring = fresh_ring(make)
    ring = rotation.apply(ring, [Publish(*slot, at_once=True) for slot in SLOTS], START + DAY, make)
    for record in ring:
        if record.state is KeyState.RETIRING:
            assert (record.sealed is None) is record.algorithm.signs_tokens


def test_by_hand_never_publishes_twice():
    """Asking twice for a rotation starts one."""
    make = maker()
    ring = fresh_ring(make)
    steps = rotation.by_hand(ring, *SLOTS[0])
    assert steps == [Publish(*SLOTS[0])]
    assert rotation.by_hand(rotation.apply(ring, steps, START, make), *SLOTS[0]) == []


@pytest.mark.attack
def test_emergency_roll_replaces_a_stolen_key_at_once():
    """A compromised key leaves the published set in the same step in which its successor starts signing."""
    make = maker()
    ring = fresh_ring(make)
    (stolen,) = held(ring, KeyState.ACTIVE)
    after = rotation.apply(ring, rotation.emergency(ring, stolen, "laptop lost"), START, make)
    assert held(after, KeyState.RETIRED) == [stolen]
    assert next(r for r in after if r.kid == stolen).reason == "laptop lost"
    assert next(r for r in after if r.kid == stolen).sealed is None
    assert len(held(after, KeyState.ACTIVE)) == 1


def test_emergency_takes_the_waiting_key_first():
    """If a next key is published already, it takes over: verifiers know it."""
    make = maker()
    ring = rotation.apply(fresh_ring(make), [Publish(*SLOTS[0])], START, make)
    (stolen,), (waiting,) = held(ring, KeyState.ACTIVE), held(ring, KeyState.NEXT)
    assert rotation.emergency(ring, stolen, "why") == [Drop(stolen, "why"), Promote(waiting, "why")]
    assert rotation.emergency(ring, waiting, "why") == [Drop(waiting, "why")]


def test_an_unknown_or_retired_key_cannot_be_revoked():
    """Revoking twice is an error with a name, not a silent success."""
    make = maker()
    ring = fresh_ring(make)
    (kid,) = held(ring, KeyState.ACTIVE)
    after = rotation.apply(ring, rotation.emergency(ring, kid, "why"), START, make)
    for wrong in (kid, "nobody"):
        with pytest.raises(KeyRefused, match="unknown_key"):
            rotation.emergency(after, wrong, "why")


@given(st.sampled_from(KeyState), st.sampled_from(KeyState))
def test_keys_never_come_back(old, new):
    """Only the five moves of the life of a key exist; above all nothing leaves `retired`."""
    record = KeyRecord("k", old, KeyPurpose.ID_TOKEN, Algorithm.ES256, START, START)
    if (old, new) in MOVES:
        assert record.moved(new, START).state is new
    else:
        with pytest.raises(KeyRefused, match="key_state"):
            record.moved(new, START)


def test_reprs_show_kid_and_state_only(ring):
    """No repr of a key, ring, signer or sealer holds key material."""
    record = ring.records[0]
    assert repr(record) == f"KeyRecord(kid={record.kid!r}, state=<KeyState.ACTIVE: 'active'>)"
    assert repr(ring.signer(record.purpose)) == f"Signer(kid={record.kid!r}, state='active')"
    assert repr(ring.sealer("p")) == "Sealer(purpose='p')"
    assert record.sealed is not None
    assert repr(record.sealed) not in repr(ring)


def test_every_purpose_has_rules_and_a_schedule() -> None:
    """A purpose without a policy would stop the rotation of every ring that holds such a key."""
    assert set(POLICIES) == set(KeyPurpose) == set(RULES)
