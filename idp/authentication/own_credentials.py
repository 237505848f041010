"""A person's own means of signing in, as the account centre shows and changes them, and nobody elsewhere.

Every change wants the strongest that the account has, given within the last minutes (Keycloak CVE-2026-3429, attack
47), is told of by mail, and stands in the history. The acts stand in :mod:`.own_password` and
:mod:`.authenticator_app`; recovery codes are made here.
"""

from dataclasses import dataclass, field
from typing import Final

from idp.accounts.telling import told
from idp.authentication import recovery_codes
from idp.authentication.begin import SignedInPerson, person_of
from idp.authentication.passkey_keeping import ProveFirst, is_fresh
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.decision import Decision
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.policy import Policy
from idp.domain.session import Interaction, Step
from idp.domain.writes import NotifyLogout, ReplaceRecoveryCodes

WINDOW: Final = 900
"""Seconds within which wrong answers are counted."""


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
class NotRight:
    """The present password or the app's code is wrong."""


@dataclass(frozen=True, slots=True)
class TooOften:
    """Too many wrong ones; come back later."""


def standing(act: KeepCredentials, facts: Facts, policy: Policy) -> Decision[Standing]:
    """Where the person's credentials stand. Raises PageProblem when nobody is signed in."""
    person = person_of(act.digest, facts, policy)
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


def make_codes(act: KeepCredentials, facts: Facts, policy: Policy) -> Decision[Changed | ProveFirst]:
    """Ten new ones, shown once; those before are worth nothing."""
    person = person_of(act.digest, facts, policy)
    if not fresh(person, facts, policy):
        return Decision(ProveFirst())
    account_id = person.account.account_id
    codes = recovery_codes.drawn(facts.fresh)
    read = (recovery_codes.read(each) for each in codes)
    hashes = frozenset(recovery_codes.hashed(each, account_id, policy) for each in read if each is not None)
    writes = (
        ReplaceRecoveryCodes(account_id, hashes),
        *told(person.account, facts.credentials, "codes_made"),
    )
    event = AuditEvent(AuditKind.RECOVERY_CODES_MADE, account_id)
    return Decision(Changed(codes), writes, (event,))


def _mine(act: KeepCredentials, facts: Facts, person: SignedInPerson) -> bool:
    found = facts.interaction
    return (
        found is not None
        and found.browser_hash == act.digest
        and found.step == Step.ENROL
        and found.account_id == person.account.account_id
    )


def password_bucket(account_id: str) -> str:
    """Tries at the present password from inside a session."""
    return f"own:password:{account_id}"


def app_bucket(interaction_id: str) -> str:
    """Tries at the first code of a new app."""
    return f"own:app:{interaction_id}"
