"""Browsers that are known by a password alone, and those that were by two factors."""

from dataclasses import replace

import pytest

from idp.authentication import second_factor, sign_in
from idp.authentication.devices import Device, read_device, write_device
from idp.authentication.progress import Advanced
from idp.authentication.throttling import CODES_AT_ACCOUNT
from idp.authentication.totp import code_at
from idp.domain.errors import PageProblem
from tests.idp_authentication.conftest import (
    NOW,
    POLICY,
    SECRET,
    SESSION,
    checked,
    code_answer,
    facts,
    waiting_for_code,
)

RIGHT = code_at(SECRET, NOW)
FULL = {"code:account:acc-lan": CODES_AT_ACCOUNT.tries}


@pytest.mark.attack
def test_a_password_buys_no_tries_at_the_second_factor() -> None:
    """logto#9109, keycloak#26177: a rule kept on one path and forgotten on another.

    Each sign-in by password alone makes a browser known. Were that enough for a bucket of codes of its own, a thief
    with the password would sign in again and again, and guess ten codes each time.
    """
    decision = sign_in.judge(checked(), facts(), POLICY)
    assert isinstance(decision.outcome, Advanced)
    made = decision.outcome.device
    assert made is not None
    assert not made.two_factors
    here = facts(interaction=waiting_for_code(), throttles=FULL)
    assert isinstance(second_factor.judge(code_answer(RIGHT, device=made), here, POLICY).outcome, PageProblem)


@pytest.mark.parametrize("raised", [False, True])
def test_a_second_factor_makes_the_browser_known_by_both(raised: bool) -> None:
    """The owner's browser has its bucket after the first code, in a whole sign-in or on a living session."""
    known = Device("d" * 22, "acc-lan", NOW - 100)
    waiting = waiting_for_code(events=()) if raised else waiting_for_code()
    here = facts(interaction=waiting, session=SESSION if raised else None)
    decision = second_factor.judge(code_answer(RIGHT, device=known), here, POLICY)
    assert isinstance(decision.outcome, Advanced)
    assert decision.outcome.device == replace(known, two_factors=True)


def test_one_factor_later_forgets_no_second() -> None:
    """Signing in by password again keeps what the browser has shown."""
    known = Device("d" * 22, "acc-lan", NOW - 100, two_factors=True)
    decision = sign_in.judge(checked(device=known), facts(), POLICY)
    assert isinstance(decision.outcome, Advanced)
    assert decision.outcome.device == known
    assert read_device(write_device(known)) == known
