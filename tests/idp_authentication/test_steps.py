"""No order of answers, repeated, early, late or empty, leads past a step that was not truly answered."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.authentication import consent, second_factor, sign_in
from idp.authentication.consent import ConsentAnswer, GoBack
from idp.authentication.steps import MOVES, answering, current, move
from idp.authentication.totp import code_at
from idp.domain.assurance import authentication_level
from idp.domain.decision import Decision
from idp.domain.errors import PageProblem
from idp.domain.facts import Facts
from idp.domain.session import Interaction, Session, Step
from idp.domain.writes import FinishInteraction, SaveInteraction, SaveSession, SpendOnce
from tests.idp_authentication.conftest import (
    BROWSER,
    INTERACTION,
    NOW,
    POLICY,
    SECRET,
    SESSION,
    checked,
    code_answer,
    facts,
)

ACTS = (
    "password", "wrong password", "empty password", "code", "wrong code", "empty code",
    "allow", "deny", "back", "mail",
)  # a table, read by rows  # fmt: skip


def decide(act: str, now: Facts) -> Decision[object]:
    """What the rules say to one post, whatever the interaction waits for."""
    account_id = now.interaction.account_id if now.interaction else None
    if act.endswith("password"):
        return sign_in.judge(checked(correct=act == "password"), now, POLICY)
    if act.endswith("code"):
        code = {"code": code_at(SECRET, NOW), "wrong code": "000000", "empty code": ""}[act]
        return second_factor.judge(code_answer(code, account_id=account_id), now, POLICY)
    if act == "mail":
        return second_factor.send_code(code_answer("", account_id=account_id), now, POLICY)
    if act == "back":
        return consent.go_back(GoBack(INTERACTION.interaction_id, BROWSER), now, POLICY)
    answer = ConsentAnswer(INTERACTION.interaction_id, BROWSER, None, allow=act == "allow")
    return consent.judge(answer, now, POLICY)


def applied(decision: Decision[object], now: Facts) -> Facts:
    """The facts after the writes, as the store would keep them: expected steps are honoured."""
    for write in decision.writes:
        if isinstance(write, SaveInteraction):
            assert now.interaction is not None
            assert write.expected_step == now.interaction.step
            now = replace(now, interaction=write.interaction)
        elif isinstance(write, FinishInteraction):
            now = replace(now, interaction=None)
        elif isinstance(write, SaveSession):
            now = replace(now, session=write.session)
        elif isinstance(write, SpendOnce):
            now = replace(now, spent=now.spent | {write.key})
    return now


@pytest.mark.attack
@given(acts=st.lists(st.sampled_from(ACTS), max_size=12), level=st.sampled_from([1, 2]))
def test_no_order_skips_a_step(acts: list[str], level: int) -> None:
    """A session appears only after exactly the asked factors, whatever is posted when (CVE-2026-49443)."""
    now = facts(interaction=replace(INTERACTION, required_level=level))
    right: set[str] = set()
    for act in acts:
        waiting = now.interaction.step if now.interaction else None
        try:
            decision = decide(act, now)
        except PageProblem:
            continue
        if (act, waiting) in {("password", Step.PASSWORD), ("code", Step.SECOND_FACTOR)}:
            right.add(act)
        now = applied(decision, now)
        if now.session is not None:
            assert "password" in right
            assert level == 1 or "code" in right
            assert authentication_level(now.session.amr) >= level


@pytest.mark.attack
@pytest.mark.parametrize("step", list(Step))
@pytest.mark.parametrize("asked", list(Step))
def test_only_the_stored_step_is_answered(step: Step, asked: Step) -> None:
    """The browser's word about the step counts for nothing (Keycloak CVE-2026-18963)."""
    known = facts(interaction=replace(INTERACTION, step=step))
    if step is asked:
        assert answering(known, BROWSER, asked).step == step
    else:
        with pytest.raises(PageProblem) as refused:
            answering(known, BROWSER, asked)
        assert refused.value.code == "interaction_out_of_order"


@pytest.mark.parametrize("start", list(Step))
@pytest.mark.parametrize("to", list(Step))
def test_moves(start: Step, to: Step) -> None:
    """Only the drawn moves exist; each carries the step it expects, so of two answers one loses."""
    here = replace(INTERACTION, step=start, otp_hash=b"x", failures=3)
    if to in MOVES[start]:
        write = move(here, to)
        assert write.expected_step == start
        assert write.interaction.step == to
        if to is not start:
            assert (write.interaction.otp_hash, write.interaction.failures) == (None, 0)
    else:
        with pytest.raises(PageProblem):
            move(here, to)


@pytest.mark.parametrize(
    "interaction", [None, replace(INTERACTION, expires_at=NOW), replace(INTERACTION, browser_hash=b"z" * 32)]
)
def test_gone_is_gone(interaction: Interaction | None) -> None:
    """Unknown, expired and another browser's interaction are one and the same refusal."""
    with pytest.raises(PageProblem) as refused:
        current(facts(interaction=interaction), BROWSER)
    assert (refused.value.code, refused.value.status) == ("interaction_gone", 410)


ASKED = facts(interaction=replace(INTERACTION, step=Step.CONSENT, account_id="acc-lan"), session=SESSION)
YES = ConsentAnswer(INTERACTION.interaction_id, BROWSER, b"s" * 32, allow=True)


def test_consent_is_remembered_whole() -> None:
    """A yes names every item, adds to what was agreed before, and is audited."""
    before = replace(ASKED, account=replace(ASKED.account, consents={"portal": frozenset({"email"})}))
    decision = consent.judge(YES, before, POLICY)
    (remembered,) = [write for write in decision.writes if type(write).__name__ == "RememberConsent"]
    assert remembered.items == {"email", "profile", "pid"}
    assert decision.audit[0].claims == ("pid", "profile")


def test_no_is_a_refusal() -> None:
    """A no goes back as access_denied (RFC 6749 section 4.1.2.1) and remembers nothing."""
    decision = consent.judge(replace(YES, allow=False), ASKED, POLICY)
    (saved,) = decision.writes
    assert isinstance(saved, SaveInteraction)
    assert saved.interaction.refusal == "access_denied"


@pytest.mark.attack
@pytest.mark.parametrize(
    "session",
    [None, replace(SESSION, account_id="acc-phuc"), replace(SESSION, expires_at=NOW)],
    ids=["none", "another person's", "over"],
)
def test_consent_belongs_to_the_person_asked(session: Session | None) -> None:
    """Nobody consents for another: the session must be the asked person's, alive, in this browser (Hydra #770)."""
    with pytest.raises(PageProblem):
        consent.judge(YES, replace(ASKED, session=session), POLICY)


def test_consent_does_not_survive_a_swap() -> None:
    """An interaction begun by one person takes no consent of the next at the same browser."""
    swapped = replace(ASKED, interaction=replace(INTERACTION, step=Step.CONSENT, account_id="acc-phuc"))
    with pytest.raises(PageProblem):
        consent.judge(YES, swapped, POLICY)
