"""A screen that waits for the e-ID app: seconds, steps and people, without any store."""

from __future__ import annotations

from dataclasses import replace

import pytest

from idp.authentication.app_sign_in import LookAtScreen, OpenScreen, look, offered, open_screen
from idp.domain.account import AccountStatus
from idp.domain.device_key import DeviceKey
from idp.domain.errors import PageProblem
from idp.domain.facts import Facts
from idp.domain.screen import CODE_LIVES, OPENS_WITHIN, ROTATES, TAKEN_LIVES, Screen, ScreenState
from idp.domain.session import Step
from idp.domain.writes import SaveScreen, SaveSession
from tests.idp_authentication.conftest import (
    ACCOUNT,
    BROWSER,
    INTERACTION,
    NOW,
    POLICY,
    facts,
    waiting_for_code,
    writes_of,
)

ASKED = LookAtScreen(INTERACTION.interaction_id, BROWSER, "203.0.113.7", "Chrome, Windows")
OPEN = OpenScreen(INTERACTION.interaction_id, BROWSER)
SCREEN = Screen(
    INTERACTION.interaction_id, 3, NOW - 20, NOW + 800, code="WDJBMJHT", code_at=NOW, client_id="portal"
)
DEVICE = DeviceKey("d" * 43, ACCOUNT.account_id, b"x", b"y", "Máy", "$argon2id$", 1)
TAKEN = replace(
    SCREEN,
    state=ScreenState.TAKEN,
    device_id=DEVICE.device_id,
    account_id=ACCOUNT.account_id,
    number="42",
    taken_at=NOW,
)
APPROVED = replace(TAKEN, state=ScreenState.APPROVED, approved_at=NOW - 1)


def known(screen: Screen | None, /, **changes: object) -> Facts:
    """What is known of Lan, her phone and the screen."""
    return facts(**{"screen": screen, "device": DEVICE, **changes})


@pytest.mark.attack
def test_a_code_changes_every_ten_seconds_and_lives_fifteen() -> None:
    """Attack 45: a relayed code is old before a person far away has scanned it."""
    assert look(ASKED, known(SCREEN, now=NOW + ROTATES - 1), POLICY).writes == ()
    later = look(ASKED, known(SCREEN, now=NOW + ROTATES), POLICY)
    assert later.outcome.code != SCREEN.code
    (saved,) = later.writes
    assert isinstance(saved, SaveScreen)
    assert (saved.replaces, saved.screen.version, saved.fresh_code) == (3, 4, True)
    assert SCREEN.code_lives(NOW + CODE_LIVES - 1)
    assert not SCREEN.code_lives(NOW + CODE_LIVES)


def test_a_taken_screen_waits_a_minute() -> None:
    """The digits are asked for now; later the screen says that time is up, and shows a new code when asked."""
    assert look(ASKED, known(TAKEN, now=NOW + TAKEN_LIVES - 1), POLICY).outcome == TAKEN
    late = look(ASKED, known(TAKEN, now=NOW + TAKEN_LIVES), POLICY).outcome
    assert (late.state, late.reason) == (ScreenState.REFUSED, "late")
    anew = look(replace(ASKED, anew=True), known(TAKEN, now=NOW + TAKEN_LIVES), POLICY).outcome
    assert (anew.state, anew.version, anew.number, anew.device_id) == (ScreenState.SHOWN, 4, "", None)


def test_what_a_phone_approved_opens_the_screen() -> None:
    """Two factors, honestly named: a key of software and a PIN; the screen is spent with the session's birth."""
    decision = open_screen(OPEN, known(APPROVED), POLICY)
    (session,) = writes_of(decision, SaveSession)
    assert isinstance(session, SaveSession)
    assert session.session.amr == ("swk", "pin")
    (spent,) = writes_of(decision, SaveScreen)
    assert isinstance(spent, SaveScreen)
    assert (spent.replaces, spent.screen.state) == (3, ScreenState.SPENT)
    assert decision.audit[0].acr == "urn:example:vn:acr:l2-a2"


@pytest.mark.attack
@pytest.mark.parametrize(
    "changes",
    [
        {"screen": None},
        {"screen": SCREEN},
        {"screen": TAKEN},
        {"screen": replace(APPROVED, state=ScreenState.SPENT)},
        {"screen": replace(APPROVED, state=ScreenState.REFUSED)},
        {"screen": APPROVED, "now": NOW - 1 + OPENS_WITHIN},
        {"screen": replace(APPROVED, interaction_id="other")},
        {"screen": APPROVED, "device": None},
        {"screen": APPROVED, "device": replace(DEVICE, device_id="e" * 43)},
        {"screen": APPROVED, "account": None},
        {"screen": APPROVED, "account": replace(ACCOUNT, status=AccountStatus.LOCKED)},
        {"screen": APPROVED, "account": replace(ACCOUNT, account_id="acc-other")},
        {"screen": APPROVED, "interaction": waiting_for_code(account_id="acc-other")},
        {"screen": APPROVED, "interaction": replace(INTERACTION, browser_hash=bytes(32))},
        {"screen": APPROVED, "interaction": replace(INTERACTION, step=Step.CONSENT)},
    ],
)
def test_nothing_else_opens_it(changes: dict[str, object]) -> None:
    """Attacks 28, 34, 36: another moment, browser, step, phone or person; a spent, refused or unanswered screen."""
    with pytest.raises(PageProblem):
        open_screen(OPEN, known(None, **changes), POLICY)


@pytest.mark.attack
def test_the_app_never_leads_to_what_a_person_proves_themselves_with() -> None:
    """Attack 45: a relayed sign-in must not become a passkey, a password or a phone of the thief."""
    own = replace(INTERACTION, request=None, next_path="/account/passkeys/add", required_level=2)
    assert not offered(own)
    assert offered(replace(own, required_level=1, next_path="/account"))
    assert offered(INTERACTION)
    assert INTERACTION.request is not None
    enrols = replace(INTERACTION.request, scopes=("openid", "eid:device"))
    assert not offered(replace(INTERACTION, request=enrols))
    assert not offered(waiting_for_code(withheld=True))
    with pytest.raises(PageProblem):
        look(ASKED, known(None, interaction=own), POLICY)
