"""How often may be guessed, and by whom: limits that slow an attacker and never lock somebody else out.

Decision 0005. Every bucket belongs to whoever fills it: an address, an address at one account, or a known device.
What is counted for the account as a whole (*pressure*) refuses nobody; it only withholds the verdict on a password
from unknown devices until the second factor came too.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from idp.authentication.devices import Device
from idp.domain.facts import Facts
from idp.domain.needs import ReplayKey
from idp.domain.networks import network_of
from idp.domain.policy import Policy
from idp.domain.writes import CountAttempt


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``tries`` in ``window`` seconds, counted from the first."""

    tries: int
    window: int


ADDRESS: Final = Limit(300, 900)
"""All attempts of one address: a commune office signs many people in from behind one."""
ADDRESS_AT_ACCOUNT: Final = Limit(10, 900)
"""Attempts of one address at one number."""
DEVICE: Final = Limit(10, 900)
"""Attempts of a known device at its own account; nobody else's attempts count here."""
PRESSURE: Final = Limit(20, 3_600)
"""Wrong passwords from unknown devices at one number; beyond it the verdict is withheld, nobody is refused."""
CODES_AT_ACCOUNT: Final = Limit(10, 3_600)
"""Codes given from unknown devices *after the right password*: only somebody who knows it can fill this one."""
MAILS_AT_ACCOUNT: Final = Limit(10, 3_600)
"""Codes mailed, likewise after the right password only."""
MAILS_PER_INTERACTION: Final = Limit(3, 900)


@dataclass(frozen=True, slots=True)
class Buckets:
    """The names of one attempt's buckets. They hold keyed hashes: no number and no address is stored."""

    address: str
    address_at_account: str
    pressure: str
    device: str | None

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, to be loaded."""
        return tuple(filter(None, (self.address, self.address_at_account, self.pressure, self.device)))


def buckets(number: str, address: str, device: Device | None, policy: Policy) -> Buckets:
    """The buckets of an attempt at ``number`` from ``address``; an IPv6 network of 64 bits counts as one address."""
    network = keyed(policy, "address", network_of(address))
    account = keyed(policy, "number", number)
    return Buckets(
        address=f"signin:address:{network}",
        address_at_account=f"signin:pair:{account}:{network}",
        pressure=f"signin:pressure:{account}",
        device=f"signin:device:{device.device_id}" if device else None,
    )


def keyed(policy: Policy, purpose: str, value: str) -> str:
    """A keyed hash of a value, 32 hexadecimal digits; useless without the deployment's secret."""
    return hmac.new(policy.pairwise_salt, f"throttle|{purpose}|{value}".encode(), hashlib.sha256).hexdigest()[
        :32
    ]


def attempts_to_count(names: Buckets, *, known_device: bool) -> tuple[CountAttempt, ...]:
    """What an attempt costs, written before the password is looked at; each refuses when full, also in a race."""
    if known_device and names.device:
        return (CountAttempt(names.device, DEVICE.window, DEVICE.tries),)
    return (
        CountAttempt(names.address, ADDRESS.window, ADDRESS.tries),
        CountAttempt(names.address_at_account, ADDRESS_AT_ACCOUNT.window, ADDRESS_AT_ACCOUNT.tries),
    )


def wait(counts: tuple[CountAttempt, ...], facts: Facts) -> int:
    """Seconds to wait before these attempts may be made; 0 when they may be made now."""
    return max(
        (
            count.window
            for count in counts
            if count.limit is not None and facts.throttles.get(count.bucket, 0) >= count.limit
        ),
        default=0,
    )


def under_pressure(names: Buckets, facts: Facts) -> bool:
    """True when so many wrong passwords came from unknown devices that the next verdict is withheld."""
    return facts.throttles.get(names.pressure, 0) >= PRESSURE.tries


def single_use(namespace: str, *parts: str) -> ReplayKey:
    """A single-use item in its own namespace, as a hash of its parts."""
    return ReplayKey(namespace, hashlib.sha256("|".join(parts).encode()).digest())
