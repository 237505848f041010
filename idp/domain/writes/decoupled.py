"""What becomes true of a decoupled request. Each write names one request and may lose a race."""

from dataclasses import field

from idp.domain.decoupled import Approval, DecoupledRequest
from idp.domain.grant import AccessState, Grant, RefreshState
from idp.domain.values import frozen


@frozen
class OpenDecoupled:
    """A request begins to wait.

    A conflict when its user code is taken, when so many wait for the person already, or when they blocked the client.
    """

    request: DecoupledRequest
    interval: int


@frozen
class NotePoll:
    """The client polled at ``at``.

    ``last``: a conflict when somebody polled since. None: too early, and the interval grows by ``slower`` seconds,
    whoever else polls.
    """

    request_id: str
    at: int
    last: int | None
    slower: int = 0


@frozen
class DecideDecoupled:
    """The person says yes (``approval``) or no (None), once. A conflict when the request waits no more."""

    request: DecoupledRequest
    approval: Approval | None = None


@frozen
class KeepApproved:
    """What was just approved belongs to this account: it dies with the account's grants.

    A conflict when the account's epoch moved since ``account_epoch`` was loaded; then the approval never was.
    """

    request: DecoupledRequest
    account_id: str
    account_epoch: int


@frozen
class RedeemDecoupled:
    """An approved request becomes a grant with its first tokens, once.

    A conflict when it is not approved any more, or when the account's epoch moved.
    """

    grant: Grant
    access: AccessState | None
    refresh: RefreshState | None
    account_epoch: int


@frozen
class BlockClient:
    """For ``seconds`` no back-channel request of this client reaches this person."""

    account_id: str
    client_id: str
    seconds: int


@frozen
class RememberSubject:
    """Which account a client means by this pseudonym when it hints at somebody (CIBA Core section 7.1)."""

    subject: str
    account_id: str


@frozen
class PingClient:
    """Queue one ping: the answer to ``auth_req_id`` is ready (CIBA Core section 10.2); of no use from ``ends_at``."""

    client_id: str
    uri: str
    auth_req_id: str = field(repr=False)
    notification_token: str = field(repr=False)
    ends_at: int = 0


DecoupledWrite = (
    OpenDecoupled
    | NotePoll
    | DecideDecoupled
    | KeepApproved
    | RedeemDecoupled
    | BlockClient
    | RememberSubject
    | PingClient
)
