"""A person's own passkeys: who may add and remove them, and when."""

from __future__ import annotations

from dataclasses import replace

import pytest

from idp.authentication import passkey_keeping, passkeys
from idp.authentication.passkey_keeping import Done, Enrolling, KeepPasskeys, LastFactor, NotMade, ProveFirst
from idp.domain.account import AccountStatus, Credentials
from idp.domain.errors import PageProblem
from idp.domain.facts import Facts
from idp.domain.passkey import Passkey
from idp.domain.session import AuthenticationEvent, Interaction, Session, Step
from idp.domain.writes import (
    AddPasskey,
    FinishInteraction,
    RemovePasskey,
    RenamePasskey,
    SaveInteraction,
    SendMail,
)
from tests.authenticator import Authenticator
from tests.idp_authentication.conftest import ACCOUNT, NOW, POLICY, facts, writes_of

DIGEST = b"d" * 32
FRESH = Session(
    "s" * 22,
    "acc-lan",
    (AuthenticationEvent("pwd", NOW - 60), AuthenticationEvent("otp", NOW - 50)),
    NOW - 60,
    NOW + 3_600,
)
STALE = replace(FRESH, events=(AuthenticationEvent("pwd", NOW - 5), AuthenticationEvent("otp", NOW - 301)))
ONE_FACTOR = replace(FRESH, events=(AuthenticationEvent("pwd", NOW - 5),))
HELD = Passkey(b"k" * 32, "acc-lan", b"h" * 32, b"cose", "Máy tính", NOW - 900)
ACT = KeepPasskeys(DIGEST, HELD.credential_id, "Tên mới")


def known(**changes: object) -> Facts:
    """Lan, who gave two factors a minute ago."""
    return replace(facts(session=FRESH, passkeys=(HELD,)), **changes)


def begun(**changes: object) -> tuple[Enrolling, Interaction]:
    """An enrolment that waits for the browser."""
    decision = passkey_keeping.begin(KeepPasskeys(DIGEST), known(**changes), POLICY)
    assert isinstance(decision.outcome, Enrolling)
    (saved,) = decision.writes
    assert isinstance(saved, SaveInteraction)
    return decision.outcome, saved.interaction


def answered(enrolling: Enrolling, **device: object) -> KeepPasskeys:
    """The browser's answer to it."""
    made = Authenticator(**{"origin": "https://id.example", "rp_id": "id.example", **device})
    return KeepPasskeys(DIGEST, name="Điện thoại", interaction_id="i", answer=made.create(enrolling.options))


def test_a_passkey_is_added_and_told_of() -> None:
    """One challenge, one passkey, one mail, one line in the history; the account keeps its user handle."""
    enrolling, interaction = begun()
    assert [each["id"] for each in enrolling.options["excludeCredentials"]] == [passkeys.text_of(b"k" * 32)]
    decision = passkey_keeping.add(answered(enrolling), known(interaction=interaction), POLICY)
    assert decision.outcome == Done()
    (added,) = writes_of(decision, AddPasskey)
    assert (added.passkey.account_id, added.passkey.user_handle, added.passkey.name) == (
        *("acc-lan", HELD.user_handle, "Điện thoại"),
    )
    assert writes_of(decision, FinishInteraction)
    assert writes_of(decision, SendMail)
    assert decision.audit[0].kind == "passkey_added"


def test_the_first_passkey_draws_the_handle() -> None:
    """Random, and neither number nor account id."""
    _, interaction = begun(passkeys=())
    assert interaction.challenge is not None
    assert len(interaction.challenge.user_handle) == 32
    assert interaction.challenge.user_handle != interaction.challenge.value


@pytest.mark.attack
@pytest.mark.parametrize("session", [STALE, ONE_FACTOR])
def test_nothing_changes_without_a_fresh_second_factor(session: Session) -> None:
    """CVE-2026-3429: the level is enforced where credentials are made and where they are deleted."""
    enrolling, interaction = begun()
    act = answered(enrolling)
    assert passkey_keeping.begin(KeepPasskeys(DIGEST), known(session=session), POLICY).outcome == ProveFirst()
    assert (
        passkey_keeping.add(act, known(session=session, interaction=interaction), POLICY).outcome
        == ProveFirst()
    )
    decision = passkey_keeping.remove(ACT, known(session=session), POLICY)
    assert (decision.outcome, decision.writes) == (ProveFirst(), ())


