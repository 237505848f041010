"""Two people, one interaction: what one of them proved or said never counts for the other."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from idp.authentication import second_factor
from idp.authentication.second_factor import CodeAnswer, WrongCode
from idp.domain.account import Account, AccountStatus, Credentials
from idp.domain.facts import Facts
from idp.domain.outcomes import Interact
from idp.domain.session import AuthenticationEvent, Interaction, Session, Step
from idp.domain.writes import SaveInteraction, SaveSession, SendMail
from idp.protocol import authorization
from idp.protocol.authorization import AuthorizationQuery
from idp.protocol.parameters import Parameters
from tests.idp_protocol.acts import visit
from tests.idp_protocol.world import ACCOUNT, CLIENT, L2A2, NOW, POLICY, facts

COOKIE = "k" * 43
BROWSER = hashlib.sha256(COOKIE.encode()).digest()
THIEF = Account("acc-thief", 2, AccountStatus.ACTIVE)
THIEFS = Credentials("$argon2id$thief", None, "thief@example.vn.test")
OWNERS = Credentials("$argon2id$owner", b"12345678901234567890", "owner@example.vn.test")
ONE_FACTOR = Session(
    "v" * 22, ACCOUNT.account_id, (AuthenticationEvent("pwd", NOW - 60),), NOW - 60, NOW + 3_600
)


def begun(**asked: Any) -> Interaction:
    """An interaction that a visit without a session starts, in the browser of these tests."""
    (save,) = visit(facts(session=None, account=None), **asked).writes
    return replace(save.interaction, browser_hash=BROWSER)


def back(interaction: Interaction, known: Facts) -> Any:
    """The browser comes to ``/continue``."""
    query = AuthorizationQuery(
        Parameters(), interaction_cookie=COOKIE, interaction_id=interaction.interaction_id
    )
    return authorization.decide(query, replace(known, interaction=interaction), POLICY)


def mailed_to_the_thief(interaction: Interaction) -> tuple[Interaction, str]:
    """The interaction after the thief's own password and a code mailed to the thief."""
    waiting = replace(
        interaction,
        step=Step.SECOND_FACTOR,
        account_id=THIEF.account_id,
        events=(AuthenticationEvent("pwd", NOW),),
    )
    decision = second_factor.send_code(
        CodeAnswer(interaction.interaction_id, BROWSER, THIEF.account_id),
        facts(interaction=waiting, account=THIEF, credentials=THIEFS, session=None),
        POLICY,
    )
    saved = next(write.interaction for write in decision.writes if isinstance(write, SaveInteraction))
    mail = next(write for write in decision.writes if isinstance(write, SendMail))
    return saved, dict(mail.values)["code"]


@pytest.mark.attack
def test_a_code_mailed_to_one_person_is_no_factor_of_another() -> None:
    """Keycloak CVE-2026-18963: a note of one step must die with it.

    Whoever knows a victim's password but has no second factor of theirs lets a code be mailed to an account of
    their own, goes to ``/continue`` under the victim's session, and answers with that code.
    """
    confused, code = mailed_to_the_thief(begun(acr_values=L2A2))
    decision = back(confused, facts(session=ONE_FACTOR))
    assert isinstance(decision.outcome, Interact)
    (save,) = decision.writes
    raising = save.interaction
    assert (raising.step, raising.account_id) == (Step.SECOND_FACTOR, ACCOUNT.account_id)
    assert (raising.otp_hash, raising.otp_expires_at, raising.withheld) == (None, 0, False)
    answer = CodeAnswer(raising.interaction_id, BROWSER, ACCOUNT.account_id, code, old_digest=b"d" * 32)
    answered = second_factor.judge(
        answer, facts(interaction=raising, session=ONE_FACTOR, credentials=OWNERS), POLICY
    )
    assert isinstance(answered.outcome, WrongCode)
    assert not [write for write in answered.writes if isinstance(write, SaveSession)]


@pytest.mark.attack
def test_a_mailed_code_is_bound_to_its_account() -> None:
    """Were the note ever to survive again, its hash names the account that it was mailed to."""
    confused, code = mailed_to_the_thief(begun(acr_values=L2A2))
    raising = replace(confused, account_id=ACCOUNT.account_id, events=())
    answer = CodeAnswer(raising.interaction_id, BROWSER, ACCOUNT.account_id, code, old_digest=b"d" * 32)
    answered = second_factor.judge(
        answer, facts(interaction=raising, session=ONE_FACTOR, credentials=OWNERS), POLICY
    )
    assert isinstance(answered.outcome, WrongCode)


@pytest.mark.attack
def test_a_yes_of_one_person_is_no_yes_of_another() -> None:
    """OIDC Core 3.1.2.1: ``prompt=consent`` asks the person who gets the code.

    Somebody allowed in this interaction, somebody else signed in beside it; who once agreed is asked all the same.
    """
    agreed = replace(ACCOUNT, consents={CLIENT.client_id: frozenset({"profile", "openid"})})
    asked = replace(
        begun(prompt="consent"), step=Step.CONTINUE, account_id=THIEF.account_id, consented_at=NOW
    )
    decision = back(asked, facts(account=agreed))
    assert isinstance(decision.outcome, Interact)
    assert decision.outcome.path == "/consent"
