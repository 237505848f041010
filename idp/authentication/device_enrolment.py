"""Registering the e-ID app on a phone: somebody who just proved two factors, and a key that proves itself.

Who registers one signed in with a code or a passkey within the last minutes, to an account of level 2. A sign-in that
an app approved is no such factor: else one relayed code would be enough to stay for ever (attack 45, Keycloak
CVE-2026-37982). The challenge belongs to one account, lives five minutes and is spent by its first registration.
"""

import hashlib
from dataclasses import dataclass, field, replace
from typing import Final

from idp.accounts.device_acts import ALGORITHMS, ENROL_TYP, LONGEST, DeviceRefused, jwk_of, read_key
from idp.accounts.pins import weakness
from idp.accounts.telling import told
from idp.authentication.passkey_keeping import SECOND_FACTORS, clean_name
from idp.authentication.steps import enrolling
from idp.domain.account import AccountType
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.decision import Decision
from idp.domain.device_key import DeviceKey
from idp.domain.facts import Facts
from idp.domain.grant import Grant
from idp.domain.needs import Needs
from idp.domain.policy import Policy
from idp.domain.session import Challenge, Step
from idp.domain.writes import AddDevice, FinishInteraction, SaveInteraction, Write
from keys import PublicKeySet, VerificationFailed, base64url

STEP: Final = "device"
"""What its challenge is for, so that no passkey answers it and no device key answers another."""
LEVEL: Final = 2
KINDS: Final = frozenset({AccountType.CITIZEN, AccountType.FOREIGNER})


@dataclass(frozen=True, slots=True)
class Enrolling:
    """What the new key must sign."""

    interaction_id: str
    challenge: str = field(repr=False)
    expires_in: int


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the app sent: its key, the proof that it holds the other half, and the PIN's hash once it was made."""

    interaction_id: str
    jwk: object = field(repr=False)
    proof: str = field(repr=False)
    name: str = field(default="", repr=False)
    pin: str = field(default="", repr=False)
    pin_hash: str = field(default="", repr=False)

    @property
    def needs(self) -> Needs:
        """The interaction, whose account it is, and what that account has already."""
        return Needs(
            interaction_id=self.interaction_id, account_of_interaction=True, credentials=True, devices=True
        )


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The phone is known from now on."""

    device_id: str


def invite(grant: Grant, facts: Facts, policy: Policy) -> Decision[Enrolling]:
    """A challenge for the account of an access token. Raises DeviceRefused."""
    account = facts.account
    if account is None or not account.usable or account.account_id != grant.account_id:
        raise DeviceRefused("unknown_device", 401)
    if account.level < LEVEL or account.account_type not in KINDS:
        raise DeviceRefused("level_2_needed")
    recent = grant.auth_time is not None and facts.now - grant.auth_time <= policy.fresh_factor
    if not recent or not SECOND_FACTORS.intersection(grant.amr):
        # RFC 9470 section 3: the same token with a newer and stronger sign-in behind it would do.
        raise DeviceRefused("sign_in_again", 401, max_age=policy.fresh_factor)
    secret = facts.fresh.derived("device challenge")
    text = base64url.encode(secret).decode("ascii")
    ends = facts.now + policy.challenge_lifetime
    browser = hashlib.sha256(text.encode("ascii")).digest()
    interaction = enrolling(facts, browser, account.account_id, Challenge(secret, STEP, ends))
    outcome = Enrolling(interaction.interaction_id, text, policy.challenge_lifetime)
    return Decision(outcome, (SaveInteraction(interaction),))


def judge(enrolment: Enrolment, facts: Facts, policy: Policy) -> Decision[Enrolled]:
    """Keep the key. Raises DeviceRefused; before there is a PIN's hash everything but that is judged."""
    interaction, account = facts.interaction, facts.account
    if (
        interaction is None
        or interaction.step != Step.ENROL
        or interaction.challenge is None
        or interaction.challenge.step != STEP
        or facts.now >= interaction.challenge.expires_at
        or account is None
        or account.account_id != interaction.account_id
        or not account.usable
        or account.level < LEVEL
    ):
        raise DeviceRefused("enrolment_gone", 410)
    device_id, x, y = read_key(enrolment.jwk)
    _must_hold(enrolment, interaction.challenge, device_id, x, y, policy)
    if len(facts.devices) >= policy.most_devices:
        raise DeviceRefused("enough_devices", 409, most=policy.most_devices)
    weak = weakness(enrolment.pin, account)
    if weak is not None:
        raise DeviceRefused(f"pin_{weak}", 422)
    name = clean_name(enrolment.name) or "e-ID"
    device = DeviceKey(
        device_id, account.account_id, x, y, name, enrolment.pin_hash, facts.now, last_used_at=0
    )
    if not enrolment.pin_hash:
        return Decision(Enrolled(device_id))
    writes: tuple[Write, ...] = (
        FinishInteraction(interaction.interaction_id),
        AddDevice(device, policy.most_devices),
        *told(account, facts.credentials, "device_added", ("name", name)),
    )
    return Decision(Enrolled(device_id), writes, (AuditEvent(AuditKind.DEVICE_ADDED, account.account_id),))


def hashed(enrolment: Enrolment, pin_hash: str) -> Enrolment:
    """The same, with the hash of its PIN."""
    return replace(enrolment, pin_hash=pin_hash)


def _must_hold(
    enrolment: Enrolment, challenge: Challenge, device_id: str, x: bytes, y: bytes, policy: Policy
) -> None:
    """Proof of possession: the key signs this challenge, for this provider, and its own thumbprint."""
    known = PublicKeySet.from_jwks({"keys": [jwk_of(x, y) | {"kid": device_id}]})
    try:
        claims = known.verify(enrolment.proof, algorithms=ALGORITHMS, typ=ENROL_TYP, max_bytes=LONGEST)
    except VerificationFailed:
        raise DeviceRefused("wrong_proof", 400) from None
    wanted = base64url.encode(challenge.value).decode("ascii")
    if (
        claims.get("aud") != policy.issuer
        or claims.get("challenge") != wanted
        or claims.get("sub") != device_id
    ):
        raise DeviceRefused("wrong_proof", 400)
