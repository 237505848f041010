"""A person's own password, authenticator app and recovery codes: changed in the account centre and nowhere else.

Every change wants the strongest that the account has, given within the last minutes (Keycloak CVE-2026-3429, attack
47), is told of by mail, and stands in the history. A new password ends every other session.
"""

from dataclasses import dataclass, field
from typing import Final

from idp.authentication import recovery_codes, totp
from idp.authentication.begin import SignedInPerson, recognise
from idp.authentication.own_account import NOT_SIGNED_IN
from idp.authentication.passkey_keeping import ProveFirst, is_fresh
from idp.authentication.password_choice import Weak, weakness
from idp.authentication.pool import Verdict
from idp.authentication.steps import GONE, answering
from idp.domain.account import Credentials
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.decision import Decision
from idp.domain.errors import PageProblem
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.policy import Policy
from idp.domain.session import Challenge, Interaction, Step
from idp.domain.writes import (
    ChangePassword,
    CountAttempt,
    EndSessionsOf,
    FinishInteraction,
    NotifyLogout,
    ReplaceRecoveryCodes,
    SaveInteraction,
    SendMail,
    SetTotp,
    Write,
)

TOTP_STEP: Final = "totp"
SECRET_BYTES: Final = 20
"""RFC 4226 section 4, R6: 160 bits."""
TRIES: Final = 10
WINDOW: Final = 900


@dataclass(frozen=True, slots=True)
class KeepCredentials:
    """An act of the holder of the session cookie on their own credentials; the account is the session's."""

    digest: bytes | None
    interaction_id: str | None = None
    code: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    farewell: tuple[NotifyLogout, ...] = ()
    account_id: str = ""
    """Whose buckets are looked at, as a first look at the session said; never whose credentials change."""

    @property
    def throttles(self) -> tuple[str, ...]:
        """The buckets of the act."""
        own = (password_bucket(self.account_id),) if self.account_id else ()
        return (*own, app_bucket(self.interaction_id)) if self.interaction_id else own

    @property
    def needs(self) -> Needs:
        """The session, its account, and all that the account proves itself with."""
        return Needs(
            session_digest=self.digest,
            account_of_session=True,
            credentials=True,
            passkeys=True,
            devices=True,
            interaction_id=self.interaction_id,
            throttles=self.throttles,
        )


@dataclass(frozen=True, slots=True)
class CheckedOld:
    """The act with the verdict on the present password, judged against ``against``, and the hash of the new one."""

    act: KeepCredentials
    against: str = field(repr=False)
    verdict: Verdict
    new_hash: str = field(repr=False)

    @property
    def needs(self) -> Needs:
        """As the act."""
        return self.act.needs


@dataclass(frozen=True, slots=True)
class Standing:
    """What the pages show: who, what they have, and whether they may change it now."""

    person: SignedInPerson
    fresh: bool
    app: bool
    email: str | None
    passkeys: int
    devices: int
    """Phones with the e-ID app."""
    codes_left: int
    interaction: Interaction | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """It is so. ``codes``: to be shown once, now."""

    codes: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Begun:
    """An app may be set up in this interaction."""

    interaction_id: str


@dataclass(frozen=True, slots=True)
class NotRight:
    """The present password or the app's code is wrong."""


@dataclass(frozen=True, slots=True)
class TooOften:
    """Too many wrong ones; come back later."""


@dataclass(frozen=True, slots=True)
class AdmittedChange:
    """Check the present password against this."""

    password_hash: str = field(repr=False)


def standing(act: KeepCredentials, facts: Facts, policy: Policy) -> Decision[Standing]:
    """Where the person's credentials stand. Raises PageProblem when nobody is signed in."""
    person = _person(act, facts, policy)
    held = facts.credentials
    return Decision(
        Standing(
            person,
            fresh(person, facts, policy),
            app=held is not None and held.totp_secret is not None,
            email=held.email if held else None,
            passkeys=len(facts.passkeys),
            devices=len(facts.devices),
            codes_left=len(held.recovery) if held else 0,
            interaction=facts.interaction if _mine(act, facts, person) else None,
        )
    )


def fresh(person: SignedInPerson, facts: Facts, policy: Policy) -> bool:
    """Whether the strongest that the account has was given just now; with one factor only, the password."""
    if (facts.credentials is not None and facts.credentials.has_second_factor) or facts.passkeys:
        return is_fresh(person.session, facts.now, policy)
    return any(facts.now - event.at <= policy.fresh_factor for event in person.session.events)


# ---------------------------------------------------------------- password


def admit_change(
    act: KeepCredentials, facts: Facts, policy: Policy
) -> Decision[AdmittedChange | ProveFirst | Weak | TooOften]:
    """Count the attempt; whoever holds an open session must not guess the password in it."""
    person = _person(act, facts, policy)
    if facts.credentials is None or not fresh(person, facts, policy):
        return Decision(ProveFirst())
    account = person.account
    weak = weakness(act.password, account.personal_number, account.profile)
    if weak is not None:
        return Decision(weak)
    bucket = password_bucket(account.account_id)
    count = CountAttempt(bucket, WINDOW, TRIES)
    if facts.throttles.get(bucket, 0) >= TRIES:
        return Decision(TooOften())
    return Decision(AdmittedChange(facts.credentials.password_hash), (count,))


