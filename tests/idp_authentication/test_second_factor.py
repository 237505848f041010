"""Codes: single-use, counted in the step that accepts them, bound to their interaction."""

from dataclasses import replace

import pytest

from idp.authentication import one_time_code, second_factor
from idp.authentication.devices import Device
from idp.authentication.progress import Advanced, mail_bucket
from idp.authentication.second_factor import CodeSent, WrongCode
from idp.authentication.throttling import CODES_AT_ACCOUNT, MAILS_AT_ACCOUNT, MAILS_PER_INTERACTION
from idp.authentication.totp import code_at
from idp.domain.account import AccountStatus
from idp.domain.errors import PageProblem
from idp.domain.session import Step
from idp.domain.writes import CountAttempt, FinishInteraction, SaveInteraction, SendMail, SpendOnce
from tests.idp_authentication.conftest import (
    ACCOUNT,
    CREDENTIALS,
    NOW,
    POLICY,
    SECRET,
    SESSION,
    code_answer,
    facts,
    opened,
    saved_step,
    waiting_for_code,
    writes_of,
)

RIGHT = code_at(SECRET, NOW)
HERE = facts(interaction=waiting_for_code())


def test_right_code_opens_the_session() -> None:
    """Password and code make level 2 (Decree 69/2024 Art. 20); the code is spent and counted in the same decision."""
    decision = second_factor.judge(code_answer(RIGHT), HERE, POLICY)
    saved = opened(decision)
    assert isinstance(decision.outcome, Advanced)
    assert saved is not None
    assert saved.session.amr == ("pwd", "otp")
    assert len(writes_of(decision, SpendOnce)) == 1
    assert len(writes_of(decision, CountAttempt)) == 2
    assert decision.audit[0].acr == "urn:example:vn:acr:l2-a2"


def test_spaces_in_a_code() -> None:
    """Codes are read as phones and people space them."""
    assert isinstance(
        second_factor.judge(code_answer(f" {RIGHT[:3]} {RIGHT[3:]} "), HERE, POLICY).outcome, Advanced
    )


@pytest.mark.attack
def test_spent_code() -> None:
    """A code that was used is wrong, whoever brings it (RFC 6238 section 5.2; logto#9109)."""
    answer = code_answer(RIGHT)
    spent = replace(HERE, spent=frozenset(answer.needs.replay))
    decision = second_factor.judge(answer, spent, POLICY)
    assert isinstance(decision.outcome, WrongCode)
    assert opened(decision) is None


@pytest.mark.attack
def test_racing_codes_claim_the_same_item() -> None:
    """The same code in two interactions claims one and the same item: one of them loses."""
    one = second_factor.judge(code_answer(RIGHT), HERE, POLICY)
    other = replace(waiting_for_code(), interaction_id="j" * 22)
    two = second_factor.judge(
        code_answer(RIGHT, interaction_id="j" * 22), replace(HERE, interaction=other), POLICY
    )
    assert writes_of(one, SpendOnce)[0].key == writes_of(two, SpendOnce)[0].key


@pytest.mark.attack
def test_wrong_code_is_counted_with_a_limit() -> None:
    """Each try costs a place in the same atomic step, so parallel guesses share five (keycloak#26177)."""
    wrong = f"{(int(RIGHT) + 1) % 1_000_000:06d}"
    decision = second_factor.judge(code_answer(wrong), HERE, POLICY)
    assert decision.outcome == WrongCode(left=4)
    own = code_answer(wrong).own_bucket
    assert CountAttempt(own, POLICY.interaction_lifetime, POLICY.otp_attempts) in decision.writes


@pytest.mark.attack
def test_after_five_the_interaction_ends() -> None:
    """The sixth try, even with the right code, ends the interaction and opens nothing."""
    full = replace(HERE, throttles={code_answer("").own_bucket: POLICY.otp_attempts})
    decision = second_factor.judge(code_answer(RIGHT), full, POLICY)
    assert isinstance(decision.outcome, PageProblem)
    assert writes_of(decision, FinishInteraction)
    assert opened(decision) is None


