"""What becomes true of signed-in browsers, and of the interactions and screens that lead there."""

from idp.domain.screen import Screen
from idp.domain.session import Interaction, Session
from idp.domain.values import frozen


@frozen
class SaveSession:
    """Start or replace a browser session under ``digest``; ``replaces`` dies in the same step (no fixation).

    A conflict when the account's epoch moved since ``account_epoch`` was loaded (locked meanwhile).
    """

    digest: bytes
    session: Session
    replaces: bytes | None = None
    account_epoch: int | None = None


@frozen
class EndSession:
    """Delete a session, and the grants born in it that are not offline."""

    digest: bytes
    session_id: str


@frozen
class EndSessionsOf:
    """Sign an account out everywhere: every session of it, and the grants born in them that are not offline.

    With ``only`` that session alone, with ``besides`` every other one (session ids).
    """

    account_id: str
    only: str | None = None
    besides: str | None = None


@frozen
class SaveInteraction:
    """Keep an interaction; ``expected_step`` guards against two answers to one step (conflict)."""

    interaction: Interaction
    expected_step: str | None = None


@frozen
class FinishInteraction:
    """Claim the interaction's end; a conflict when it is gone already."""

    interaction_id: str


@frozen
class SaveScreen:
    """Keep a screen. ``replaces``: the version that it must still have (None: whatever there was); else a conflict.

    Where it shows a fresh ``code``, the code leads to it for as long as it lives; a conflict when it is another's.
    """

    screen: Screen
    replaces: int | None
    fresh_code: bool = False


SessionWrite = SaveSession | EndSession | EndSessionsOf | SaveInteraction | FinishInteraction | SaveScreen
