"""A person's own phones: listed and removed in the account centre, or given up by the app itself; and their PINs.

A PIN is counted before it is looked at, in PostgreSQL: parallel guesses cannot outrun the limit, and a Redis that
lost its memory gives nobody new tries.
"""

from dataclasses import dataclass, field

from idp.accounts.device_acts import DeviceRefused, SignedAct, proven, spend
from idp.accounts.pins import TRIES_A_DAY, blocked_until, is_spent, tries_left
from idp.authentication.begin import SignedInPerson, recognise
from idp.authentication.device_enrolment import told
from idp.authentication.own_account import NOT_SIGNED_IN
from idp.authentication.passkey_keeping import Done, ProveFirst, is_fresh
from idp.domain.account import Account
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.credential_writes import CountPin, RemoveDevice, UseDevice
from idp.domain.decision import Decision
from idp.domain.device_key import DeviceKey
from idp.domain.errors import PageProblem
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.policy import Policy
from idp.domain.writes import Write

DEVICE_GONE = "device_gone"


@dataclass(frozen=True, slots=True)
class KeepDevices:
    """An act of the holder of the session cookie on their own phones; the account is the session's."""

    digest: bytes | None
    device_id: str = ""

    @property
    def needs(self) -> Needs:
        """The session, its account and its devices."""
        return Needs(session_digest=self.digest, account_of_session=True, credentials=True, devices=True)


@dataclass(frozen=True, slots=True)
class HeldDevices:
    """The person and their phones; ``fresh``: they may remove one now."""

    person: SignedInPerson
    devices: tuple[DeviceKey, ...]
    fresh: bool


def held(act: KeepDevices, facts: Facts, policy: Policy) -> Decision[HeldDevices]:
    """What the page shows. Raises PageProblem when nobody is signed in."""
    person = _person(act, facts, policy)
    return Decision(HeldDevices(person, facts.devices, is_fresh(person.session, facts.now, policy)))


def remove(act: KeepDevices, facts: Facts, policy: Policy) -> Decision[Done | ProveFirst]:
    """Forget one of mine; sessions that it opened go on until they are ended."""
    person = _person(act, facts, policy)
    device = next((each for each in facts.devices if each.device_id == act.device_id), None)
    if device is None:
        raise PageProblem(DEVICE_GONE, 410)
    if not is_fresh(person.session, facts.now, policy):
        return Decision(ProveFirst())
    return Decision(Done(), *removal(device, person.account, facts))


def give_up(act: SignedAct, facts: Facts, policy: Policy) -> Decision[Done]:
    """The app forgets its own key. Raises DeviceRefused."""
    device, account = proven(act, facts, policy)
    writes, events = removal(device, account, facts)
    return Decision(Done(), (spend(act, facts), *writes), events)


def removal(
    device: DeviceKey, account: Account, facts: Facts, reason: str | None = None
) -> tuple[tuple[Write, ...], tuple[AuditEvent, ...]]:
    """What becomes true when a phone is forgotten."""
    writes: tuple[Write, ...] = (
        RemoveDevice(account.account_id, device.device_id),
        *told(account, facts, "device_removed", device.name),
    )
    return writes, (AuditEvent(AuditKind.DEVICE_REMOVED, account.account_id, reason=reason),)


@dataclass(frozen=True, slots=True)
class PinToCheck:
    """The try is counted; now check the PIN against this hash."""

    pin_hash: str = field(repr=False)
    device_id: str = ""


def admit_pin(act: SignedAct, facts: Facts, policy: Policy) -> Decision[PinToCheck]:
    """May a PIN be tried at all? Counted with the act's own claim. Raises DeviceRefused."""
    device, account = proven(act, facts, policy)
    until = blocked_until(device, facts.now)
    if until:
        raise DeviceRefused("pin_blocked", 429, until=until)
    count = CountPin(account.account_id, device.device_id, device.tries, facts.now)
    return Decision(PinToCheck(device.pin_hash, device.device_id), (spend(act, facts), count))


@dataclass(frozen=True, slots=True)
class WrongPin:
    """Not the PIN. ``left`` more today; ``gone``: the phone is forgotten."""

    left: int
    gone: bool = False


def wrong_pin(act: SignedAct, facts: Facts, policy: Policy) -> Decision[WrongPin]:
    """What a wrong PIN costs; its try was counted before."""
    device, account = proven(act, facts, policy, spent=True)
    if is_spent(device.tries):
        return Decision(WrongPin(0, gone=True), *removal(device, account, facts, "wrong_pins"))
    if device.tries % TRIES_A_DAY == 0:
        event = AuditEvent(AuditKind.DEVICE_BLOCKED, account.account_id)
        return Decision(WrongPin(0), told(account, facts, "device_blocked", device.name), (event,))
    return Decision(WrongPin(tries_left(device.tries)))


def right_pin(
    act: SignedAct, against: str, facts: Facts, policy: Policy
) -> tuple[DeviceKey, Account, UseDevice]:
    """Whose PIN was right, and the write that begins the count anew. Raises DeviceRefused."""
    device, account = proven(act, facts, policy, spent=True)
    # The very hash that was checked: a phone registered anew meanwhile is not proven by its predecessor.
    if device.pin_hash != against:
        raise DeviceRefused("unknown_device", 401)
    return device, account, UseDevice(account.account_id, device.device_id, device.tries, facts.now)


def _person(act: KeepDevices, facts: Facts, policy: Policy) -> SignedInPerson:
    person = recognise(act.digest, facts, policy).outcome
    if person is None:
        raise PageProblem(NOT_SIGNED_IN, 401)
    return person
