"""Browser sessions and interactions (a sign-in or consent in progress)."""

from dataclasses import dataclass, field
from enum import StrEnum

from idp.domain.authorization import AuthorizationRequest


class Step(StrEnum):
    """What an interaction waits for. Each has one page; only the stored step may be answered."""

    PASSWORD = "password"  # noqa: S105 - a step's name
    SECOND_FACTOR = "second_factor"
    CONSENT = "consent"
    STEP_UP = "step_up"
    """The account cannot reach the asked level: explained on a page, nothing to answer but going back."""
    CONTINUE = "continue"
    """The pages are done: the authorization rule decides again at ``/continue``."""
    ENROL = "enrol"
    """A passkey is being made in the account centre; answered there and nowhere else."""


@dataclass(frozen=True, slots=True)
class AuthenticationEvent:
    """One factor proven: ``method`` is an ``amr`` value (RFC 8176), ``at`` in epoch seconds."""

    method: str
    at: int


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser. The cookie's 32 bytes are stored only as a hash; ``session_id`` never leaves us as is.

    The ``sid`` of a client is derived from ``session_id`` and the client, so that clients cannot compare it.
    """

    session_id: str
    account_id: str
    events: tuple[AuthenticationEvent, ...]
    created_at: int
    expires_at: int
    locale: str = "vi"
    agent: str = ""
    """Kind of browser in two words, for its owner."""

    @property
    def auth_time(self) -> int:
        """When the person last proved who they are (OIDC Core section 2)."""
        return max((event.at for event in self.events), default=self.created_at)

    @property
    def amr(self) -> tuple[str, ...]:
        """Methods used, each once, in the order of first use."""
        return tuple(dict.fromkeys(event.method for event in self.events))


@dataclass(frozen=True, slots=True)
class Participant:
    """A client that took part in a session and must hear of its end (back-channel logout)."""

    client_id: str
    subject: str
    grant_id: str


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a passkey must sign: 32 random bytes for one step of one interaction, answered once, for a short while.

    ``user_handle`` is what a passkey about to be made will be known by.
    """

    value: bytes = field(repr=False)
    step: str
    expires_at: int
    user_handle: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Interaction:
    """A pending authorization, bound to one browser by a cookie whose hash is ``browser_hash``.

    ``account_id`` is set once a first factor was proven *in this interaction*; ``events`` are the factors proven
    here; ``step`` (see :class:`Step`) is the only step that may be answered next. ``request`` is None when the
    person came to the account centre by themselves; then ``next_path`` names the local page to go to.

    A step-up starts at ``second_factor`` with ``account_id`` of the session and no events of its own.
    ``withheld``: the verdict on the password is kept back until the second factor (decision 0005); ``account_id``
    is then None after a wrong password. ``consented_at``: consent was given here (``prompt=consent``). ``refusal``:
    the error code with which the person went back (``access_denied``, ``unmet_authentication_requirements``).
    """

    interaction_id: str
    browser_hash: bytes = field(repr=False)
    request: AuthorizationRequest | None
    created_at: int
    expires_at: int
    step: str = "password"
    account_id: str | None = None
    events: tuple[AuthenticationEvent, ...] = ()
    required_level: int = 1
    failures: int = 0
    otp_hash: bytes | None = None
    otp_expires_at: int = 0
    next_path: str | None = None
    locale: str = "vi"
    withheld: bool = False
    consented_at: int = 0
    refusal: str | None = None
    challenge: Challenge | None = None
