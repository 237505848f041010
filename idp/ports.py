"""The interfaces between the loop and the outside. One adapter each, tested on the real engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from idp.accounts.acts import Act
from idp.accounts.cases import Case
from idp.accounts.life import Life
from idp.accounts.registry_events import RegistryEvent
from idp.domain.client import Client
from idp.domain.decision import Committed, Conflict, Decision
from idp.domain.facts import Facts
from idp.domain.link import Link
from idp.domain.needs import Needs
from idp.domain.session import Participant, Session
from idp.domain.writes import KeepCase, SendMail


class Unavailable(Exception):
    """Redis, PostgreSQL or the registry does not answer; ``retry_after`` in seconds."""

    def __init__(self, part: str, retry_after: int = 2) -> None:
        super().__init__(part)
        self.part = part
        self.retry_after = retry_after


class Loading(Protocol):
    """Fetches every fact at once."""

    async def load(self, needs: Needs) -> Facts:
        """The facts, with the time and fresh random bytes inside. Raises :class:`Unavailable`."""
        ...


class Committing(Protocol):
    """Makes a decision true before anybody hears of it."""

    async def commit(self, decision: Decision[object]) -> Committed | Conflict:
        """Claims first, atomically, in Redis; then rows and audit events in one transaction.

        Raises :class:`Unavailable`; then nothing was granted, though a claimed code may be lost.
        """
        ...


class PublishedKeys(Protocol):
    """What clients publish at their ``jwks_uri``."""

    async def document(self, uri: str, texts: Sequence[str]) -> Mapping[str, object] | None:
        """The JWK Set at ``uri``; None when there is none that may be used now.

        It is fetched again, seldom, when a JOSE text names a ``kid`` that it lacks. The same document is the same
        value. Never raises.
        """
        ...


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as another person names them: number, name, birth date (``yyyy-mm-dd``, ``yyyy-mm`` or ``yyyy``)."""

    number: str = field(repr=False)
    name: str = field(repr=False)
    born: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Access:
    """One row of the registry's access log; ``at`` in epoch milliseconds, ``fields``: each verified or released.

    ``cursor`` leads to what is older than this row.
    """

    entry_id: str
    at: int
    client: str
    agency: str
    officer: str | None
    purpose: str
    procedure: str
    dossier: str | None
    fields: Mapping[str, str]
    cursor: str


@dataclass(frozen=True, slots=True)
class AccessPage:
    """Rows, newest first, and the way to older ones."""

    entries: tuple[Access, ...] = ()
    cursor: str | None = None


class Registry(Protocol):
    """The population registry seen from the provider."""

    async def signed(self, token: str, *, typ: str, algorithms: Sequence[str]) -> Mapping[str, object]:
        """The claims of a token that the registry signed.

        Raises :class:`keys.VerificationFailed`; :class:`Unavailable` when its keys cannot be had.
        """
        ...

    async def identity(self, personal_number: str, name: str, born: str) -> bool:
        """Whether number, name and birth date are one living person's. Raises :class:`Unavailable`."""
        ...

    async def relation(self, guardian: str, acr: str, dependant: Person) -> str | None:
        """``child`` or ``ward``: what the person is to the holder of ``guardian``. Raises :class:`Unavailable`."""
        ...

    async def represents(self, guardian: Person, acr: str, number: str) -> str | None:
        """``parent`` or ``guardian``: as what somebody acts for the holder of ``number`` today; None for neither.

        Raises :class:`Unavailable`.
        """
        ...

    async def accesses(self, personal_number: str, cursor: str | None, limit: int) -> AccessPage:
        """Who asked the registry about this person. Raises :class:`Unavailable`."""
        ...

    async def hold(self, personal_number: str, *, locked: bool) -> None:
        """Tell whether the account of this number is locked; twice the same does no harm.

        Nothing that was filed with a locked account is decided. Raises :class:`Unavailable`.
        """
        ...

    async def report_misuse(self, report: Mapping[str, object]) -> None:
        """Hand a report over to the reviewers; its id is the same at every try. Raises :class:`Unavailable`."""
        ...

    async def profile(self, personal_number: str) -> Mapping[str, object] | None:
        """OpenID claims of a person for their own account, or None when the registry knows nobody usable."""
        ...


