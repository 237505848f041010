"""The password step: counted before it is hashed, answered alike for everybody who may not enter."""

from dataclasses import replace

import pytest

from idp.authentication import sign_in
from idp.authentication.devices import LIFETIME, Device
from idp.authentication.pool import Verdict
from idp.authentication.progress import Advanced
from idp.authentication.sign_in import Admitted, CheckedPassword, Refused, TooMany
from idp.authentication.throttling import ADDRESS_AT_ACCOUNT, DEVICE, PRESSURE
from idp.domain.account import AccountStatus, Credentials
from idp.domain.audit import AuditKind
from idp.domain.errors import PageProblem
from idp.domain.session import Step
from idp.domain.writes import CountAttempt, NotifyLogout, SaveInteraction, SendMail, UpgradePassword
from tests.idp_authentication.conftest import (
    ACCOUNT,
    INTERACTION,
    NOW,
    POLICY,
    SESSION,
    attempt,
    checked,
    facts,
    opened,
    saved_step,
    writes_of,
)

MINE = Device("d" * 22, "acc-lan", NOW - 100)
PAIR = attempt().buckets(POLICY).address_at_account
PRESSED = attempt().buckets(POLICY).pressure


def test_the_attempt_is_counted_before_hashing() -> None:
    """Admission writes the counts, each with its limit, so parallel guesses cannot outrun them."""
    decision = sign_in.admit(attempt(), facts(), POLICY)
    assert decision.outcome == Admitted("$argon2id$lan", "acc-lan")
    counts = writes_of(decision, CountAttempt)
    assert {write.bucket for write in counts} == {attempt().buckets(POLICY).address, PAIR}
    assert all(write.limit is not None for write in counts)


def test_unknown_number_is_admitted_alike() -> None:
    """Nobody's number gets the same writes and a hash of None, which costs the same work."""
    known = sign_in.admit(attempt(), facts(), POLICY)
    unknown = sign_in.admit(attempt(), facts(account=None, credentials=None), POLICY)
    assert unknown.outcome == Admitted(None)
    assert unknown.writes == known.writes


@pytest.mark.attack
@pytest.mark.parametrize(
    "changes",
    [
        {"account": None, "credentials": None},
        {"account": replace(ACCOUNT, status=AccountStatus.LOCKED)},
        {"account": replace(ACCOUNT, status=AccountStatus.CLOSED)},
        {},
    ],
    ids=["unknown", "locked", "deceased", "wrong"],
)
def test_every_refusal_is_alike(changes: dict[str, object]) -> None:
    """Unknown, locked, deceased (right password!) and wrong password: one outcome, same writes (CVE-2026-4633)."""
    correct = bool(changes) and changes.get("account") is not None
    decision = sign_in.judge(checked(correct=correct), facts(**changes), POLICY)
    assert decision.outcome == Refused()
    assert decision.writes == (CountAttempt(PRESSED, PRESSURE.window),)
    assert [event.kind for event in decision.audit] == [AuditKind.SIGN_IN_REFUSED]


def test_the_log_tells_the_reason_the_page_does_not() -> None:
    """The audit row says why, so that the owner and the operator can see it."""
    dead = facts(account=replace(ACCOUNT, status=AccountStatus.CLOSED))
    assert sign_in.judge(checked(), dead, POLICY).audit[0].reason == "account_closed"


def test_right_password_opens_a_session_at_level_one() -> None:
    """One factor is enough where one was asked for; the session is born under the account's epoch."""
    decision = sign_in.judge(checked(), facts(), POLICY)
    saved = opened(decision)
    assert isinstance(decision.outcome, Advanced)
    assert saved is not None
    assert saved.session.amr == ("pwd",)
    assert saved.account_epoch == ACCOUNT.epoch
    assert saved_step(decision) == Step.CONTINUE
    assert decision.audit[0].acr == "urn:example:vn:acr:l2-a1"


@pytest.mark.attack
def test_one_factor_is_never_two() -> None:
    """Asked for level 2, the right password opens nothing: no session before the code (Zitadel CVE-2025-64103)."""
    asked = replace(INTERACTION, required_level=2)
    decision = sign_in.judge(checked(), facts(interaction=asked), POLICY)
    assert opened(decision) is None
    assert saved_step(decision) == Step.SECOND_FACTOR
    assert isinstance(decision.outcome, Advanced)
    assert decision.outcome.cookie is None


def test_without_an_app_the_code_is_mailed_at_once() -> None:
    """Who has only an address finds the code on its way; only its hash is kept."""
    asked = replace(INTERACTION, required_level=2)
    mail_only = Credentials("$argon2id$lan", None, "lan@example.vn.test")
    decision = sign_in.judge(checked(), facts(interaction=asked, credentials=mail_only), POLICY)
    (mail,) = writes_of(decision, SendMail)
    (saved,) = writes_of(decision, SaveInteraction)
    code = dict(mail.values)["code"]
    assert len(code) == 6
    assert saved.interaction.otp_hash is not None
    assert code.encode() not in saved.interaction.otp_hash
    assert code not in repr(mail)


@pytest.mark.attack
def test_password_changed_while_hashing() -> None:
    """A verdict on a hash that is no longer the account's proves nothing."""
    assert sign_in.judge(checked(against="$argon2id$old"), facts(), POLICY).outcome == Refused()


def test_stronger_hash_is_stored() -> None:
    """The upgraded hash is written with the success that proved the password."""
    proven = CheckedPassword(attempt(), "$argon2id$lan", Verdict(correct=True, upgraded="$argon2id$new"))
    assert UpgradePassword("acc-lan", "$argon2id$new") in sign_in.judge(proven, facts(), POLICY).writes


