"""Asking online for a level-1 account (Decree 69/2024/NĐ-CP, Arts. 10, 14), and taking an issued account into use.

The address is confirmed first, by a link; only then is the registry asked, so that nobody reads anything about
anybody from the first page. What is matched: number, name, birth date, and the day on which the card was issued,
which stands on the card and nowhere else. A face is not compared here (see docs/accounts.md).
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from joserfc.util import urlsafe_b64encode

from idp.accounts.holding import ONLINE, Applicant, may_hold
from idp.accounts.life import SELF_ACTIVATION, NotAllowed
from idp.authentication.recovering import LINK_GONE
from idp.authentication.throttling import keyed
from idp.domain.account import AccountType
from idp.domain.decision import Decision
from idp.domain.errors import PageProblem
from idp.domain.facts import Facts, Fresh
from idp.domain.link import Link, LinkPurpose
from idp.domain.needs import Needs
from idp.domain.networks import network_of
from idp.domain.policy import Policy
from idp.domain.writes import CountAttempt, SaveLink, SendMail

DAY: Final = 86_400
CONFIRM_WITHIN: Final = 3_600
FOR_NUMBER, FROM_ADDRESS, TO_MAILBOX = 5, 30, 3
LONGEST_ADDRESS: Final = 254
_MAILBOX: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+"
)


def read_mailbox(text: str) -> str | None:
    """An e-mail address as HTML reads it, of no more than 254 characters; None for anything else."""
    return text if len(text) <= LONGEST_ADDRESS and _MAILBOX.fullmatch(text) else None


@dataclass(frozen=True, slots=True)
class AccountRequest:
    """Who asks for an account; dates as ``yyyy-mm-dd``."""

    number: str = field(repr=False)
    name: str = field(repr=False)
    born: str = field(repr=False)
    card_issued: str = field(repr=False)
    email: str = field(repr=False)
    locale: str = "vi"

    @property
    def record(self) -> tuple[str, ...]:
        """What a link keeps of it."""
        return (self.number, self.name, self.born, self.card_issued, self.email, self.locale)


@dataclass(frozen=True, slots=True)
class AskAccount:
    """A request from an address; ``base`` is where its link leads."""

    asked: AccountRequest
    address: str = field(repr=False)
    base: str

    def buckets(self, policy: Policy) -> tuple[CountAttempt, ...]:
        """Bounds for one number, one network and one mailbox."""
        mailbox = self.asked.email.lower()
        return (
            CountAttempt(f"open:number:{keyed(policy, 'number', self.asked.number)}", DAY, FOR_NUMBER),
            CountAttempt(
                f"open:address:{keyed(policy, 'address', network_of(self.address))}", DAY, FROM_ADDRESS
            ),
            CountAttempt(f"open:mailbox:{keyed(policy, 'mailbox', mailbox)}", DAY, TO_MAILBOX),
        )

    def needs(self, policy: Policy) -> Needs:
        """How often was asked."""
        return Needs(throttles=tuple(each.bucket for each in self.buckets(policy)))


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """A link of a request or an activation, by the hash of its secret."""

    digest: bytes
    purpose: LinkPurpose

    @property
    def needs(self) -> Needs:
        """The link and its account."""
        return Needs(link=self.digest, account_of_link=True)


@dataclass(frozen=True, slots=True)
class Found:
    """The living link; whose profile it is, and when it was looked at."""

    link: Link
    now: int
    fresh: Fresh
    number: str = field(default="", repr=False)
    profile: Mapping[str, object] = field(default_factory=dict, repr=False)


def ask(act: AskAccount, facts: Facts, policy: Policy) -> Decision[None]:
    """Mail the link that confirms the address; the page says the same whatever happens."""
    counts = act.buckets(policy)
    if any(facts.throttles.get(each.bucket, 0) >= (each.limit or 0) for each in counts):
        return Decision(None)
    secret, link = made(facts.fresh, LinkPurpose.OPEN, facts.now + CONFIRM_WITHIN, record=act.asked.record)
    mail = SendMail(act.asked.email, "open_account", act.asked.locale, (("link", f"{act.base}?t={secret}"),))
    return Decision(None, (*counts, SaveLink(link), mail))


def look(opened: OpenedLink, facts: Facts, _policy: Policy) -> Decision[Found]:
    """The link, if it lives and is of this purpose. Raises PageProblem."""
    link = facts.link
    if link is None or link.purpose is not opened.purpose or facts.now >= link.expires_at:
        raise PageProblem(LINK_GONE, 410)
    account = facts.account
    if account is None:
        return Decision(Found(link, facts.now, facts.fresh))
    return Decision(Found(link, facts.now, facts.fresh, account.personal_number, account.profile))


def refusal_of(asked: AccountRequest, profile: Mapping[str, object] | None, today: date) -> str | None:
    """Why no account is issued, or None. ``profile``: what the registry said, None when it did not match."""
    card = profile.get("registry_card") if profile is not None else None
    if not isinstance(card, Mapping):
        return "no_match"
    if card.get("issued") != asked.card_issued:
        return "no_match"
    expires = card.get("expires")
    valid = not isinstance(expires, str) or expires >= today.isoformat()
    applicant = Applicant(AccountType.CITIZEN, date.fromisoformat(asked.born), has_card=valid)
    try:
        may_hold(applicant, ONLINE, today)
    except NotAllowed as refused:
        return refused.code
    return None


def activation(fresh: Fresh, account_id: str, now: int) -> tuple[str, Link]:
    """The link that takes an issued account into use, for seven days (Art. 14): its secret, and what is kept."""
    return made(fresh, LinkPurpose.ACTIVATE, now + SELF_ACTIVATION, account_id=account_id)


def made(
    fresh: Fresh,
    purpose: LinkPurpose,
    expires_at: int,
    *,
    account_id: str | None = None,
    record: tuple[str, ...] = (),
) -> tuple[str, Link]:
    """A fresh link: its secret for the mail, and what is kept."""
    secret = urlsafe_b64encode(fresh.derived(f"link {purpose}")).decode("ascii")
    digest = hashlib.sha256(secret.encode("ascii")).digest()
    return secret, Link(digest, purpose, expires_at, account_id=account_id, record=record)
