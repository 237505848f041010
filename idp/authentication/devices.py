"""Known devices: a browser in which this account has signed in before keeps a sealed cookie that says so.

The cookie proves no factor. It only gives the browser its own throttle bucket, so that strangers who guess at a
number cannot slow its owner down (decision 0005). It names one account and is worthless for any other.
"""

import re
from dataclasses import dataclass

SEAL_PURPOSE = "idp.known_device"
LIFETIME = 180 * 86_400
_SHAPE = re.compile(r"\A2\|([A-Za-z0-9_-]{22})\|([0-9]{1,12})\|([01])\|([^|]{1,64})\Z")


@dataclass(frozen=True, slots=True)
class Device:
    """One browser known for one account; ``since`` in epoch seconds.

    ``two_factors``: a second factor was given here. Only then has the browser its own bucket of codes, because a
    password alone makes as many known browsers as one likes.
    """

    device_id: str
    account_id: str
    since: int
    two_factors: bool = False

    def known_for(self, account_id: str | None, now: int) -> bool:
        """True when it is this account's and not older than half a year."""
        return account_id is not None and self.account_id == account_id and now - self.since < LIFETIME


def write_device(device: Device) -> bytes:
    """The plaintext that is sealed into the cookie; starts with its version."""
    return f"2|{device.device_id}|{device.since}|{device.two_factors:d}|{device.account_id}".encode()


def read_device(plain: bytes) -> Device | None:
    """The device of an opened cookie, or None when it was not written by us in this version."""
    match = _SHAPE.match(plain.decode("utf-8", "replace"))
    if match is None:
        return None
    return Device(match.group(1), match.group(4), int(match.group(2)), two_factors=match.group(3) == "1")
