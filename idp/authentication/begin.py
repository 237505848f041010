"""Coming by oneself, and looking at where an interaction stands: nothing is judged here."""

import hashlib
from dataclasses import dataclass, field
from typing import Final

from idp.authentication.session import cookie_digest
from idp.authentication.steps import current
from idp.domain.account import Account, Credentials
from idp.domain.client import Client
from idp.domain.decision import Decision
from idp.domain.errors import PageProblem
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.policy import Policy
from idp.domain.session import Interaction, Session
from idp.domain.writes import SaveInteraction

NOT_SIGNED_IN: Final = "sign_in_needed"


@dataclass(frozen=True, slots=True)
class Visit:
    """A person opens the sign-in page by themselves. ``next_path`` is one of our own, never from the browser.

    ``cookie`` is the browser's interaction cookie, if it has one.
    """

    next_path: str
    locale: str
    required_level: int = 1
    cookie: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Begun:
    """An interaction waits for a password; ``cookie`` binds it to this browser."""

    interaction_id: str
    cookie: str = field(repr=False)


def begin(visit: Visit, facts: Facts, policy: Policy) -> Decision[Begun]:
    """A fresh interaction. Several tabs share the browser's secret, so that one does not end the other."""
    held = visit.cookie if cookie_digest(visit.cookie) is not None else None
    cookie = held or facts.fresh.cookie
    interaction = Interaction(
        interaction_id=facts.fresh.interaction_id,
        browser_hash=hashlib.sha256(cookie.encode("ascii")).digest(),
        request=None,
        created_at=facts.now,
        expires_at=facts.now + policy.interaction_lifetime,
        required_level=visit.required_level,
        next_path=visit.next_path,
        locale=visit.locale,
    )
    return Decision(Begun(interaction.interaction_id, cookie), (SaveInteraction(interaction),))


@dataclass(frozen=True, slots=True)
class Look:
    """A browser asks where its interaction stands."""

    interaction_id: str
    browser: bytes | None
    digest: bytes | None = None

    @property
    def needs(self) -> Needs:
        """The interaction, its client, and the account that it or the session names."""
        return Needs(
            interaction_id=self.interaction_id,
            session_digest=self.digest,
            account_of_interaction=True,
            client_of_interaction=True,
            credentials=True,
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """What the page may be made from; ``now`` in epoch seconds."""

    interaction: Interaction
    client: Client | None
    account: Account | None
    credentials: Credentials | None
    now: int
    amr: tuple[str, ...] = ()
    """What was proven so far: in this interaction, or in the session that it raises."""


def look(asked: Look, facts: Facts, _policy: Policy) -> Decision[Seen]:
    """The interaction of this browser. Raises PageProblem when there is none."""
    interaction = current(facts, asked.browser)
    events = interaction.events or (facts.session.events if facts.session is not None else ())
    amr = tuple(event.method for event in events)
    return Decision(Seen(interaction, facts.client, facts.account, facts.credentials, facts.now, amr))


@dataclass(frozen=True, slots=True)
class SignedInPerson:
    """Whose session this browser holds."""

    session: Session
    account: Account
    now: int


def recognise(digest: bytes | None, facts: Facts, _policy: Policy) -> Decision[SignedInPerson | None]:
    """The person of a living session with a usable account, else None."""
    session, account = facts.session, facts.account
    if (
        digest is None
        or session is None
        or account is None
        or session.expires_at <= facts.now
        or account.account_id != session.account_id
        or not account.usable
    ):
        return Decision(None)
    return Decision(SignedInPerson(session, account, facts.now))


def person_of(digest: bytes | None, facts: Facts, policy: Policy) -> SignedInPerson:
    """As :func:`recognise`. Raises PageProblem when nobody is signed in."""
    person = recognise(digest, facts, policy).outcome
    if person is None:
        raise PageProblem(NOT_SIGNED_IN, 401)
    return person