@pytest.mark.attack
def test_many_interactions_share_the_accounts_limit() -> None:
    """Who knows the password cannot open interaction after interaction to guess codes."""
    full = replace(HERE, throttles={"code:account:acc-lan": CODES_AT_ACCOUNT.tries})
    assert isinstance(second_factor.judge(code_answer(RIGHT), full, POLICY).outcome, PageProblem)


@pytest.mark.attack
def test_the_owners_browser_is_not_in_that_limit() -> None:
    """A thief with the password fills the account's bucket; the owner's known browser has its own."""
    mine = Device("d" * 22, "acc-lan", NOW - 100, two_factors=True)
    full = replace(HERE, throttles={"code:account:acc-lan": 10_000})
    assert isinstance(second_factor.judge(code_answer(RIGHT, device=mine), full, POLICY).outcome, Advanced)


@pytest.mark.attack
def test_withheld_wrong_password_never_opens() -> None:
    """After a wrong password under pressure no code helps, and the answer is that of a wrong code."""
    nobody = waiting_for_code(account_id=None, events=(), withheld=True)
    decision = second_factor.judge(
        code_answer(RIGHT, account_id=None),
        replace(HERE, interaction=nobody, account=None, credentials=None),
        POLICY,
    )
    assert decision.outcome == WrongCode(left=4)
    assert opened(decision) is None


@pytest.mark.attack
def test_locked_between_the_factors() -> None:
    """An account that was locked after the password was given stays shut (CVE-2026-9798)."""
    locked = replace(HERE, account=replace(ACCOUNT, status=AccountStatus.LOCKED))
    assert isinstance(second_factor.judge(code_answer(RIGHT), locked, POLICY).outcome, WrongCode)


@pytest.mark.attack
def test_interaction_changed_hands() -> None:
    """The rule judges the account that was looked at, not whatever the interaction names by now."""
    with pytest.raises(PageProblem):
        second_factor.judge(code_answer(RIGHT, account_id="acc-phuc"), HERE, POLICY)


def mailed(*, at: int = NOW) -> tuple[str, object]:
    """A code as it was mailed, and the interaction that remembers it."""
    decision = second_factor.send_code(code_answer(""), replace(HERE, now=at), POLICY)
    (mail,) = writes_of(decision, SendMail)
    (saved,) = writes_of(decision, SaveInteraction)
    return dict(mail.values)["code"], saved.interaction


def test_mailed_code_opens() -> None:
    """The code by e-mail counts as the second factor, five minutes long."""
    code, interaction = mailed()
    for later, good in ((0, True), (299, True), (300, False)):
        then = replace(HERE, interaction=interaction, now=NOW + later)
        outcome = second_factor.judge(code_answer(code), then, POLICY).outcome
        assert isinstance(outcome, Advanced) is good


@pytest.mark.attack
def test_mailed_code_is_bound_to_its_interaction() -> None:
    """A code from one sign-in opens no other (Keycloak CVE-2026-18963: notes not scoped)."""
    code, interaction = mailed()
    other = replace(interaction, interaction_id="j" * 22)
    answer = code_answer(code, interaction_id="j" * 22)
    assert isinstance(
        second_factor.judge(answer, replace(HERE, interaction=other), POLICY).outcome, WrongCode
    )


def test_a_new_code_kills_the_old_one() -> None:
    """Only the last mail counts."""
    code, interaction = mailed()
    newer = replace(interaction, otp_hash=one_time_code.code_hash("000000", interaction, POLICY))
    outcome = second_factor.judge(code_answer(code), replace(HERE, interaction=newer), POLICY).outcome
    assert isinstance(outcome, Advanced) is (code == "000000")


