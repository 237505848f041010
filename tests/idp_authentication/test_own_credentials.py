"""A person's own password, app and recovery codes: who may change them, and what that writes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from idp.authentication import (
    authenticator_app,
    own_credentials,
    own_password,
    recovery_codes,
    second_factor,
    totp,
)
from idp.authentication.authenticator_app import Begun
from idp.authentication.own_credentials import Changed, KeepCredentials, NotRight, TooOften
from idp.authentication.own_password import AdmittedChange, CheckedOld
from idp.authentication.passkey_keeping import ProveFirst
from idp.authentication.password_choice import Weak, weakness
from idp.authentication.pool import Verdict
from idp.authentication.progress import Advanced
from idp.authentication.second_factor import WrongCode
from idp.domain.account import Credentials
from idp.domain.errors import PageProblem
from idp.domain.facts import Facts
from idp.domain.session import AuthenticationEvent, Interaction, Session
from idp.domain.writes import (
    ChangePassword,
    CountAttempt,
    EndSessionsOf,
    FinishInteraction,
    ReplaceRecoveryCodes,
    SaveInteraction,
    SendMail,
    SetTotp,
    SpendOnce,
    UseRecoveryCode,
)
from tests.idp_authentication.conftest import (
    ACCOUNT,
    CREDENTIALS,
    NOW,
    POLICY,
    code_answer,
    facts,
    waiting_for_code,
    writes_of,
)

DIGEST = b"d" * 32
FRESH = Session(
    "s" * 22,
    "acc-lan",
    (AuthenticationEvent("pwd", NOW - 60), AuthenticationEvent("otp", NOW - 50)),
    NOW - 60,
    NOW + 3_600,
)
ONE_FACTOR = replace(FRESH, events=(AuthenticationEvent("pwd", NOW - 5),))
STALE = replace(FRESH, events=(AuthenticationEvent("pwd", NOW - 5), AuthenticationEvent("otp", NOW - 301)))
NEW = "ba con trâu trên đồng"
CODE = "abcdefghij"
PROFILE = {"name": "Nguyễn Thị Lan", "birthdate": "1994-05-17"}


def known(**changes: object) -> Facts:
    """Lan, who gave two factors a minute ago; no interaction."""
    return replace(facts(session=FRESH, interaction=None), **changes)


def act(**changes: object) -> KeepCredentials:
    """Lan's act."""
    return replace(KeepCredentials(DIGEST, password=NEW, account_id="acc-lan"), **changes)


def enrolling() -> Interaction:
    """An app that waits for its first code."""
    decision = authenticator_app.begin_app(act(), known(), POLICY)
    assert isinstance(decision.outcome, Begun)
    (saved,) = writes_of(decision, SaveInteraction)
    return saved.interaction


# ---------------------------------------------------------------- password


@pytest.mark.parametrize(
    ("password", "weak"),
    [
        ("ngan ngay", Weak.SHORT),
        ("x" * 1_025, Weak.LONG),
        ("MatKhau123", Weak.COMMON),
        ("mật khẩu 123", Weak.COMMON),
        ("aaaaaaaaaaaa", Weak.COMMON),
        ("Nguyễn Thị Lan!", Weak.PERSONAL),
        ("lan17051994", Weak.PERSONAL),
        ("so-099194000101", Weak.PERSONAL),
        (NEW, None),
    ],
)
def test_which_passwords_are_taken(password: str, weak: Weak | None) -> None:
    """NIST SP 800-63B-4, 3.1.1.2: length and lists, no rules about kinds of characters."""
    assert weakness(password, ACCOUNT.personal_number, PROFILE) == weak


@pytest.mark.attack
def test_a_new_password_ends_every_other_session() -> None:
    """Attack 47: the present password, a fresh second factor, one mail, one line; this browser stays."""
    admitted = own_password.admit_change(act(), known(), POLICY)
    assert admitted.outcome == AdmittedChange(CREDENTIALS.password_hash)
    assert writes_of(admitted, CountAttempt)
    checked = CheckedOld(act(), CREDENTIALS.password_hash, Verdict(correct=True), "$argon2id$new")
    decision = own_password.change_password(checked, known(), POLICY)
    assert decision.outcome == Changed()
    assert writes_of(decision, ChangePassword) == [
        ChangePassword("acc-lan", "$argon2id$new", replaces=CREDENTIALS.password_hash)
    ]
    assert writes_of(decision, EndSessionsOf) == [EndSessionsOf("acc-lan", besides=FRESH.session_id)]
    assert writes_of(decision, SendMail)
    assert decision.audit[0].kind == "password_changed"


@pytest.mark.attack
def test_an_open_session_is_no_place_to_guess_the_password() -> None:
    """Attack 38: tries from inside a session are counted and end; a wrong one changes nothing."""
    full = known(throttles={own_credentials.password_bucket("acc-lan"): own_password.TRIES})
    assert own_password.admit_change(act(), full, POLICY).outcome == TooOften()
    wrong = CheckedOld(act(), CREDENTIALS.password_hash, Verdict(correct=False), "$argon2id$new")
    decision = own_password.change_password(wrong, known(), POLICY)
    assert (decision.outcome, decision.writes) == (NotRight(), ())
    meanwhile = known(credentials=replace(CREDENTIALS, password_hash="$argon2id$other"))
    right = CheckedOld(act(), CREDENTIALS.password_hash, Verdict(correct=True), "$argon2id$new")
    assert own_password.change_password(right, meanwhile, POLICY).outcome == NotRight()


