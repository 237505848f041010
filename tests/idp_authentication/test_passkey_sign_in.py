"""Signing in with a passkey: which step, which challenge, whose key, and what follows from it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from idp.authentication import passkey_sign_in, passkeys, sign_in
from idp.authentication.passkey_sign_in import AskChallenge, PasskeyAnswer, PasskeyRefused
from idp.authentication.progress import Advanced
from idp.authentication.throttling import ADDRESS
from idp.domain import paths
from idp.domain.account import AccountStatus
from idp.domain.audit import AuditKind
from idp.domain.authorization import ClaimRequest, ClaimsRequest
from idp.domain.decision import Decision
from idp.domain.errors import PageProblem
from idp.domain.facts import Facts
from idp.domain.passkey import Passkey
from idp.domain.session import Challenge, Interaction, Session, Step
from idp.domain.writes import EndSession, SaveInteraction, SaveSession, SendMail, UsePasskey
from tests.authenticator import Authenticator
from tests.idp_authentication.conftest import (
    ACCOUNT,
    ASKS,
    BROWSER,
    INTERACTION,
    NOW,
    POLICY,
    SESSION,
    checked,
    facts,
    opened,
    saved_step,
    waiting_for_code,
    writes_of,
)
from tests.idp_authentication.conftest import (
    ADDRESS as HERE,
)

CHALLENGE = Challenge(b"c" * 32, Step.PASSWORD, NOW + 60)
HOLDER = replace(ACCOUNT, resistance=1)
PHR = replace(ASKS, claims=ClaimsRequest(id_token={"acr": ClaimRequest(essential=True, values=("phr",))}))


class Scene:
    """A device with a passkey of Lan, and an interaction that waits for a password with an open challenge."""

    def __init__(self, interaction: Interaction = INTERACTION, **device: object) -> None:
        self.device = Authenticator(**{"origin": "https://id.example", "rp_id": "id.example", **device})
        enrol = Challenge(b"e" * 32, Step.ENROL, NOW + 60, b"h" * 32)
        answer = self.device.create(passkeys.creation_options(enrol, ACCOUNT, (), POLICY))
        kept = passkeys.made(answer, enrol, "acc-lan", "Điện thoại", NOW, POLICY)
        assert kept is not None
        self.passkey: Passkey = kept
        self.interaction = replace(interaction, challenge=replace(CHALLENGE, step=interaction.step))

    def known(self, **changes: object) -> Facts:
        """Everything that is loaded for this answer."""
        base = facts(interaction=self.interaction, account=HOLDER, passkey=self.passkey)
        return replace(base, **changes)

    def answer(self, challenge: Challenge | None = None) -> PasskeyAnswer:
        """What the browser brings."""
        options = passkeys.request_options(challenge or CHALLENGE, (), POLICY)
        signed = self.device.get(options)
        return PasskeyAnswer(INTERACTION.interaction_id, BROWSER, signed, HERE, farewell=())

    def judged(self, **changes: object) -> Decision[object]:
        """The verdict on a right answer, when the facts are these."""
        return passkey_sign_in.judge(self.answer(), self.known(**changes), POLICY)


def amr(session: SaveSession | None) -> list[str]:
    """The methods of the session that a decision opens."""
    assert session is not None
    return list(session.session.amr)


def test_a_passkey_alone_is_a_whole_sign_in() -> None:
    """User verification makes it two factors at once: a session, a counted use, the audit line with level 2."""
    scene = Scene()
    decision = scene.judged()
    assert isinstance(decision.outcome, Advanced)
    assert decision.outcome.cookie
    assert amr(opened(decision)) == ["pop", "user", "mfa"]
    assert saved_step(decision) == Step.CONTINUE
    (used,) = writes_of(decision, UsePasskey)
    assert isinstance(used, UsePasskey)
    assert (used.expected_count, used.passkey.sign_count, used.passkey.last_used_at) == (1, 2, NOW)
    assert decision.audit[0].acr == "urn:example:vn:acr:l2-a2"


def test_the_challenge_is_of_the_step_and_tells_nothing_before_the_password() -> None:
    """On the password page no passkey is named; after the password the person's own are."""
    scene = Scene()
    asked = AskChallenge(INTERACTION.interaction_id, BROWSER)
    decision = passkey_sign_in.ask(asked, scene.known(passkeys=(scene.passkey,)), POLICY)
    assert decision.outcome["allowCredentials"] == []
    (saved,) = decision.writes
    assert isinstance(saved, SaveInteraction)
    challenge = saved.interaction.challenge
    assert challenge is not None
    assert (saved.expected_step, challenge.step, challenge.expires_at) == ("password", "password", NOW + 300)
    assert passkeys.text_of(challenge.value) == decision.outcome["challenge"]
    coded = waiting_for_code()
    decision = passkey_sign_in.ask(asked, scene.known(interaction=coded, passkeys=(scene.passkey,)), POLICY)
    assert len(decision.outcome["allowCredentials"]) == 1