@pytest.mark.attack
def test_fixation() -> None:
    """Signing in always sets a fresh cookie; the browser's old session dies in the same step (Hydra #753)."""
    digest = b"o" * 32
    heard = (NotifyLogout("portal", "https://portal.example/bye", "sub", "sid"),)
    decision = sign_in.judge(checked(old_digest=digest, farewell=heard), facts(session=SESSION), POLICY)
    assert heard[0] not in decision.writes
    saved = opened(decision)
    assert saved is not None
    assert saved.replaces == digest
    assert saved.digest != digest


@pytest.mark.attack
def test_somebody_elses_session_ends() -> None:
    """A shared browser: the former person's session and grants end, nothing of it passes on."""
    former = replace(SESSION, account_id="acc-phuc", session_id="p" * 22)
    heard = (NotifyLogout("portal", "https://portal.example/bye", "sub", "sid"),)
    decision = sign_in.judge(checked(old_digest=b"o" * 32, farewell=heard), facts(session=former), POLICY)
    assert heard[0] in decision.writes
    saved = opened(decision)
    assert saved is not None
    assert saved.session.session_id != former.session_id
    assert "EndSession" in [type(write).__name__ for write in decision.writes]


@pytest.mark.attack
def test_full_bucket_refuses_before_hashing() -> None:
    """Ten attempts of one address at one number, and the eleventh is not even hashed."""
    full = facts(throttles={PAIR: ADDRESS_AT_ACCOUNT.tries})
    decision = sign_in.admit(attempt(), full, POLICY)
    assert decision.outcome == TooMany(ADDRESS_AT_ACCOUNT.window)
    assert decision.writes == ()


@pytest.mark.attack
def test_strangers_cannot_lock_the_owner_out() -> None:
    """Every bucket that strangers can fill is full: the owner's known browser still enters (CVE-2026-19607)."""
    names = attempt().buckets(POLICY)
    stormed = {names.address: 10_000, names.address_at_account: 10_000, names.pressure: 10_000}
    known = facts(throttles=stormed)
    assert isinstance(sign_in.admit(attempt(device=MINE), known, POLICY).outcome, Admitted)
    decision = sign_in.judge(checked(device=MINE), known, POLICY)
    assert opened(decision) is not None


@pytest.mark.attack
def test_strangers_elsewhere_do_not_stop_a_new_browser() -> None:
    """Even a browser never seen before may try: pressure refuses nobody, it only asks for the code too."""
    pressed = facts(throttles={PRESSED: 10_000})
    assert isinstance(sign_in.admit(attempt(), pressed, POLICY).outcome, Admitted)
    decision = sign_in.judge(checked(), pressed, POLICY)
    assert saved_step(decision) == Step.SECOND_FACTOR
    assert opened(decision) is None


@pytest.mark.attack
def test_under_pressure_the_verdict_is_withheld() -> None:
    """Right, wrong and unknown lead to the same page, so guessing a password teaches nothing (distributed attack)."""
    pressed = {PRESSED: PRESSURE.tries}
    right = sign_in.judge(checked(), facts(throttles=pressed), POLICY)
    wrong = sign_in.judge(checked(correct=False), facts(throttles=pressed), POLICY)
    nobody = sign_in.judge(
        checked(correct=False, against=None), facts(throttles=pressed, account=None, credentials=None), POLICY
    )
    assert right.outcome == wrong.outcome == nobody.outcome
    (after_wrong,) = writes_of(wrong, SaveInteraction)
    assert after_wrong.interaction.account_id is None
    assert after_wrong.interaction.withheld


def test_under_pressure_without_second_factor() -> None:
    """An account without any second factor cannot add a proof; from unknown browsers it waits for calm."""
    alone = Credentials("$argon2id$lan")
    decision = sign_in.judge(checked(), facts(throttles={PRESSED: 99}, credentials=alone), POLICY)
    assert opened(decision) is None
    known = sign_in.judge(checked(device=MINE), facts(throttles={PRESSED: 99}, credentials=alone), POLICY)
    assert opened(known) is not None


@pytest.mark.attack
@pytest.mark.parametrize(
    "device",
    [replace(MINE, account_id="acc-phuc"), replace(MINE, since=NOW - LIFETIME), None],
    ids=["another account's", "too old", "none"],
)
def test_a_device_counts_only_for_its_own_account(device: Device | None) -> None:
    """An attacker's own device cookie buys no extra tries at somebody else's number."""
    decision = sign_in.admit(attempt(device=device), facts(throttles={PAIR: 10}), POLICY)
    assert isinstance(decision.outcome, TooMany)


def test_a_known_device_has_its_own_limit() -> None:
    """A stolen device is no licence to guess: its own bucket fills as well."""
    bucket = attempt(device=MINE).buckets(POLICY).device
    assert bucket is not None
    full = facts(throttles={bucket: DEVICE.tries})
    assert isinstance(sign_in.admit(attempt(device=MINE), full, POLICY).outcome, TooMany)


def test_buckets_hold_no_personal_data() -> None:
    """Names of buckets show neither the number nor the address."""
    for name in attempt().buckets(POLICY).names:
        assert "099194" not in name
        assert "203.0.113" not in name


@pytest.mark.parametrize("browser", [None, b"x" * 32])
def test_another_browsers_interaction(browser: bytes | None) -> None:
    """An interaction answers to the browser it was opened in, nobody else; refused as if it did not exist."""
    with pytest.raises(PageProblem) as refused:
        sign_in.admit(attempt(browser=browser), facts(), POLICY)
    assert refused.value.code == "interaction_gone"
