"""Signing in with the e-ID app, the phone's side: it takes a screen by its code, and its person answers for it.

What is signed is everything that the phone showed: service, place, time and digits; an answer to anything else has no
effect. One screen at a time, few codes in a while, and after "it wasn't me" none at all for an hour (attack 45).
"""

import hmac
from dataclasses import dataclass, replace
from typing import Final

from idp.accounts.device_acts import DeviceRefused, SignedAct, proven, spend
from idp.accounts.pin_checks import right_pin
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.client import Client
from idp.domain.decision import Decision
from idp.domain.decoupled import read_user_code
from idp.domain.device_key import DeviceKey
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.networks import coarse
from idp.domain.policy import Policy
from idp.domain.screen import TAKEN_LIVES, Screen, ScreenState
from idp.domain.writes import ClearAttempts, CountAttempt, SaveScreen, Write

MOST_CODES: Final = 20
CODES_WINDOW: Final = 600
RESTS: Final = 3_600
"""Seconds for which no screen can be taken after a person said that it was not them."""
BY_SCREEN: Final = "screen"


def tries_bucket(act: SignedAct) -> str:
    """Codes that this phone tried."""
    return f"screen:tries:{act.device_id}"


def busy_bucket(act: SignedAct) -> str:
    """That this phone has a screen in hand."""
    return f"screen:busy:{act.device_id}"


def rest_bucket(act: SignedAct) -> str:
    """That a screen was reported on this phone."""
    return f"screen:rests:{act.device_id}"


def take_needs(act: SignedAct) -> Needs:
    """The device, the screen behind the code, whom it is for, and what was tried so far."""
    return Needs(
        device_id=act.device_id,
        replay=(act.replay,),
        screen_code=read_user_code(act.text_of("code", 32)) or "",
        behind_screen=True,
        throttles=(tries_bucket(act), busy_bucket(act), rest_bucket(act)),
    )


@dataclass(frozen=True, slots=True)
class Taken:
    """The phone has the screen: what it must show, and sign."""

    screen: Screen
    client: Client | None


def take(act: SignedAct, facts: Facts, policy: Policy) -> Decision[Taken | DeviceRefused]:
    """The screen is this phone's. Raises DeviceRefused when none may be taken now."""
    device, account = proven(act, facts, policy)
    spent = spend(act, facts)
    if facts.throttles.get(rest_bucket(act), 0):
        raise DeviceRefused("resting", 429)
    if facts.throttles.get(tries_bucket(act), 0) >= MOST_CODES:
        raise DeviceRefused("too_many_codes", 429)
    count = CountAttempt(tries_bucket(act), CODES_WINDOW, MOST_CODES)
    screen = facts.screen
    if (
        screen is None
        or screen.state is not ScreenState.SHOWN
        or not screen.code_lives(facts.now)
        or not hmac.compare_digest(screen.code, read_user_code(act.text_of("code", 32)) or "")
        # Whose sign-in it completes is decided before: another person's phone learns nothing of it.
        or screen.account_id not in {None, account.account_id}
    ):
        return Decision(DeviceRefused("code_gone", 404), (spent, count))
    if facts.throttles.get(busy_bucket(act), 0):
        raise DeviceRefused("busy", 409)
    taken = replace(
        screen,
        version=screen.version + 1,
        state=ScreenState.TAKEN,
        device_id=device.device_id,
        account_id=account.account_id,
        number=str(10 + int.from_bytes(facts.fresh.derived("two digits")[:8]) % 90),
        taken_at=facts.now,
    )
    writes: tuple[Write, ...] = (
        *(spent, count, CountAttempt(busy_bucket(act), TAKEN_LIVES, 1)),
        SaveScreen(taken, screen.version),
    )
    event = AuditEvent(AuditKind.APPROVAL_ASKED, account.account_id, screen.client_id, reason=BY_SCREEN)
    return Decision(Taken(taken, facts.client), writes, (event,))