@pytest.mark.attack
def test_an_enrolment_belongs_to_its_session_person_and_moment() -> None:
    """CVE-2026-37982: an enrolment that is replayed, carried elsewhere or of another step enrols nothing."""
    enrolling, interaction = begun()
    act = answered(enrolling)
    for changes in (
        {"interaction": None},
        {"interaction": replace(interaction, browser_hash=b"o" * 32)},
        {"interaction": replace(interaction, account_id="acc-hoa")},
        {"interaction": replace(interaction, expires_at=NOW)},
        {"interaction": replace(interaction, step=Step.SECOND_FACTOR)},
        {"interaction": replace(interaction, challenge=None)},
        {"session": None, "interaction": interaction},
        {"account": replace(ACCOUNT, status=AccountStatus.LOCKED), "interaction": interaction},
    ):
        with pytest.raises(PageProblem):
            passkey_keeping.add(act, known(**changes), POLICY)


@pytest.mark.attack
def test_a_wrong_or_known_passkey_spends_the_challenge() -> None:
    """7.1 step 26 and CVE-2026-8830: a lie, or a credential that somebody has, is not kept, nor tried again."""
    enrolling, interaction = begun()
    waiting = known(interaction=interaction)
    for act, at in (
        (answered(enrolling, origin="https://id.example.evil"), waiting),
        (answered(enrolling), replace(waiting, passkey=HELD)),
        (replace(answered(enrolling), answer="{}"), waiting),
    ):
        decision = passkey_keeping.add(act, at, POLICY)
        assert decision.outcome == NotMade()
        assert decision.writes == (FinishInteraction(interaction.interaction_id),)


def test_there_is_an_end_to_them() -> None:
    """Ten passkeys at most."""
    many = tuple(replace(HELD, credential_id=bytes([each]) * 32) for each in range(10))
    with pytest.raises(PageProblem, match="enough_passkeys"):
        passkey_keeping.begin(KeepPasskeys(DIGEST), known(passkeys=many), POLICY)


def test_a_passkey_is_removed_where_another_factor_stays() -> None:
    """An address for codes is another factor; then the last passkey may go."""
    decision = passkey_keeping.remove(ACT, known(), POLICY)
    assert decision.outcome == Done()
    assert writes_of(decision, RemovePasskey) == [RemovePasskey("acc-lan", HELD.credential_id)]
    assert writes_of(decision, SendMail)


@pytest.mark.attack
def test_the_last_second_factor_is_never_dropped() -> None:
    """CVE-2026-3429: with nothing else left the removal is refused; of two, the store keeps one whatever races."""
    alone = Credentials("$argon2id$lan")
    decision = passkey_keeping.remove(ACT, known(credentials=alone), POLICY)
    assert (decision.outcome, decision.writes) == (LastFactor(), ())
    two = (HELD, replace(HELD, credential_id=b"2" * 32))
    decision = passkey_keeping.remove(ACT, known(credentials=alone, passkeys=two), POLICY)
    assert writes_of(decision, RemovePasskey) == [RemovePasskey("acc-lan", HELD.credential_id, keep_one=True)]


@pytest.mark.attack
def test_nobody_touches_a_passkey_that_is_not_theirs() -> None:
    """The account is the session's; a credential id of somebody else is simply not there."""
    for rule in (passkey_keeping.rename, passkey_keeping.remove):
        with pytest.raises(PageProblem, match="passkey_gone"):
            rule(replace(ACT, credential_id=b"o" * 32), known(), POLICY)
        with pytest.raises(PageProblem, match="sign_in_needed"):
            rule(ACT, known(session=None), POLICY)


def test_a_name_is_one_short_line() -> None:
    """Control characters, line ends and length are taken away; renaming writes only the name."""
    assert passkey_keeping.clean_name("  Máy\n\x00 của\u202e tôi " + "x" * 99)[:13] == "Máy của tôi x"
    assert len(passkey_keeping.clean_name("x" * 99)) == 60
    decision = passkey_keeping.rename(ACT, known(session=ONE_FACTOR), POLICY)
    assert decision.writes == (RenamePasskey("acc-lan", HELD.credential_id, "Tên mới"),)
