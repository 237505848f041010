"""What an account remembers for its person: consents, reports of misuse, cases, dependants."""

from dataclasses import field

from idp.domain.values import frozen


@frozen
class RememberConsent:
    """The person agreed that this client receives these scopes and claims."""

    account_id: str
    client_id: str
    items: frozenset[str]


@frozen
class WithdrawConsent:
    """The person withdrew what they had agreed to; the client's grants die with it."""

    account_id: str
    client_id: str


@frozen
class ReportMisuse:
    """The person says that an entry of their log should not be; a conflict when they said so before."""

    account_id: str
    source: str
    reference: str
    said: str = field(repr=False)


@frozen
class KeepCase:
    """A request that the centre decides; ``replaces`` is the state it must still have, None for a new one.

    The columns are those of :class:`idp.accounts.cases.Case`.
    """

    case_id: str
    account_id: str
    kind: str
    reason: str | None
    file: str
    requested_by: str
    requested_at: int
    state: str
    forwarded_by: str | None = None
    decided_by: str | None = None
    decided_at: int | None = None
    replaces: str | None = None


@frozen
class KeepDependant:
    """The registry named this account's holder as parent or guardian; ``reference`` is a keyed hash of the number."""

    account_id: str
    reference: bytes
    number: str = field(repr=False)
    name: str = field(repr=False)
    born: str = field(repr=False)
    relation: str


@frozen
class ForgetDependant:
    """The person no longer wants to see somebody here."""

    account_id: str
    reference: bytes


ConsentWrite = RememberConsent | WithdrawConsent
OwnRecordWrite = ReportMisuse | KeepCase | KeepDependant | ForgetDependant
