"""The PIN of the e-ID app: which may be chosen, and what wrong ones cost.

Decree 69/2024 Art. 20: knowledge beside possession. Five wrong passcodes block the app until the next day (domain
facts: e-ID accounts, section 3); after three such days the phone is forgotten, so that a found phone is worth fifteen
guesses among a million. Whoever guesses needs the phone's key first: nobody is locked out by a stranger.
"""

from enum import StrEnum
from itertools import pairwise
from typing import Final

from idp.domain.account import Account
from idp.domain.device_key import DeviceKey

DIGITS: Final = 6
TRIES_A_DAY: Final = 5
MOST_TRIES: Final = 15
_VIETNAM: Final = 7 * 3_600
_DAY: Final = 86_400


class WeakPin(StrEnum):
    """Why a PIN may not be chosen."""

    SHAPE = "shape"
    SIMPLE = "simple"
    OWN = "own"


def weakness(pin: str, account: Account) -> WeakPin | None:
    """What speaks against a PIN: what a thief tries first (NIST SP 800-63B-4 section 3.1.1.2)."""
    if len(pin) != DIGITS or not (pin.isascii() and pin.isdigit()):
        return WeakPin.SHAPE
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    if len(steps) == 1 or len(set(pin)) < 3 or pin[:3] == pin[3:] or pin[:3] == pin[:2:-1]:  # noqa: PLR2004 - patterns
        return WeakPin.SIMPLE
    return WeakPin.OWN if pin in account.personal_number or pin in _birthdays(account) else None


def _birthdays(account: Account) -> frozenset[str]:
    year, _, rest = str(account.profile.get("birthdate", "")).partition("-")
    month, _, day = rest.partition("-")
    short = year[2:]
    return frozenset(
        {
            *(day + month + short, short + month + day, month + day + short),
            *(month + year, year + month, day + year, year + day),
        }
    )


def blocked_until(device: DeviceKey, now: int) -> int:
    """When the next PIN may be tried, in epoch seconds; 0: now. The day is Viet Nam's."""
    if device.tries == 0 or device.tries % TRIES_A_DAY:
        return 0
    next_day = ((device.tried_at + _VIETNAM) // _DAY + 1) * _DAY - _VIETNAM
    return next_day if now < next_day else 0


def tries_left(tries: int) -> int:
    """How many more wrong PINs today."""
    return TRIES_A_DAY - tries % TRIES_A_DAY if tries % TRIES_A_DAY else 0


def is_spent(tries: int) -> bool:
    """Whether the device must be forgotten."""
    return tries >= MOST_TRIES