@pytest.mark.attack
def test_a_withheld_verdict_names_no_passkey() -> None:
    """Decision 0005: while the verdict on a password is kept back, the page asks everybody alike."""
    scene = Scene()
    withheld = waiting_for_code(withheld=True)
    asked = AskChallenge(INTERACTION.interaction_id, BROWSER)
    decision = passkey_sign_in.ask(
        asked, scene.known(interaction=withheld, passkeys=(scene.passkey,)), POLICY
    )
    assert decision.outcome["allowCredentials"] == []


@pytest.mark.attack
@pytest.mark.parametrize(
    "changes",
    [
        {"challenge": None},
        {"challenge": replace(CHALLENGE, expires_at=NOW)},
        {"challenge": replace(CHALLENGE, value=b"o" * 32)},
        {"challenge": replace(CHALLENGE, step=Step.SECOND_FACTOR)},
        {"challenge": replace(CHALLENGE, step=Step.ENROL)},
    ],
)
def test_a_challenge_counts_in_its_own_step_and_time_only(changes: dict[str, object]) -> None:
    """CVE-2026-18963: notes that were not scoped to their step. No challenge, an old one, another step's: refused."""
    scene = Scene()
    scene.interaction = replace(scene.interaction, **changes)
    decision = scene.judged()
    assert decision.outcome == PasskeyRefused()
    assert opened(decision) is None
    (saved,) = writes_of(decision, SaveInteraction)
    assert isinstance(saved, SaveInteraction)
    assert saved.interaction.challenge is None, "the challenge is spent by its first answer"


@pytest.mark.attack
@pytest.mark.parametrize("step", [Step.CONSENT, Step.STEP_UP, Step.CONTINUE, Step.ENROL])
def test_no_other_step_takes_a_passkey(step: Step) -> None:
    """CVE-2026-49443: an answer to a step that does not wait for it moves nothing."""
    scene = Scene()
    scene.interaction = replace(scene.interaction, step=step, challenge=replace(CHALLENGE, step=step))
    with pytest.raises(PageProblem, match="out_of_order"):
        scene.judged()


@pytest.mark.attack
def test_another_browser_has_no_interaction() -> None:
    """Hydra #753: an interaction belongs to the browser that began it."""
    scene = Scene()
    with pytest.raises(PageProblem, match="gone"):
        passkey_sign_in.judge(replace(scene.answer(), browser=b"o" * 32), scene.known(), POLICY)


@pytest.mark.attack
def test_unknown_locked_wrong_and_copied_look_alike() -> None:
    """Nobody outside learns which it was; only what the key really signed stands in its owner's history."""
    scene = Scene()
    wrong = replace(scene.answer(), answer=scene.answer().answer.replace("signature", "signatura"))
    locked = replace(HOLDER, status=AccountStatus.LOCKED)
    copied = replace(scene.passkey, sign_count=50)
    told = {
        "unknown": passkey_sign_in.judge(scene.answer(), scene.known(passkey=None, account=None), POLICY),
        "wrong": passkey_sign_in.judge(wrong, scene.known(), POLICY),
        "locked": scene.judged(account=locked),
        "copied": scene.judged(passkey=copied),
    }
    assert {name: each.outcome for name, each in told.items()} == dict.fromkeys(told, PasskeyRefused())
    assert len({tuple(type(write) for write in each.writes) for each in told.values()}) == 1
    audit = {name: (each.audit[0].account_id, each.audit[0].reason) for name, each in told.items()}
    assert audit == {
        "unknown": (None, "wrong_passkey"),
        "wrong": (None, "wrong_passkey"),
        "locked": ("acc-lan", "account_locked"),
        "copied": ("acc-lan", "passkey_counter"),
    }
    assert {each.audit[0].kind for each in told.values()} == {AuditKind.SIGN_IN_REFUSED}