class AccountLives(Protocol):
    """Where accounts stand; see :mod:`idp.accounts`."""

    async def apply(
        self,
        account_id: str,
        act: Act,
        *,
        beside: KeepCase | None = None,
        contacts: Mapping[str, str] | None = None,
        anew: str | None = None,
    ) -> Life | None:
        """Where the account stands after the act; None when there is none.

        ``beside``: the case that becomes true with it; ``contacts``: another ``email`` or ``phone``;
        ``anew``: the password hash with which everything that proved the holder before is gone. Raises
        NotAllowed, and :class:`Unavailable`.
        """
        ...

    async def standing(self, account_id: str) -> Life | None:
        """Where the account stands now; None when there is none. Raises :class:`Unavailable`."""
        ...


@dataclass(frozen=True, slots=True)
class NewAccount:
    """Who gets an account. ``request``: hash of the link that asked for it, None for one issued in person.

    ``items`` name the officer and the case in the log.
    """

    account_id: str
    number: str = field(repr=False)
    password_hash: str = field(repr=False)
    email: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    locale: str = "vi"
    request: bytes | None = field(default=None, repr=False)
    items: tuple[str, ...] = ()


class AccountIssuing(Protocol):
    """Begins accounts."""

    async def issue(self, new: NewAccount, life: Life, activation: Link, mail: SendMail | None) -> bool:
        """Begin the account and send the notice; False when the request was used, or the number has an account.

        Raises :class:`Unavailable`.
        """
        ...

    async def link(self, account_id: str, act: Act, link: Link, mail: SendMail | None) -> None:
        """Apply an act that gives an account a link. Raises NotAllowed, and :class:`Unavailable`."""
        ...

    async def activate(self, account_id: str, link: bytes, act: Act, password_hash: str) -> bool:
        """Spend the link, take the account into use with this password; False when the link was used.

        Raises :class:`idp.accounts.life.NotAllowed`, and :class:`Unavailable`.
        """
        ...


class RegistryHearing(Protocol):
    """What the population registry tells of people with an account."""

    async def hear(self, event: RegistryEvent) -> str:
        """Apply one event of the registry, once, however often it comes; what became of it.

        Raises :class:`Unavailable`; then it may be sent again.
        """
        ...


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of the audit log as its subject may read it; ``at`` in epoch seconds."""

    at: int
    kind: str
    client_id: str | None = None
    acr: str | None = None
    claims: tuple[str, ...] = ()
    reason: str | None = None
    seq: int = 0
    """Its place in the log."""
    at_ms: int = 0
    """``at`` in epoch milliseconds."""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a report of misuse; ``at`` in epoch seconds, ``answer`` the reviewer's words for the person."""

    source: str
    reference: str
    said: str = field(repr=False)
    state: str
    at: int
    answer: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class KnownDependant:
    """A dependant as the registry last confirmed; ``confirmed_at`` in epoch seconds."""

    reference: bytes
    person: Person
    relation: str
    confirmed_at: int


class OwnRecords(Protocol):
    """What a person keeps here beside their account: reports, requests to the centre, dependants."""

    async def reports(self, account_id: str) -> tuple[Report, ...]:
        """Newest first."""
        ...

    async def cases(self, account_id: str) -> tuple[Case, ...]:
        """Newest first."""
        ...

    async def open_cases(self) -> tuple[Case, ...]:
        """Everybody's that nobody has decided, the oldest first."""
        ...

    async def case(self, case_id: str) -> Case | None:
        """One case, whoever's it is."""
        ...

    async def dependants(self, account_id: str) -> tuple[KnownDependant, ...]:
        """By name."""
        ...

    def reference(self, account_id: str, number: str) -> bytes:
        """What stands for a dependant's number."""
        ...


class AccountRecords(Protocol):
    """What the account centre shows a person of themselves; read-only, one account at a time."""

    async def history(
        self, account_id: str, *, limit: int = 50, before: int | None = None
    ) -> tuple[HistoryEntry, ...]:
        """Lines of the audit log about this account, newest first, those before a place (Law 91/2025, Art. 4)."""
        ...

    async def sessions(self, account_id: str) -> tuple[Session, ...]:
        """Living browser sessions of this account and of nobody else, newest first."""
        ...

    async def participants(self, session_ids: Sequence[str]) -> Mapping[str, tuple[Participant, ...]]:
        """The clients that took part in each of these sessions and must hear of its end."""
        ...

    async def clients(self) -> Mapping[str, Client]:
        """Every registered client by id, from the in-process snapshot."""
        ...
