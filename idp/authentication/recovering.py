"""Recovery of a forgotten password: by a link to the registered address, after a delay in which it can be stopped.

Attack 47, NIST SP 800-63B-4 section 4.2: the mailbox alone proves one thing, so it waits; whoever also shows a code
of the app or a recovery code need not wait. The mail goes to the registered address only, names the time, and carries
the link that stops it. Who asks learns nothing of whether there is an account.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Final

from joserfc.util import urlsafe_b64encode

from idp.authentication import recovery_codes, totp
from idp.authentication.password_choice import Weak, weakness
from idp.authentication.throttling import keyed
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.decision import Decision
from idp.domain.errors import PageProblem
from idp.domain.facts import Facts
from idp.domain.link import Link, LinkPurpose
from idp.domain.needs import Needs
from idp.domain.networks import network_of
from idp.domain.policy import Policy
from idp.domain.writes import (
    ChangePassword,
    CountAttempt,
    DropLinks,
    EndSessionsOf,
    SaveLink,
    SendMail,
    SpendOnce,
    UseLink,
    UseRecoveryCode,
    Write,
)

DAY: Final = 86_400
LINK_GONE: Final = "link_gone"
ASKED_A_DAY: Final = 5
ASKED_FROM_ADDRESS: Final = 30
CODES: Final = 5
_SECRET: Final = 43


def link_digest(secret: str) -> bytes | None:
    """What is stored of a link's secret; None for whatever we never sent."""
    if len(secret) != _SECRET or not secret.isascii():
        return None
    return hashlib.sha256(secret.encode("ascii")).digest()


@dataclass(frozen=True, slots=True)
class AskRecovery:
    """Somebody says that they forgot the password of this number."""

    number: str = field(repr=False)
    address: str = field(repr=False)
    base: str = ""
    """Where links lead: the issuer and the page."""

    def buckets(self, policy: Policy) -> tuple[CountAttempt, CountAttempt]:
        """Five a day for one number, and a bound for one address."""
        return (
            CountAttempt(f"recover:number:{keyed(policy, 'number', self.number)}", DAY, ASKED_A_DAY),
            CountAttempt(
                f"recover:address:{keyed(policy, 'address', network_of(self.address))}",
                DAY,
                ASKED_FROM_ADDRESS,
            ),
        )

    def needs(self, policy: Policy) -> Needs:
        """The account of the number, and how often was asked."""
        names = tuple(each.bucket for each in self.buckets(policy))
        return Needs(personal_number=self.number, credentials=True, throttles=names)


@dataclass(frozen=True, slots=True)
class FollowLink:
    """A link was opened; with ``password_hash`` and the verdict on a new password, acted on."""

    digest: bytes
    code: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    password_hash: str = field(default="", repr=False)
    account_id: str | None = None
    """Whose codes are looked up, as a first look at the link said."""

    @property
    def plain_code(self) -> str:
        """Without spaces."""
        return "".join(self.code.split())

    @property
    def bucket(self) -> str:
        """Tries at a code behind one link."""
        return f"recover:code:{self.digest.hex()}"

    @property
    def needs(self) -> Needs:
        """The link, its account, and whether the code was used."""
        spent = (totp.spent_code(self.account_id, self.plain_code),) if self.account_id and self.code else ()
        return Needs(
            link=self.digest, account_of_link=True, credentials=True, replay=spent, throttles=(self.bucket,)
        )


@dataclass(frozen=True, slots=True)
class Opened:
    """The link lives. ``waits``: it works from :attr:`Link.usable_from` on, or now with a code (``codes``)."""

    link: Link
    waits: bool
    codes: bool


@dataclass(frozen=True, slots=True)
class Recovered:
    """There is a new password."""


@dataclass(frozen=True, slots=True)
class WrongCode:
    """The code that was to save the waiting is not right."""


@dataclass(frozen=True, slots=True)
class Ready:
    """Nothing stands in the way but hashing the new password."""


