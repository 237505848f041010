"""A PIN is tried: counted first, then looked at, then judged.

It is counted before it is looked at, in PostgreSQL: parallel guesses cannot outrun the limit, and a Redis that lost
its memory gives nobody new tries.
"""

from dataclasses import dataclass, field

from idp.accounts.device_acts import DeviceRefused, SignedAct, proven, spend
from idp.accounts.device_changes import removal
from idp.accounts.pins import TRIES_A_DAY, blocked_until, is_spent, tries_left
from idp.accounts.telling import told
from idp.domain.account import Account
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.decision import Decision
from idp.domain.device_key import DeviceKey
from idp.domain.facts import Facts
from idp.domain.policy import Policy
from idp.domain.writes import CountPin, UseDevice


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
        mail = told(account, facts.credentials, "device_blocked", ("name", device.name))
        return Decision(WrongPin(0), mail, (event,))
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