def context(screen: Screen, client: Client | None, policy: Policy) -> dict[str, object]:
    """What the phone shows, and what it signs: whoever changes any of it signs something else."""
    return {
        "kind": BY_SCREEN,
        "request": screen.interaction_id,
        "origin": policy.issuer,
        "client": screen.client_id or "",
        "service_vi": client.name_vi if client is not None else "",
        "service_en": client.name_en if client is not None else "",
        "party": client.party_kind.value if client is not None else "",
        "home": (client.home_uri or "") if client is not None else "",
        "network": coarse(screen.address),
        "agent": screen.agent,
        "since": screen.created_at,
        "until": screen.taken_at + TAKEN_LIVES,
    }


def answer_needs(act: SignedAct) -> Needs:
    """The device, its screen and whom that is for."""
    return Needs(
        device_id=act.device_id,
        replay=(act.replay,),
        screen_id=act.text_of("request", 32),
        behind_screen=True,
    )


@dataclass(frozen=True, slots=True)
class Approving:
    """A yes whose PIN was right; ``against`` is the hash that it was checked with."""

    act: SignedAct
    against: str

    @property
    def needs(self) -> Needs:
        """As for every answer."""
        return answer_needs(self.act)


def approve(asked: Approving, facts: Facts, policy: Policy) -> Decision[str | DeviceRefused]:
    """The screen may open. A wrong number or another context ends it: the phone is told, and so is the screen."""
    act = asked.act
    device, account, used = right_pin(act, asked.against, facts, policy)
    try:
        screen = _in_hand(device, facts)
    except DeviceRefused as gone:  # the PIN was right: it counts as right
        return Decision(gone, (used,))
    free = ClearAttempts(busy_bucket(act))
    wrong = ""
    if not act.is_about(context(screen, facts.client, policy)):
        wrong = "other_context"
    elif not hmac.compare_digest(screen.number, act.text_of("number", 8)):
        wrong = "wrong_number"
    if wrong:
        refused = _moved(screen, ScreenState.REFUSED, reason=wrong)
        event = AuditEvent(AuditKind.APPROVAL_REFUSED, account.account_id, screen.client_id, reason=wrong)
        return Decision(DeviceRefused(wrong, 409), (refused, used, free), (event,))
    approved = _moved(screen, ScreenState.APPROVED, approved_at=facts.now)
    event = AuditEvent(AuditKind.APPROVAL_GIVEN, account.account_id, screen.client_id, reason=BY_SCREEN)
    return Decision("approved", (approved, used, free), (event,))


def deny(act: SignedAct, facts: Facts, policy: Policy) -> Decision[str]:
    """No, or "it wasn't me": then nothing more can be taken for an hour. Raises DeviceRefused."""
    device, account = proven(act, facts, policy)
    screen = _in_hand(device, facts)
    reported = act.act == "not_me"
    kind = AuditKind.APPROVAL_REPORTED if reported else AuditKind.APPROVAL_REFUSED
    writes: tuple[Write, ...] = (
        spend(act, facts),
        _moved(screen, ScreenState.REFUSED, reason="reported" if reported else "denied"),
        ClearAttempts(busy_bucket(act)),
    )
    if reported:
        writes += (CountAttempt(rest_bucket(act), RESTS),)
    event = AuditEvent(kind, account.account_id, screen.client_id, reason=BY_SCREEN)
    return Decision("reported" if reported else "denied", writes, (event,))


def _in_hand(device: DeviceKey, facts: Facts) -> Screen:
    screen = facts.screen
    if (
        screen is None
        or screen.state is not ScreenState.TAKEN
        or screen.device_id != device.device_id
        or screen.account_id != device.account_id
        or facts.now >= screen.taken_at + TAKEN_LIVES
    ):
        raise DeviceRefused("request_gone", 410)
    return screen


def _moved(screen: Screen, state: ScreenState, *, reason: str = "", approved_at: int = 0) -> SaveScreen:
    after = replace(screen, version=screen.version + 1, state=state, reason=reason, approved_at=approved_at)
    return SaveScreen(after, screen.version)
