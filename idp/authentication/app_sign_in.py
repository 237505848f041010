"""Signing in with the e-ID app, the screen's side: it shows a code that changes, then two digits, then it goes on.

A screen belongs to one step of one interaction of one browser (attack 34); what a phone approved opens it once, in a
minute, in that browser only. The code lives for seconds and is taken once, so that whoever relays it must be quick;
the phone shows where the screen is and whom it is for before anybody types the digits (attack 45).
"""

from dataclasses import dataclass, field, replace
from typing import Final

from idp.authentication.devices import Device
from idp.authentication.progress import Advanced, Proven, advance, with_event
from idp.authentication.steps import GONE, OUT_OF_ORDER, current
from idp.domain.decision import Decision
from idp.domain.decoupled import user_code
from idp.domain.device_key import METHODS
from idp.domain.errors import PageProblem
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.policy import Policy
from idp.domain.screen import OPENS_WITHIN, TAKEN_LIVES, Screen, ScreenState
from idp.domain.session import Interaction, Step
from idp.domain.writes import NotifyLogout, SaveScreen

STEPS: Final = frozenset({Step.PASSWORD, Step.SECOND_FACTOR})
ENROLS: Final = "eid:device"
"""The scope with which a phone is registered."""
LATE: Final = "late"
NOT_OPENED: Final = "app_not_opened"


@dataclass(frozen=True, slots=True)
class LookAtScreen:
    """The browser looks at its screen. ``typed``: the code is to be typed; ``anew``: begin once more."""

    interaction_id: str
    browser: bytes | None
    address: str = field(default="", repr=False)
    agent: str = ""
    typed: bool = False
    anew: bool = False

    @property
    def needs(self) -> Needs:
        """The interaction and its screen."""
        return Needs(interaction_id=self.interaction_id, screen_id=self.interaction_id)


def offered(interaction: Interaction) -> bool:
    """Whether the app may answer here: never where a person is about to change what they prove themselves with.

    Else one relayed code would be enough to stay for ever.
    """
    request = interaction.request
    own = interaction.required_level > 1 if request is None else ENROLS in request.scopes
    return interaction.step in STEPS and not interaction.withheld and not own


def look(asked: LookAtScreen, facts: Facts, policy: Policy) -> Decision[Screen]:
    """The screen as it is now, with another code when it is time. Raises PageProblem when none may be shown."""
    del policy
    interaction, screen = _waiting(facts, asked.browser), facts.screen
    if screen is None or asked.anew or screen.state is ScreenState.SPENT:
        return _shown(_fresh(asked, interaction, screen, facts), screen, facts)
    if screen.state is ScreenState.SHOWN and (screen.typed != asked.typed or screen.code_rests(facts.now)):
        return _shown(replace(screen, typed=asked.typed), screen, facts)
    if screen.state is ScreenState.TAKEN and facts.now >= screen.taken_at + TAKEN_LIVES:
        return Decision(replace(screen, state=ScreenState.REFUSED, reason=LATE))
    if screen.state is ScreenState.APPROVED and facts.now >= screen.approved_at + OPENS_WITHIN:
        return Decision(replace(screen, state=ScreenState.REFUSED, reason=LATE))
    return Decision(screen)


def _fresh(asked: LookAtScreen, interaction: Interaction, before: Screen | None, facts: Facts) -> Screen:
    request = interaction.request
    return Screen(
        interaction_id=interaction.interaction_id,
        version=before.version if before is not None else 0,
        created_at=facts.now,
        expires_at=interaction.expires_at,
        typed=asked.typed,
        client_id=request.client_id if request is not None else None,
        address=asked.address,
        agent=asked.agent,
        # After a password, or to raise a session, the phone must be the same person's (Zitadel CVE-2025-64103).
        account_id=interaction.account_id,
    )


def _shown(screen: Screen, before: Screen | None, facts: Facts) -> Decision[Screen]:
    code = user_code(facts.fresh.user_code)
    shown = replace(screen, version=screen.version + 1, code=code, code_at=facts.now)
    return Decision(shown, (SaveScreen(shown, before.version if before else None, fresh_code=True),))


@dataclass(frozen=True, slots=True)
class OpenScreen:
    """The browser goes on with what a phone approved."""

    interaction_id: str
    browser: bytes | None
    old_digest: bytes | None = None
    device: Device | None = None
    service: str = ""
    farewell: tuple[NotifyLogout, ...] = ()
    agent: str = ""

    @property
    def needs(self) -> Needs:
        """The interaction, its screen, and who answered it, as they are now."""
        return Needs(
            interaction_id=self.interaction_id,
            screen_id=self.interaction_id,
            behind_screen=True,
            session_digest=self.old_digest,
            credentials=True,
        )


def open_screen(asked: OpenScreen, facts: Facts, policy: Policy) -> Decision[Advanced]:
    """On with the sign-in, once. Raises PageProblem when nothing was approved here, or it counts no more."""
    interaction, screen = _waiting(facts, asked.browser), facts.screen
    account, device = facts.account, facts.device
    if (
        screen is None
        or screen.state is not ScreenState.APPROVED
        or facts.now >= screen.approved_at + OPENS_WITHIN
        or screen.interaction_id != interaction.interaction_id
    ):
        raise PageProblem(NOT_OPENED, 409)
    # Attack 28: a phone that was removed, or a person who was locked since, opens nothing.
    if (
        account is None
        or device is None
        or device.device_id != screen.device_id
        or account.account_id != screen.account_id
        or not account.usable
    ):
        raise PageProblem(NOT_OPENED, 409, cause="the phone or its person is gone")
    second = interaction.step == Step.SECOND_FACTOR
    if second and interaction.account_id != account.account_id:
        raise PageProblem(NOT_OPENED, 409, cause="the phone of another person")
    raises, session = second and not interaction.events, facts.session
    if raises and (session is None or session.account_id != account.account_id):
        raise PageProblem(GONE, 410, cause="the session to be raised is over")
    known = asked.device is not None and asked.device.known_for(account.account_id, facts.now)
    proven = Proven(
        interaction,
        account,
        facts.credentials,
        with_event(interaction, *METHODS, now=screen.approved_at),
        asked.old_digest,
        asked.device if known else None,
        asked.service,
        asked.farewell,
        raises_session=raises,
        agent=asked.agent,
    )
    decision = advance(proven, facts, policy)
    spent = replace(screen, version=screen.version + 1, state=ScreenState.SPENT)
    return Decision(decision.outcome, (SaveScreen(spent, screen.version), *decision.writes), decision.audit)


def _waiting(facts: Facts, browser: bytes | None) -> Interaction:
    interaction = current(facts, browser)
    if not offered(interaction):
        raise PageProblem(OUT_OF_ORDER, 409)
    return interaction
