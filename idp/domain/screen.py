"""Signing in on one screen with the e-ID app on another: what the screen waits for.

A screen belongs to one interaction of one browser. It shows a code that changes every few seconds; the phone that
takes the code first has the screen, which then shows two digits; whoever types them on the phone, with their PIN,
opens it.
"""

from dataclasses import field
from enum import StrEnum
from typing import Final

from idp.domain.values import frozen

ROTATES: Final = 10
"""Seconds after which a screen shows another code."""
CODE_LIVES: Final = 15
"""Seconds in which a code may be taken: a relay must be faster than that."""
TYPED_ROTATES: Final = 60
TYPED_LIVES: Final = 75
"""The same for a code that is typed, because no camera can be used."""
TAKEN_LIVES: Final = 60
"""Seconds from the taken code to the answer on the phone."""
OPENS_WITHIN: Final = 60
"""Seconds from the answer to the screen that goes on."""


class ScreenState(StrEnum):
    """Where a screen stands. Expiry is a matter of time, not of state."""

    SHOWN = "shown"
    TAKEN = "taken"
    APPROVED = "approved"
    REFUSED = "refused"
    SPENT = "spent"


@frozen
class Screen:
    """One screen; ``version`` counts its changes, so that of two at once one wins. Times in epoch seconds.

    ``code`` is in its plain form; ``typed``: it is one to be typed. ``client_id`` is who the sign-in is for, None for
    the account centre; ``address`` and ``agent`` are where the screen is, for the person to recognise. ``number`` are
    the two digits; ``reason`` says why it was refused. Everything is stored sealed.
    """

    interaction_id: str
    version: int
    created_at: int
    expires_at: int
    state: ScreenState = ScreenState.SHOWN
    code: str = field(default="", repr=False)
    code_at: int = 0
    typed: bool = False
    client_id: str | None = None
    address: str = field(default="", repr=False)
    agent: str = ""
    device_id: str | None = None
    account_id: str | None = None
    number: str = field(default="", repr=False)
    taken_at: int = 0
    approved_at: int = 0
    reason: str = ""

    def code_lives(self, now: int) -> bool:
        """Whether the code may still be taken."""
        return now < self.code_at + (TYPED_LIVES if self.typed else CODE_LIVES)

    def code_rests(self, now: int) -> bool:
        """Whether it is time for another code."""
        return now >= self.code_at + (TYPED_ROTATES if self.typed else ROTATES)