@pytest.mark.parametrize(
    ("stored", "brought", "fine"), [(0, 0, True), (1, 2, True), (2, 2, False), (2, 0, False)]
)
def test_the_counter_grows_or_stays_nought(stored: int, brought: int, fine: bool) -> None:
    """7.2 step 22: synchronised passkeys always say 0; once a key counts it must go on counting."""
    scene = Scene()
    scene.device.count = brought - 1 if brought else 0
    decision = scene.judged(passkey=replace(scene.passkey, sign_count=stored))
    assert isinstance(decision.outcome, Advanced) is fine


@pytest.mark.attack
def test_the_second_factor_is_the_first_ones_person() -> None:
    """CVE-2025-64103: a passkey of somebody else completes nobody's sign-in, also when a verdict is withheld."""
    other = replace(HOLDER, account_id="acc-hoa")
    for interaction in (
        waiting_for_code(account_id="acc-hoa"),
        waiting_for_code(account_id=None, withheld=True),
    ):
        scene = Scene(interaction)
        decision = scene.judged()
        assert decision.outcome == PasskeyRefused()
        assert opened(decision) is None
    assert Scene().judged(account=other).outcome == PasskeyRefused()


def test_after_the_password_it_is_the_second_factor() -> None:
    """Password and passkey: both stand in the session."""
    decision = Scene(waiting_for_code()).judged()
    assert amr(opened(decision)) == ["pwd", "pop", "user", "mfa"]


@pytest.mark.attack
def test_a_step_up_raises_only_its_own_session() -> None:
    """RFC 9470: without a living session of this person there is nothing to raise."""
    scene = Scene(waiting_for_code(events=()))
    assert amr(opened(scene.judged(session=SESSION))) == ["pwd", "pop", "user", "mfa"]
    other = Session("o" * 22, "acc-hoa", (), NOW, NOW + 60)
    for session in (None, other, replace(SESSION, expires_at=NOW)):
        with pytest.raises(PageProblem, match="gone"):
            scene.judged(session=session)


@pytest.mark.attack
def test_somebody_elses_session_in_this_browser_ends() -> None:
    """A shared computer: whoever signs in next does not meet the former person's session (attack 34)."""
    other = Session("o" * 22, "acc-hoa", (), NOW, NOW + 60)
    scene = Scene()
    decision = passkey_sign_in.judge(
        replace(scene.answer(), old_digest=b"d" * 32), scene.known(session=other), POLICY
    )
    assert writes_of(decision, EndSession)


def test_an_address_has_its_tries() -> None:
    """Signatures cost work: one address cannot ask for it without end."""
    scene = Scene()
    bucket = scene.answer().bucket(POLICY)
    outcome = scene.judged(throttles={bucket: ADDRESS.tries}).outcome
    assert isinstance(outcome, PageProblem)
    assert outcome.status == 429


def test_who_has_a_passkey_is_asked_for_it_first() -> None:
    """After the password no code is mailed unasked to somebody who has a passkey."""
    level2 = replace(ASKS, acr_values=("urn:example:vn:acr:l2-a2",))
    asked = replace(INTERACTION, request=level2)
    mail_only = replace(facts().credentials, totp_secret=None)
    for account, mails in ((HOLDER, 0), (ACCOUNT, 1)):
        known = facts(interaction=asked, account=account, credentials=mail_only)
        decision = sign_in.judge(checked(), known, POLICY)
        assert decision.outcome.path.startswith(paths.SECOND_FACTOR)
        assert len(writes_of(decision, SendMail)) == mails


@pytest.mark.parametrize(("account", "page"), [(HOLDER, paths.SECOND_FACTOR), (ACCOUNT, paths.STEP_UP)])
def test_a_client_that_demands_phr(account, page: str) -> None:
    """After the password: whoever has a passkey is asked for it, whoever has none reads why and how."""
    known = facts(interaction=replace(INTERACTION, request=PHR), account=account)
    outcome = sign_in.judge(checked(), known, POLICY).outcome
    assert isinstance(outcome, Advanced)
    assert outcome.path.startswith(page)


def test_the_answer_is_no_secret_in_logs() -> None:
    """What the browser brought is not printed."""
    scene = Scene()
    assert json.loads(scene.answer().answer)["rawId"] not in repr(scene.answer())