def change_password(
    checked: CheckedOld, facts: Facts, policy: Policy
) -> Decision[Changed | NotRight | ProveFirst]:
    """Another password; every other session of the account ends, and its services hear of it."""
    act = checked.act
    person = _person(act, facts, policy)
    if facts.credentials is None or not fresh(person, facts, policy):
        return Decision(ProveFirst())
    if not checked.verdict.correct or facts.credentials.password_hash != checked.against:
        return Decision(NotRight())
    account_id = person.account.account_id
    writes: tuple[Write, ...] = (
        ChangePassword(account_id, checked.new_hash, replaces=checked.against),
        EndSessionsOf(account_id, besides=person.session.session_id),
        *act.farewell,
        *_told(person, facts.credentials, "password_changed"),
    )
    return Decision(Changed(), writes, (AuditEvent(AuditKind.PASSWORD_CHANGED, account_id),))


def password_bucket(account_id: str) -> str:
    """Tries at the present password from inside a session."""
    return f"own:password:{account_id}"


def app_bucket(interaction_id: str) -> str:
    """Tries at the first code of a new app."""
    return f"own:app:{interaction_id}"


# ---------------------------------------------------------------- authenticator app


def begin_app(act: KeepCredentials, facts: Facts, policy: Policy) -> Decision[Begun | ProveFirst]:
    """A fresh secret, in an interaction that only this session sees and confirms."""
    person = _person(act, facts, policy)
    if not fresh(person, facts, policy):
        return Decision(ProveFirst())
    ends = facts.now + policy.interaction_lifetime
    challenge = Challenge(facts.fresh.derived("totp secret")[:SECRET_BYTES], TOTP_STEP, ends)
    interaction = Interaction(
        interaction_id=facts.fresh.interaction_id,
        browser_hash=act.digest or b"",
        request=None,
        created_at=facts.now,
        expires_at=ends,
        step=Step.ENROL,
        account_id=person.account.account_id,
        challenge=challenge,
    )
    return Decision(Begun(interaction.interaction_id), (SaveInteraction(interaction),))


def confirm_app(
    act: KeepCredentials, facts: Facts, policy: Policy
) -> Decision[Changed | NotRight | ProveFirst | TooOften]:
    """The app shows the right code: it is the second factor from now on, and this code is spent."""
    person = _person(act, facts, policy)
    account_id = person.account.account_id
    interaction = answering(facts, act.digest, Step.ENROL)
    challenge = interaction.challenge
    if challenge is None or challenge.step != TOTP_STEP or interaction.account_id != account_id:
        raise PageProblem(GONE, 410, cause="an enrolment of somebody else")
    if not fresh(person, facts, policy):
        return Decision(ProveFirst())
    code = "".join(act.code.split())
    step = totp.matching_step(challenge.value, code, facts.now)
    count = CountAttempt(app_bucket(interaction.interaction_id), WINDOW, policy.otp_attempts)
    if facts.throttles.get(count.bucket, 0) >= policy.otp_attempts:
        return Decision(TooOften(), (FinishInteraction(interaction.interaction_id),))
    if step is None:
        return Decision(NotRight(), (count,))
    writes: tuple[Write, ...] = (
        totp.spend_code(account_id, code, step),
        FinishInteraction(interaction.interaction_id),
        SetTotp(account_id, challenge.value),
        *_told(person, facts.credentials, "app_added"),
    )
    return Decision(Changed(), writes, (AuditEvent(AuditKind.APP_ADDED, account_id),))


def remove_app(
    act: KeepCredentials, facts: Facts, policy: Policy
) -> Decision[Changed | NotRight | ProveFirst]:
    """No app any more; refused (:class:`NotRight`) when nothing else would be a second factor."""
    person = _person(act, facts, policy)
    if not fresh(person, facts, policy):
        return Decision(ProveFirst())
    held = facts.credentials
    if held is None or held.totp_secret is None or (held.email is None and not facts.passkeys):
        return Decision(NotRight())
    account_id = person.account.account_id
    writes = (SetTotp(account_id, None), *_told(person, held, "app_removed"))
    return Decision(Changed(), writes, (AuditEvent(AuditKind.APP_REMOVED, account_id),))


# ---------------------------------------------------------------- recovery codes


def make_codes(act: KeepCredentials, facts: Facts, policy: Policy) -> Decision[Changed | ProveFirst]:
    """Ten new ones, shown once; those before are worth nothing."""
    person = _person(act, facts, policy)
    if not fresh(person, facts, policy):
        return Decision(ProveFirst())
    account_id = person.account.account_id
    codes = recovery_codes.drawn(facts.fresh)
    read = (recovery_codes.read(each) for each in codes)
    hashes = frozenset(recovery_codes.hashed(each, account_id, policy) for each in read if each is not None)
    writes = (ReplaceRecoveryCodes(account_id, hashes), *_told(person, facts.credentials, "codes_made"))
    event = AuditEvent(AuditKind.RECOVERY_CODES_MADE, account_id)
    return Decision(Changed(codes), writes, (event,))


def _person(act: KeepCredentials, facts: Facts, policy: Policy) -> SignedInPerson:
    person = recognise(act.digest, facts, policy).outcome
    if person is None:
        raise PageProblem(NOT_SIGNED_IN, 401)
    return person


def _mine(act: KeepCredentials, facts: Facts, person: SignedInPerson) -> bool:
    found = facts.interaction
    return (
        found is not None
        and found.browser_hash == act.digest
        and found.step == Step.ENROL
        and found.account_id == person.account.account_id
    )


def _told(person: SignedInPerson, credentials: Credentials | None, template: str) -> tuple[Write, ...]:
    """A mail, so that nobody's credentials change unnoticed."""
    if credentials is None or credentials.email is None:
        return ()
    return (SendMail(credentials.email, template, person.account.locale),)