def ask(asked: AskRecovery, facts: Facts, policy: Policy) -> Decision[None]:
    """Mail the links, if there is an account that can be recovered; the answer is the same for everybody."""
    counts = asked.buckets(policy)
    account, held = facts.account, facts.credentials
    if any(facts.throttles.get(each.bucket, 0) >= (each.limit or 0) for each in counts):
        return Decision(None)
    if account is None or held is None or held.email is None or not account.usable:
        return Decision(None, counts)
    ripe = facts.now + policy.recovery_delay
    ends = ripe + policy.recovery_lifetime
    secrets = {
        purpose: urlsafe_b64encode(facts.fresh.derived(f"link {purpose}")).decode("ascii")
        for purpose in (LinkPurpose.RECOVER, LinkPurpose.CANCEL)
    }
    links = tuple(
        SaveLink(Link(hashlib.sha256(secret.encode()).digest(), purpose, ends, ripe, account.account_id))
        for purpose, secret in secrets.items()
    )
    values = (
        ("hours", str(policy.recovery_delay // 3_600)),
        ("link", f"{asked.base}?t={secrets[LinkPurpose.RECOVER]}"),
        ("cancel", f"{asked.base}/cancel?t={secrets[LinkPurpose.CANCEL]}"),
    )
    writes: tuple[Write, ...] = (
        *counts,
        # A second request replaces the first: two waiting recoveries would need two cancellations.
        DropLinks(account.account_id),
        *links,
        SendMail(held.email, "recovery", account.locale, values),
    )
    return Decision(None, writes, (AuditEvent(AuditKind.RECOVERY_ASKED, account.account_id),))


def look(_act: FollowLink, facts: Facts, _policy: Policy) -> Decision[Opened]:
    """What the page shows. Raises PageProblem for a link that is spent, over, stopped, or none."""
    link = _living(facts, LinkPurpose.RECOVER)
    held = facts.credentials
    codes = held is not None and (held.totp_secret is not None or bool(held.recovery))
    return Decision(Opened(link, facts.now < link.usable_from, codes))


def prepare(act: FollowLink, facts: Facts, policy: Policy) -> Decision[Ready | WrongCode | Weak]:
    """Whether the new password may be set now; a try at a code is counted before it is judged."""
    link = _living(facts, LinkPurpose.RECOVER)
    if facts.account is None:
        raise PageProblem(LINK_GONE, 410)
    weak = weakness(act.password, facts.account.personal_number, facts.account.profile)
    if weak is not None:
        return Decision(weak)
    if facts.now >= link.usable_from:
        return Decision(Ready())
    if facts.throttles.get(act.bucket, 0) >= CODES:
        return Decision(WrongCode())
    count = CountAttempt(act.bucket, policy.recovery_lifetime, CODES)
    return Decision(Ready() if _proof(act, facts, policy) else WrongCode(), (count,))


def complete(act: FollowLink, facts: Facts, policy: Policy) -> Decision[Recovered | WrongCode]:
    """Set the password that was hashed; every session ends, the links are spent."""
    link = _living(facts, LinkPurpose.RECOVER)
    account, held = facts.account, facts.credentials
    if account is None or held is None:
        raise PageProblem(LINK_GONE, 410)
    proof = _proof(act, facts, policy)
    if facts.now < link.usable_from and proof is None:
        return Decision(WrongCode())
    writes: tuple[Write, ...] = (
        *((proof,) if proof is not None and facts.now < link.usable_from else ()),
        UseLink(link.digest),
        DropLinks(account.account_id),
        ChangePassword(account.account_id, act.password_hash),
        EndSessionsOf(account.account_id),
    )
    if held.email is not None:
        writes += (SendMail(held.email, "password_changed", account.locale),)
    return Decision(Recovered(), writes, (AuditEvent(AuditKind.RECOVERED, account.account_id),))


def cancel(_act: FollowLink, facts: Facts, _policy: Policy) -> Decision[None]:
    """Stop it: both links are dead."""
    link = _living(facts, LinkPurpose.CANCEL)
    if link.account_id is None:
        raise PageProblem(LINK_GONE, 410)
    event = AuditEvent(AuditKind.RECOVERY_STOPPED, link.account_id)
    return Decision(None, (DropLinks(link.account_id),), (event,))


def _living(facts: Facts, purpose: LinkPurpose) -> Link:
    link, account = facts.link, facts.account
    if link is None or link.purpose is not purpose or facts.now >= link.expires_at:
        raise PageProblem(LINK_GONE, 410)
    # Locked or closed meanwhile: a recovery unlocks nothing (attack 53).
    if account is None or account.account_id != link.account_id or not account.usable:
        raise PageProblem(LINK_GONE, 410)
    return link


def _proof(act: FollowLink, facts: Facts, policy: Policy) -> SpendOnce | UseRecoveryCode | None:
    """The claim of a right code of the app, or of a recovery code that is left."""
    held, account = facts.credentials, facts.account
    if held is None or account is None or not act.code or act.account_id != account.account_id:
        return None
    letters = recovery_codes.read(act.code)
    if letters is not None:
        digest = recovery_codes.hashed(letters, account.account_id, policy)
        return UseRecoveryCode(account.account_id, digest) if digest in held.recovery else None
    if held.totp_secret is None:
        return None
    step = totp.matching_step(held.totp_secret, act.plain_code, facts.now)
    if step is None:
        return None
    claim = totp.spend_code(account.account_id, act.plain_code, step)
    return claim if claim.key not in facts.spent else None