def test_resending_is_bounded() -> None:
    """Three mails per interaction; then the person is told to use the last one."""
    full = replace(HERE, throttles={code_answer("").sent_bucket: MAILS_PER_INTERACTION.tries})
    decision = second_factor.send_code(code_answer(""), full, POLICY)
    assert decision.outcome == CodeSent(sent=False)
    assert decision.writes == ()


@pytest.mark.attack
def test_withheld_resend_sends_nothing() -> None:
    """Strangers cannot make us mail the owner: nobody's interaction is answered alike and sends nothing."""
    nobody = replace(
        HERE, interaction=waiting_for_code(account_id=None, withheld=True), account=None, credentials=None
    )
    decision = second_factor.send_code(code_answer("", account_id=None), nobody, POLICY)
    assert decision.outcome == CodeSent()
    assert not writes_of(decision, SendMail)


def test_step_up_raises_the_living_session() -> None:
    """A further factor keeps session id, start and end, adds the event and changes the cookie (RFC 9470)."""
    raising = replace(HERE, interaction=waiting_for_code(events=()), session=SESSION)
    decision = second_factor.judge(code_answer(RIGHT, old_digest=b"o" * 32), raising, POLICY)
    saved = opened(decision)
    assert saved is not None
    assert saved.replaces == b"o" * 32
    assert saved.session.session_id == SESSION.session_id
    assert saved.session.expires_at == SESSION.expires_at
    assert saved.session.amr == ("pwd", "otp")


@pytest.mark.attack
@pytest.mark.parametrize(
    "session", [None, replace(SESSION, account_id="acc-phuc"), replace(SESSION, expires_at=NOW)]
)
def test_step_up_needs_the_same_living_session(session: object) -> None:
    """Without the session that is to be raised a code alone opens nothing (Zitadel CVE-2025-64103)."""
    raising = replace(HERE, interaction=waiting_for_code(events=()), session=session)
    with pytest.raises(PageProblem):
        second_factor.judge(code_answer(RIGHT), raising, POLICY)


def test_email_is_shown_as_a_reminder_only() -> None:
    """First letter and domain."""
    assert one_time_code.masked_address(CREDENTIALS.email or "") == "l•••@example.vn.test"
    assert saved_step(second_factor.judge(code_answer(RIGHT), HERE, POLICY)) == Step.CONTINUE


VEILED = replace(HERE, interaction=waiting_for_code(withheld=True))


@pytest.mark.attack
def test_the_accounts_full_bucket_does_not_tell_a_withheld_verdict() -> None:
    """Decision 0005: under pressure a guessed password teaches nothing, however often it is given.

    Only the right password fills the bucket of the account, so its refusal would say that the password was right.
    """
    full = {"code:account:acc-lan": CODES_AT_ACCOUNT.tries}
    decision = second_factor.judge(code_answer(RIGHT), replace(VEILED, throttles=full), POLICY)
    assert decision.outcome == WrongCode(left=4)
    assert opened(decision) is None
    own = code_answer("").own_bucket
    assert [write.bucket for write in writes_of(decision, CountAttempt)] == [own]
    spent = full | {own: POLICY.otp_attempts}
    ended = second_factor.judge(code_answer(RIGHT), replace(VEILED, throttles=spent), POLICY)
    assert isinstance(ended.outcome, PageProblem)


@pytest.mark.attack
def test_the_accounts_full_outbox_does_not_tell_a_withheld_verdict() -> None:
    """Likewise of mails: after ten the answer stays "sent" as long as it would for nobody; nothing is sent."""
    full = {mail_bucket("acc-lan"): MAILS_AT_ACCOUNT.tries}
    decision = second_factor.send_code(code_answer(""), replace(VEILED, throttles=full), POLICY)
    assert decision.outcome == CodeSent(sent=True)
    assert not writes_of(decision, SendMail)
    enough = full | {code_answer("").sent_bucket: MAILS_PER_INTERACTION.tries}
    decision = second_factor.send_code(code_answer(""), replace(VEILED, throttles=enough), POLICY)
    assert decision.outcome == CodeSent(sent=False)
