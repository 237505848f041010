"""Values that the rules of sign-in are tried on: no store, no clock, no socket."""

import hashlib
from dataclasses import replace

import pytest

from idp.authentication.pool import Verdict
from idp.authentication.second_factor import CodeAnswer
from idp.authentication.sign_in import CheckedPassword, PasswordAttempt
from idp.domain.account import Account, AccountStatus, Credentials
from idp.domain.authorization import AuthorizationRequest
from idp.domain.decision import Decision
from idp.domain.facts import Facts, Fresh
from idp.domain.policy import Policy
from idp.domain.session import AuthenticationEvent, Interaction, Session, Step
from idp.domain.writes import SaveInteraction, SaveSession, Write

NOW = 1_790_000_000
COOKIE = "c" * 43
BROWSER = hashlib.sha256(COOKIE.encode()).digest()
SECRET = b"12345678901234567890"
NUMBER = "099194000101"
ADDRESS = "203.0.113.7"

POLICY = Policy(
    issuer="https://id.example", pairwise_salt=b"s" * 32, registry_audience="https://registry.example"
)
ACCOUNT = Account("acc-lan", 2, AccountStatus.ACTIVE, personal_number=NUMBER, epoch=7)
CREDENTIALS = Credentials("$argon2id$lan", SECRET, "lan@example.vn.test")
ASKS = AuthorizationRequest("portal", "https://portal.example/cb", scopes=("openid", "profile", "pid"))
INTERACTION = Interaction("i" * 22, BROWSER, ASKS, NOW - 10, NOW + 800)
SESSION = Session("s" * 22, "acc-lan", (AuthenticationEvent("pwd", NOW - 60),), NOW - 60, NOW + 3_600)


def fresh(seed: int = 0) -> Fresh:
    """Random bytes that are the same every time, but differ by seed."""
    block = b"".join(hashlib.sha256(f"{seed}/{index}".encode()).digest() for index in range(7))
    return Fresh(block[: Fresh.SIZE])


def facts(**changes: object) -> Facts:
    """Everything a sign-in of Lan may know."""
    known = Facts(now=NOW, fresh=fresh(), interaction=INTERACTION, account=ACCOUNT, credentials=CREDENTIALS)
    return replace(known, **changes)


def attempt(**changes: object) -> PasswordAttempt:
    """Lan's attempt from an unknown browser."""
    return replace(PasswordAttempt(INTERACTION.interaction_id, BROWSER, NUMBER, ADDRESS), **changes)


def checked(
    *, correct: bool = True, against: str | None = "$argon2id$lan", **changes: object
) -> CheckedPassword:
    """The attempt after hashing."""
    return CheckedPassword(attempt(**changes), against, Verdict(correct=correct))


def waiting_for_code(**changes: object) -> Interaction:
    """Lan's interaction after the right password."""
    proven = (AuthenticationEvent("pwd", NOW - 5),)
    base = replace(
        INTERACTION, step=Step.SECOND_FACTOR, account_id="acc-lan", events=proven, required_level=2
    )
    return replace(base, **changes)


def code_answer(code: str, **changes: object) -> CodeAnswer:
    """Lan's answer to the code page."""
    return replace(CodeAnswer(INTERACTION.interaction_id, BROWSER, "acc-lan", code), **changes)


def writes_of(decision: Decision[object], kind: type[Write]) -> list[Write]:
    """The writes of one kind."""
    return [write for write in decision.writes if isinstance(write, kind)]


def saved_step(decision: Decision[object]) -> str | None:
    """Where the decision leads the interaction, if it moves it."""
    saved = writes_of(decision, SaveInteraction)
    return saved[0].interaction.step if saved and isinstance(saved[0], SaveInteraction) else None


def opened(decision: Decision[object]) -> SaveSession | None:
    """The session that the decision opens, if any."""
    found = writes_of(decision, SaveSession)
    return found[0] if found and isinstance(found[0], SaveSession) else None


@pytest.fixture
def policy() -> Policy:
    """The rules' settings."""
    return POLICY
