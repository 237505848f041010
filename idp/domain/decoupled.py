"""Decoupled sign-in: a client asks here, a person answers somewhere else (RFC 8628, CIBA Core 1.0).

A device and a back-channel request share one state machine: pending, then approved or denied, then redeemed; time
ends each. The request's id is the id of the grant that it may become, so both live in one slot of the store and the
redemption and the birth of the grant are one step.
"""

import re
from dataclasses import field
from enum import StrEnum
from typing import Final

from idp.domain.assistance import Assistance
from idp.domain.authorization import AuthorizationRequest
from idp.domain.values import frozen

USER_CODE_LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ"
"""RFC 8628 section 6.1: no vowels, so that no word appears; without Vietnamese tone marks on any keyboard."""
USER_CODE_LENGTH: Final = 8
MOST_WAITING: Final = 3
"""Back-channel requests that may wait for one person at once (attack 45: nobody is worn down by requests)."""
_BETWEEN: Final = re.compile(r"[\s.\-_\u2010-\u2015\u200b\ufeff]+")
_LONGEST: Final = 32


class Flow(StrEnum):
    """How a request came."""

    DEVICE = "device"
    CIBA = "ciba"


class Status(StrEnum):
    """Where a request stands. Expiry is a matter of time, not of status."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    REDEEMED = "redeemed"


@frozen
class DecoupledRequest:
    """One request, as it was asked; never changes. ``secret_hash`` is that of the device code or auth_req_id.

    ``account_id`` is whom a back-channel request is for: None for a device (whoever types the code), and empty for a
    request that nobody can ever answer, which exists so that a client cannot tell who has an account. ``user_code``
    is in its plain form, without the hyphen. ``address`` and ``agent`` are where a device asked from, for its
    person to recognise. ``notification_token`` is the client's, for pings, and only for pings ``auth_req_id`` is kept
    as it is; everything is stored sealed.
    """

    request_id: str
    secret_hash: bytes = field(repr=False)
    flow: Flow
    request: AuthorizationRequest
    created_at: int
    expires_at: int
    account_id: str | None = None
    user_code: str | None = field(default=None, repr=False)
    binding_message: str | None = field(default=None, repr=False)
    notification_token: str | None = field(default=None, repr=False)
    auth_req_id: str | None = field(default=None, repr=False)
    address: str = field(default="", repr=False)
    agent: str = field(default="", repr=False)
    assistance: Assistance | None = None
    """Who asks at the person's side (assisted filing): then no tokens but delegated ones come of it."""

    @property
    def client_id(self) -> str:
        """Who asks."""
        return self.request.client_id


@frozen
class Approval:
    """Who said yes, and how they had proven themselves then."""

    account_id: str
    acr: str
    amr: tuple[str, ...]
    auth_time: int
    at: int


@frozen
class LoadedDecoupled:
    """A request with its state. ``interval`` in seconds; ``polled_at`` 0 before the first poll."""

    request: DecoupledRequest
    status: Status
    interval: int
    polled_at: int = 0
    approval: Approval | None = None


def user_code(block: bytes) -> str:
    """Eight letters from random bytes: 34 bits, no letter more likely than another by more than 1 in 10^9."""
    number, letters = int.from_bytes(block), ""
    for _ in range(USER_CODE_LENGTH):
        number, place = divmod(number, len(USER_CODE_LETTERS))
        letters += USER_CODE_LETTERS[place]
    return letters


def read_user_code(text: str) -> str | None:
    """The plain letters of what somebody typed, or None: case, spaces and hyphens do not count (section 6.1)."""
    if len(text) > _LONGEST:
        return None
    plain = _BETWEEN.sub("", text).upper()
    right = len(plain) == USER_CODE_LENGTH and all(letter in USER_CODE_LETTERS for letter in plain)
    return plain if right else None


def shown_user_code(plain: str) -> str:
    """The code as people read it: ``WDJB-MJHT``."""
    return f"{plain[:4]}-{plain[4:]}"
