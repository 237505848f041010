"""Signing in with a passkey: instead of number and password, or as the second factor after them.

A challenge belongs to one step of one interaction of one browser and dies with its first answer, right or wrong
(Keycloak CVE-2026-18963). Unknown, wrong, copied and locked look alike.
"""

from dataclasses import dataclass, field, replace

from idp.authentication import passkeys
from idp.authentication.devices import Device
from idp.authentication.progress import Advanced, Proven, advance, with_event
from idp.authentication.steps import GONE, OUT_OF_ORDER, current
from idp.authentication.throttling import ADDRESS, keyed, wait
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.decision import Decision
from idp.domain.errors import PageProblem
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.networks import network_of
from idp.domain.passkey import Passkey
from idp.domain.policy import Policy
from idp.domain.session import Challenge, Interaction, Step
from idp.domain.writes import CountAttempt, NotifyLogout, SaveInteraction, UsePasskey

STEPS = frozenset({Step.PASSWORD, Step.SECOND_FACTOR})
TOO_MANY = "too_many_passkeys_tried"


@dataclass(frozen=True, slots=True)
class AskChallenge:
    """A browser is about to use a passkey on the page of an interaction's present step."""

    interaction_id: str
    browser: bytes | None

    @property
    def needs(self) -> Needs:
        """The interaction and the passkeys of whom it is about."""
        return Needs(interaction_id=self.interaction_id, account_of_interaction=True, passkeys=True)


@dataclass(frozen=True, slots=True)
class PasskeyAnswer:
    """What the browser brought: ``answer`` is its credential as JSON."""

    interaction_id: str
    browser: bytes | None
    answer: str = field(repr=False)
    address: str = field(default="", repr=False)
    old_digest: bytes | None = None
    device: Device | None = None
    service: str = ""
    farewell: tuple[NotifyLogout, ...] = ()
    agent: str = ""

    def bucket(self, policy: Policy) -> str:
        """Tries of one address, shared with nobody's password."""
        return f"passkey:address:{keyed(policy, 'address', network_of(self.address))}"

    def needs(self, policy: Policy) -> Needs:
        """The facts that an answer is judged by: the passkey, and the account that it opens."""
        return Needs(
            interaction_id=self.interaction_id,
            session_digest=self.old_digest,
            passkey_id=passkeys.credential_id(self.answer) or b"",
            credentials=True,
            throttles=(self.bucket(policy),),
        )


@dataclass(frozen=True, slots=True)
class PasskeyRefused:
    """Not accepted; nobody outside learns why."""


def ask(asked: AskChallenge, facts: Facts, policy: Policy) -> Decision[dict[str, object]]:
    """A fresh challenge for the present step; the one before it dies.

    Which passkeys an account has is told only after its password, and not while its verdict is withheld (decision
    0005).
    """
    interaction = _waiting(facts, asked.browser)
    challenge = Challenge(
        facts.fresh.derived("passkey challenge"), interaction.step, facts.now + policy.challenge_lifetime
    )
    told = interaction.step == Step.SECOND_FACTOR and not interaction.withheld
    options = passkeys.request_options(challenge, facts.passkeys if told else (), policy)
    saved = SaveInteraction(replace(interaction, challenge=challenge), expected_step=interaction.step)
    return Decision(options, (saved,))


def judge(
    answer: PasskeyAnswer, facts: Facts, policy: Policy
) -> Decision[Advanced | PasskeyRefused | PageProblem]:
    """On with the sign-in, or the one refusal. Raises PageProblem when the interaction waits for nothing of this."""
    interaction = _waiting(facts, answer.browser)
    count = CountAttempt(answer.bucket(policy), ADDRESS.window, ADDRESS.tries)
    if wait((count,), facts):
        return Decision(PageProblem(TOO_MANY, 429))
    passkey, account = facts.passkey, facts.account
    proof = _proof(answer, interaction, passkey, facts, policy)
    if proof is None or passkey is None:
        return _refused(interaction, "wrong_passkey", None, count)
    # 7.2 step 22: a count that does not grow "is a signal, but not proof, that the authenticator may be cloned".
    if (proof.sign_count or passkey.sign_count) and proof.sign_count <= passkey.sign_count:
        return _refused(interaction, "passkey_counter", passkey, count)
    if account is None or account.account_id != passkey.account_id or not account.usable:
        reason = f"account_{account.status}" if account is not None else "wrong_passkey"
        return _refused(interaction, reason, passkey, count)
    second = interaction.step == Step.SECOND_FACTOR
    # The factor of one person must not complete the sign-in of another (Zitadel CVE-2025-64103).
    if second and interaction.account_id != account.account_id:
        return _refused(interaction, "passkey_of_another", passkey, count)
    raises = second and not interaction.events
    session = facts.session
    if raises and (
        session is None or session.account_id != account.account_id or session.expires_at <= facts.now
    ):
        raise PageProblem(GONE, 410, cause="the session to be raised is over")
    known = answer.device is not None and answer.device.known_for(account.account_id, facts.now)
    proven = Proven(
        replace(interaction, challenge=None),
        account,
        facts.credentials,
        with_event(interaction, *passkey.methods, now=facts.now),
        answer.old_digest,
        answer.device if known else None,
        answer.service,
        answer.farewell,
        raises_session=raises,
        agent=answer.agent,
    )
    decision = advance(proven, facts, policy)
    used = replace(passkey, sign_count=proof.sign_count, last_used_at=facts.now, backed_up=proof.backed_up)
    use = UsePasskey(used, expected_count=passkey.sign_count)
    return Decision(decision.outcome, (count, *decision.writes, use), decision.audit)


def _waiting(facts: Facts, browser: bytes | None) -> Interaction:
    interaction = current(facts, browser)
    if interaction.step not in STEPS:
        raise PageProblem(OUT_OF_ORDER, 409)
    return interaction


def _proof(
    answer: PasskeyAnswer, interaction: Interaction, passkey: Passkey | None, facts: Facts, policy: Policy
) -> passkeys.Asserted | None:
    challenge = interaction.challenge
    if (
        passkey is None
        or challenge is None
        or challenge.step != interaction.step
        or facts.now >= challenge.expires_at
    ):
        return None
    discovered = interaction.step == Step.PASSWORD
    return passkeys.asserted(answer.answer, passkey, challenge, policy, discovered=discovered)


def _refused(
    interaction: Interaction, reason: str, proven: Passkey | None, count: CountAttempt
) -> Decision[Advanced | PasskeyRefused | PageProblem]:
    """Only what a passkey really signed is noted at its account: else strangers could write into its history."""
    request = interaction.request
    event = AuditEvent(
        AuditKind.SIGN_IN_REFUSED,
        account_id=proven.account_id if proven is not None else None,
        client_id=request.client_id if request else None,
        reason=reason,
    )
    spent = SaveInteraction(replace(interaction, challenge=None), expected_step=interaction.step)
    return Decision(PasskeyRefused(), (count, spent), (event,))
