"""A person's own passkeys: made, renamed and removed in the account centre, by nobody else and nowhere else.

Who adds or removes one gave a second factor within the last minutes (Keycloak CVE-2026-3429: a level that was not
enforced where credentials are deleted). No link by mail leads here, and an enrolment belongs to one browser session
and ends with its first answer (Keycloak CVE-2026-37982: a replayed link enrolled a stranger's authenticator).
"""

from dataclasses import dataclass, field

from idp.accounts.telling import told
from idp.authentication import passkeys
from idp.authentication.begin import SignedInPerson, person_of
from idp.authentication.steps import GONE, answering, enrolling
from idp.domain.account import Credentials
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.decision import Decision
from idp.domain.errors import PageProblem
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.passkey import Passkey
from idp.domain.policy import Policy
from idp.domain.session import Challenge, Session, Step
from idp.domain.writes import (
    AddPasskey,
    FinishInteraction,
    RemovePasskey,
    RenamePasskey,
    SaveInteraction,
)

SECOND_FACTORS = frozenset({"otp", "pop"})
LONGEST_NAME = 60
PASSKEY_GONE = "passkey_gone"
ENOUGH = "enough_passkeys"


@dataclass(frozen=True, slots=True)
class KeepPasskeys:
    """An act of the holder of the session cookie on their own passkeys; the account is the session's.

    ``interaction_id`` and ``answer`` belong to a new passkey, ``credential_id`` to one that is there.
    """

    digest: bytes | None
    credential_id: bytes = b""
    name: str = field(default="", repr=False)
    interaction_id: str | None = None
    answer: str = field(default="", repr=False)

    @property
    def needs(self) -> Needs:
        """The session, its account, and all that the account proves itself with."""
        return Needs(
            session_digest=self.digest,
            account_of_session=True,
            credentials=True,
            passkeys=True,
            interaction_id=self.interaction_id,
            passkey_id=passkeys.credential_id(self.answer),
        )


@dataclass(frozen=True, slots=True)
class ProveFirst:
    """A second factor is needed, given now."""


@dataclass(frozen=True, slots=True)
class Held:
    """The person and their passkeys. ``fresh``: they may add and remove now; ``other``: another second factor."""

    person: SignedInPerson
    passkeys: tuple[Passkey, ...]
    fresh: bool
    other: bool


@dataclass(frozen=True, slots=True)
class Enrolling:
    """The browser may make a passkey by these options."""

    interaction_id: str
    options: dict[str, object] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Done:
    """It is so."""


@dataclass(frozen=True, slots=True)
class NotMade:
    """What came was no passkey for this challenge, or is known already."""


@dataclass(frozen=True, slots=True)
class LastFactor:
    """Without it no second factor would be left: nothing was removed."""


def held(act: KeepPasskeys, facts: Facts, policy: Policy) -> Decision[Held]:
    """What the pages show. Raises PageProblem when nobody is signed in."""
    person = person_of(act.digest, facts, policy)
    fresh = is_fresh(person.session, facts.now, policy)
    return Decision(Held(person, facts.passkeys, fresh, _has_code(facts.credentials)))


def begin(act: KeepPasskeys, facts: Facts, policy: Policy) -> Decision[Enrolling | ProveFirst]:
    """A challenge for a new passkey, in an interaction that only this session can answer."""
    person = person_of(act.digest, facts, policy)
    if not is_fresh(person.session, facts.now, policy):
        return Decision(ProveFirst())
    if len(facts.passkeys) >= policy.most_passkeys:
        raise PageProblem(ENOUGH, 409)
    # 13.4 "Credential IDs" and 14.6.1: the user handle holds no personal data; one for all passkeys of an account.
    handle = facts.passkeys[0].user_handle if facts.passkeys else facts.fresh.derived("passkey user handle")
    ends = facts.now + policy.challenge_lifetime
    challenge = Challenge(facts.fresh.derived("passkey challenge"), Step.ENROL, ends, handle)
    interaction = enrolling(facts, act.digest or b"", person.account.account_id, challenge)
    options = passkeys.creation_options(challenge, person.account, facts.passkeys, policy)
    return Decision(Enrolling(interaction.interaction_id, options), (SaveInteraction(interaction),))


def add(act: KeepPasskeys, facts: Facts, policy: Policy) -> Decision[Done | NotMade | ProveFirst]:
    """Keep the passkey that was made; whatever comes, the challenge is spent."""
    person = person_of(act.digest, facts, policy)
    account = person.account
    interaction = answering(facts, act.digest, Step.ENROL)
    challenge = interaction.challenge
    if challenge is None or challenge.step != Step.ENROL or interaction.account_id != account.account_id:
        raise PageProblem(GONE, 410, cause="an enrolment of somebody else")
    if not is_fresh(person.session, facts.now, policy):
        return Decision(ProveFirst())
    spent = FinishInteraction(interaction.interaction_id)
    new = passkeys.made(act.answer, challenge, account.account_id, act.name, facts.now, policy)
    # 7.1 step 26: "Verify that the credentialId is not yet registered for any user."
    if new is None or facts.passkey is not None or len(facts.passkeys) >= policy.most_passkeys:
        return Decision(NotMade(), (spent,))
    mail = told(person.account, facts.credentials, "passkey_added", ("name", act.name))
    return Decision(Done(), (spent, AddPasskey(new), *mail), (_event(AuditKind.PASSKEY_ADDED, person),))


def rename(act: KeepPasskeys, facts: Facts, policy: Policy) -> Decision[Done]:
    """Another name for one of mine."""
    person = person_of(act.digest, facts, policy)
    _mine(act, facts)
    write = RenamePasskey(person.account.account_id, act.credential_id, act.name)
    return Decision(Done(), (write,), (_event(AuditKind.PASSKEY_RENAMED, person),))


def remove(act: KeepPasskeys, facts: Facts, policy: Policy) -> Decision[Done | ProveFirst | LastFactor]:
    """Forget one of mine; never the last second factor."""
    person = person_of(act.digest, facts, policy)
    passkey = _mine(act, facts)
    if not is_fresh(person.session, facts.now, policy):
        return Decision(ProveFirst())
    other = _has_code(facts.credentials)
    if not other and len(facts.passkeys) == 1:
        return Decision(LastFactor())
    write = RemovePasskey(person.account.account_id, act.credential_id, keep_one=not other)
    mail = told(person.account, facts.credentials, "passkey_removed", ("name", passkey.name))
    return Decision(Done(), (write, *mail), (_event(AuditKind.PASSKEY_REMOVED, person),))


def is_fresh(session: Session, now: int, policy: Policy) -> bool:
    """Whether a second factor was given just now, whatever was given long ago."""
    return any(
        event.method in SECOND_FACTORS and now - event.at <= policy.fresh_factor for event in session.events
    )


def clean_name(text: str) -> str:
    """A name as it is kept: one line, no control characters, not too long; empty when nothing is left."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())[:LONGEST_NAME]


def _mine(act: KeepPasskeys, facts: Facts) -> Passkey:
    found = next((each for each in facts.passkeys if each.credential_id == act.credential_id), None)
    if found is None:
        raise PageProblem(PASSKEY_GONE, 410)
    return found


def _has_code(credentials: Credentials | None) -> bool:
    return credentials is not None and credentials.has_second_factor


def _event(kind: AuditKind, person: SignedInPerson) -> AuditEvent:
    return AuditEvent(kind, person.account.account_id)
