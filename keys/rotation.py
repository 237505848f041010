"""When keys turn: a pure function from (ring, now, policy) to steps.

A new key is published at least one JWKS cache lifetime before it signs, so that every verifier has seen it;
an old key stays published for the longest life of what it signed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from keys.errors import KeyRefused
from keys.purposes import Algorithm, KeyPurpose
from keys.states import KeyRecord, KeyState


@dataclass(frozen=True, slots=True)
class RotationPolicy:
    """How long keys of one purpose serve.

    `signs_for`: how long a key is active (None: turned by hand only). `publish_ahead`: how long it is
    published before it signs; must cover the JWKS cache lifetime. `outlives`: how long it stays after its
    last signature; must cover the longest token life and clock skew (None: until revoked by hand).
    """

    signs_for: timedelta | None
    publish_ahead: timedelta
    outlives: timedelta | None


_DAY = timedelta(days=1)
_TOKENS = RotationPolicy(signs_for=90 * _DAY, publish_ahead=_DAY, outlives=_DAY)
_HINTS = RotationPolicy(signs_for=90 * _DAY, publish_ahead=_DAY, outlives=90 * _DAY)
#: Who encrypts takes the key that the set shows (OIDC Core 10.2.1), so the set shows one, at once; the key before it
#: decrypts what was on its way.
_DECRYPTION = RotationPolicy(signs_for=90 * _DAY, publish_ahead=timedelta(0), outlives=_DAY)
_EVIDENCE = RotationPolicy(signs_for=365 * _DAY, publish_ahead=7 * _DAY, outlives=None)

#: An ID token comes back as a hint of any age (OIDC RP-Initiated Logout 1.0, section 2), so its keys stay a season.
#: Evidence (receipts, audit heads) must verify for as long as the case may be looked at again, so its public
#: keys stay; sealed data and blind indexes stay readable until they were rewritten.
POLICIES: Mapping[KeyPurpose, RotationPolicy] = MappingProxyType(
    {
        KeyPurpose.ID_TOKEN: _HINTS,
        KeyPurpose.ACCESS_TOKEN: _TOKENS,
        KeyPurpose.LOGOUT_TOKEN: _TOKENS,
        KeyPurpose.INTROSPECTION: _TOKENS,
        KeyPurpose.USERINFO: _TOKENS,
        KeyPurpose.AUTHORIZATION_RESPONSE: _TOKENS,
        KeyPurpose.CLIENT_ASSERTION: _TOKENS,
        KeyPurpose.NEWS: _TOKENS,
        KeyPurpose.PAYMENT: _TOKENS,
        KeyPurpose.REQUEST_OBJECT: _DECRYPTION,
        KeyPurpose.CATALOGUE: RotationPolicy(
            signs_for=365 * _DAY, publish_ahead=7 * _DAY, outlives=30 * _DAY
        ),
        KeyPurpose.RECEIPT: _EVIDENCE,
        KeyPurpose.CONFIRMATION: _EVIDENCE,
        KeyPurpose.SECURITY_EVENT: _TOKENS,
        KeyPurpose.AUDIT_HEAD: _EVIDENCE,
        KeyPurpose.EID_APP: _EVIDENCE,
        KeyPurpose.SEALING: RotationPolicy(
            signs_for=365 * _DAY, publish_ahead=timedelta(hours=1), outlives=None
        ),
        KeyPurpose.LOOKUP: RotationPolicy(signs_for=None, publish_ahead=timedelta(hours=1), outlives=None),
    }
)


@dataclass(frozen=True, slots=True)
class Publish:
    """Make a key and publish it as `next`; with `at_once` it takes over now (first key, emergency)."""

    purpose: KeyPurpose
    algorithm: Algorithm
    at_once: bool = False
    reason: str = "rotated"


@dataclass(frozen=True, slots=True)
class Promote:
    """Let a `next` key sign; its predecessor, if any, starts retiring for `reason`."""

    kid: str
    reason: str = "rotated"


@dataclass(frozen=True, slots=True)
class Drop:
    """Take a key out of the published set and destroy its secret half."""

    kid: str
    reason: str


Step = Publish | Promote | Drop
MakeKey = Callable[[KeyPurpose, Algorithm, datetime], KeyRecord]


def due(
    records: Iterable[KeyRecord], now: datetime, policies: Mapping[KeyPurpose, RotationPolicy] = POLICIES
) -> list[Step]:
    """Return what the schedule asks for at `now` (UTC); an empty list when nothing is due.

    Steps that come late are taken late, never shortened: a key published after an outage of the schedule
    still waits its whole `publish_ahead`.
    """
    steps: list[Step] = []
    slots: dict[tuple[KeyPurpose, Algorithm], dict[KeyState, KeyRecord]] = {}
    for record in records:
        policy = policies[record.purpose]
        if record.state is KeyState.RETIRING:
            if policy.outlives is not None and now - record.since >= policy.outlives:
                steps.append(Drop(record.kid, "expired"))
        elif record.state is not KeyState.RETIRED:
            slots.setdefault(record.slot, {})[record.state] = record
    for (purpose, algorithm), held in slots.items():
        policy = policies[purpose]
        active, following = held.get(KeyState.ACTIVE), held.get(KeyState.NEXT)
        if following is not None:
            if now - following.since >= policy.publish_ahead:
                steps.append(Promote(following.kid))
        elif active is not None and _ages(active, policy, now):
            steps.append(Publish(purpose, algorithm))
    return steps


def _ages(active: KeyRecord, policy: RotationPolicy, now: datetime) -> bool:
    return policy.signs_for is not None and now - active.since >= policy.signs_for - policy.publish_ahead


def by_hand(records: Iterable[KeyRecord], purpose: KeyPurpose, algorithm: Algorithm) -> list[Step]:
    """Return the step that starts a rotation now; none when one is already under way."""
    waiting = any(r.slot == (purpose, algorithm) and r.state is KeyState.NEXT for r in records)
    return [] if waiting else [Publish(purpose, algorithm)]


def emergency(records: Sequence[KeyRecord], kid: str, reason: str) -> list[Step]:
    """Return the steps that take a compromised key out of service at once.

    A signing key is dropped, and its successor signs immediately: verifiers meet an unknown kid and fetch the
    key set again. A symmetric key in service is replaced but still opens what it sealed, until it is revoked
    a second time after rewrapping.

    Raises:
        KeyRefused: no such key, or it is retired already.
    """
    record = next((r for r in records if r.kid == kid), None)
    if record is None or record.state is KeyState.RETIRED:
        raise KeyRefused("unknown_key", f"no key {kid} in service")
    if record.state is not KeyState.ACTIVE:
        return [Drop(kid, reason)]
    waiting = next((r for r in records if r.slot == record.slot and r.state is KeyState.NEXT), None)
    successor: Step = (
        Promote(waiting.kid, reason) if waiting else Publish(*record.slot, at_once=True, reason=reason)
    )
    return [Drop(kid, reason), successor] if record.public is not None else [successor]


def apply(
    records: Sequence[KeyRecord], steps: Iterable[Step], now: datetime, make: MakeKey
) -> tuple[KeyRecord, ...]:
    """Return the ring after the steps; `make` brings a fresh `next` key of a slot into being."""
    ring = list(records)
    for step in steps:
        match step:
            case Publish(purpose, algorithm, at_once, reason):
                fresh = make(purpose, algorithm, now)
                ring.append(fresh)
                if at_once:
                    ring = _promoted(ring, fresh.kid, now, reason)
            case Promote(kid, reason):
                ring = _promoted(ring, kid, now, reason)
            case Drop(kid, reason):
                ring = [r.moved(KeyState.RETIRED, now, reason) if r.kid == kid else r for r in ring]
    return tuple(ring)


def _promoted(ring: Sequence[KeyRecord], kid: str, now: datetime, reason: str) -> list[KeyRecord]:
    slot = next(r.slot for r in ring if r.kid == kid)
    moved = []
    for record in ring:
        if record.kid == kid:
            moved.append(record.moved(KeyState.ACTIVE, now))
        elif record.slot == slot and record.state is KeyState.ACTIVE:
            moved.append(record.moved(KeyState.RETIRING, now, reason))
        else:
            moved.append(record)
    return moved