@pytest.mark.attack
@pytest.mark.parametrize("session", [STALE, ONE_FACTOR])
def test_nothing_changes_without_a_fresh_second_factor(session: Session) -> None:
    """CVE-2026-3429: at every act on credentials, not only where they are made."""
    held = known(session=session)
    checked = CheckedOld(act(), CREDENTIALS.password_hash, Verdict(correct=True), "$argon2id$new")
    for decision in (
        own_password.admit_change(act(), held, POLICY),
        own_password.change_password(checked, held, POLICY),
        authenticator_app.begin_app(act(), held, POLICY),
        authenticator_app.confirm_app(act(), replace(held, interaction=enrolling()), POLICY),
        authenticator_app.remove_app(act(), held, POLICY),
        own_credentials.make_codes(act(), held, POLICY),
    ):
        assert (decision.outcome, decision.writes) == (ProveFirst(), ())


def test_who_has_one_factor_only_gives_that_one() -> None:
    """Somebody with a password alone must be able to get a second factor."""
    alone = known(session=ONE_FACTOR, credentials=Credentials("$argon2id$lan"))
    assert isinstance(authenticator_app.begin_app(act(), alone, POLICY).outcome, Begun)


# ---------------------------------------------------------------- authenticator app


def test_an_app_counts_once_its_code_was_right() -> None:
    """RFC 6238: the secret of 160 bits is kept only after the app has shown a code of it, and that code is spent."""
    waiting = enrolling()
    assert waiting.challenge is not None
    secret = waiting.challenge.value
    assert len(secret) == 20
    held = known(interaction=waiting)
    given = act(interaction_id=waiting.interaction_id, code=totp.code_at(secret, NOW))
    decision = authenticator_app.confirm_app(given, held, POLICY)
    assert decision.outcome == Changed()
    assert writes_of(decision, SetTotp) == [SetTotp("acc-lan", secret)]
    assert writes_of(decision, SpendOnce)
    assert writes_of(decision, FinishInteraction)
    wrong = authenticator_app.confirm_app(replace(given, code="000000"), held, POLICY)
    assert wrong.outcome == NotRight()
    assert not writes_of(wrong, SetTotp)


@pytest.mark.attack
def test_nobody_confirms_anybody_elses_app() -> None:
    """Attack 36 (Keycloak CVE-2026-37982): the enrolment belongs to one session, and to one account."""
    waiting = enrolling()
    for other in (replace(waiting, browser_hash=b"x" * 32), replace(waiting, account_id="acc-hoa")):
        with pytest.raises(PageProblem):
            authenticator_app.confirm_app(act(), known(interaction=other), POLICY)
    tried = known(interaction=waiting, throttles={own_credentials.app_bucket(waiting.interaction_id): 5})
    assert authenticator_app.confirm_app(act(), tried, POLICY).outcome == TooOften()


def test_the_last_second_factor_stays() -> None:
    """Removing the app would leave nothing: refused."""
    only = known(credentials=replace(CREDENTIALS, email=None))
    assert authenticator_app.remove_app(act(), only, POLICY).outcome == NotRight()
    decision = authenticator_app.remove_app(act(), known(), POLICY)
    assert writes_of(decision, SetTotp) == [SetTotp("acc-lan", None)]


# ---------------------------------------------------------------- recovery codes


def test_ten_codes_are_shown_once_and_kept_as_hashes() -> None:
    """NIST SP 800-63B-4, 3.1.2: fifty bits each, bound to the account, nothing of them is stored."""
    decision = own_credentials.make_codes(act(), known(), POLICY)
    assert isinstance(decision.outcome, Changed)
    codes = decision.outcome.codes
    assert len(set(codes)) == 10
    (kept,) = writes_of(decision, ReplaceRecoveryCodes)
    letters = {recovery_codes.read(code) for code in codes}
    assert kept.hashes == {recovery_codes.hashed(each, "acc-lan", POLICY) for each in letters if each}
    assert kept.hashes.isdisjoint(
        {recovery_codes.hashed(each, "acc-hoa", POLICY) for each in letters if each}
    )
    assert not any(code in repr(decision) for code in codes)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("abcde-fghij", CODE),
        (" ABCDE FGHIJ ", CODE),
        ("abcde-fgh1j", "abcdefghlj"),
        ("123456", None),
        ("abcde-fghi", None),
        ("abcde-fghi9", None),
    ],
)
def test_codes_as_people_type_them(typed: str, read: str | None) -> None:
    """With or without the dash, in capitals, with 1 for l."""
    assert recovery_codes.read(typed) == read


def test_a_recovery_code_stands_in_for_the_second_factor_once() -> None:
    """The claim is a row that can be deleted once; the person hears of it."""
    held = replace(CREDENTIALS, recovery=frozenset({recovery_codes.hashed(CODE, "acc-lan", POLICY)}))
    waiting = waiting_for_code()
    given = facts(interaction=waiting, credentials=held)
    decision = second_factor.judge(code_answer("abcde-fghij"), given, POLICY)
    assert isinstance(decision.outcome, Advanced)
    assert decision.outcome.cookie is not None
    assert writes_of(decision, UseRecoveryCode)
    assert [mail.template for mail in writes_of(decision, SendMail)] == ["recovery_code_used"]
    spent = facts(interaction=waiting, credentials=CREDENTIALS)
    assert isinstance(second_factor.judge(code_answer("abcde-fghij"), spent, POLICY).outcome, WrongCode)
