"""What a decision wants to become true. Claims are applied first, atomically, and may lose a race.

Every write names one grant, session, interaction or account. :mod:`idp.storage.committing` is the only
place that applies them.
"""

from dataclasses import field

from idp.domain.authorization import PushedRequest
from idp.domain.client import Client
from idp.domain.credential_writes import CredentialWrite, DeviceWrite, LinkWrite
from idp.domain.decoupled_writes import DecoupledWrite
from idp.domain.grant import AccessState, CodeState, Grant, RefreshState
from idp.domain.needs import ReplayKey
from idp.domain.passkey import Passkey
from idp.domain.screen import SaveScreen
from idp.domain.session import Interaction, Session
from idp.domain.values import frozen


@frozen
class SpendOnce:
    """Claim a single-use item until ``expires_at``; a conflict when somebody was first.

    ``issued_at`` (epoch seconds) says when the item came into being, where that is known. A store that was emptied
    or restarted cannot know whether an older item was spent: it refuses such items until new ones come.
    """

    key: ReplayKey
    expires_at: int
    issued_at: int | None = None


@frozen
class CreateGrant:
    """A grant is born, with its code (None for client credentials) or its first access token.

    A conflict when the account's epoch moved since ``account_epoch`` was loaded (locked, consent withdrawn).
    """

    grant: Grant
    code: CodeState | None = None
    access: AccessState | None = None
    account_epoch: int | None = None


@frozen
class RedeemCode:
    """Spend the code and, in the same step, issue. A conflict when it is spent already or the grant is dead."""

    grant_id: str
    code_hash: bytes
    access: AccessState | None
    refresh: RefreshState | None


@frozen
class UseRefresh:
    """Issue against the refresh token ``presented_hash``; ``refresh`` is the state afterwards.

    A conflict when the stored current hash is no longer ``expected_current`` or the grant is dead.
    """

    grant_id: str
    presented_hash: bytes
    expected_current: bytes
    access: AccessState | None
    refresh: RefreshState


@frozen
class RevokeAccess:
    """Forget one opaque access token."""

    grant_id: str
    token_hash: bytes


@frozen
class KillGrant:
    """The grant and every token of it die at once."""

    grant_id: str
    reason: str


@frozen
class KillGrantsOf:
    """Every grant of an account dies; with ``client_id`` only those of that client."""

    account_id: str
    reason: str
    client_id: str | None = None


@frozen
class SaveSession:
    """Start or replace a browser session under ``digest``; ``replaces`` dies in the same step (no fixation).

    A conflict when the account's epoch moved since ``account_epoch`` was loaded (locked meanwhile).
    """

    digest: bytes
    session: Session
    replaces: bytes | None = None
    account_epoch: int | None = None


@frozen
class EndSession:
    """Delete a session, and the grants born in it that are not offline."""

    digest: bytes
    session_id: str


@frozen
class EndSessionsOf:
    """Sign an account out everywhere: every session of it, and the grants born in them that are not offline.

    With ``only`` that session alone, with ``besides`` every other one (session ids).
    """

    account_id: str
    only: str | None = None
    besides: str | None = None


@frozen
class SaveInteraction:
    """Keep an interaction; ``expected_step`` guards against two answers to one step (conflict)."""

    interaction: Interaction
    expected_step: str | None = None


@frozen
class FinishInteraction:
    """Claim the interaction's end; a conflict when it is gone already."""

    interaction_id: str


@frozen
class SavePushed:
    """Keep a pushed authorization request until ``expires_at`` (RFC 9126); its id is new, so nothing is raced."""

    pushed_id: str = field(repr=False)
    pushed: PushedRequest
    expires_at: int


@frozen
class SpendPushed:
    """Claim the completion of a pushed request, which may have expired since its visit; a conflict when it is spent.

    That it was spent is remembered until ``expires_at``, when nothing that began with it can live any more.
    ``issued_at`` is as in :class:`SpendOnce`.
    """

    pushed_id: str = field(repr=False)
    expires_at: int
    issued_at: int


@frozen
class CountAttempt:
    """Add one to a throttle bucket that empties ``window`` seconds after its first count.

    With ``limit``: a conflict, and no count, when the bucket holds that many already; so parallel guesses
    cannot outrun the limit.
    """

    bucket: str
    window: int
    limit: int | None = None


@frozen
class ClearAttempts:
    """Empty a throttle bucket."""

    bucket: str


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
class UpgradePassword:
    """Store a stronger hash of the password that was just proven."""

    account_id: str
    password_hash: str = field(repr=False)


@frozen
class NotifyLogout:
    """Queue one back-channel logout notice for the retrying worker (OIDC Back-Channel Logout section 2.5)."""

    client_id: str
    uri: str
    subject: str
    sid: str | None


@frozen
class SendMail:
    """Queue one message; ``template`` names the text, ``values`` fill it, ``to`` is an address."""

    to: str = field(repr=False)
    template: str
    locale: str
    values: tuple[tuple[str, str], ...] = field(default=(), repr=False)


@frozen
class SaveClient:
    """Keep a client that registered itself. ``replaces`` is the registration token's hash that it must still have.

    Without ``replaces`` the client is new. A conflict when it is gone, disabled or has another token by now.
    """

    client: Client
    replaces: bytes | None = field(default=None, repr=False)


@frozen
class DeleteClient:
    """Forget a client and what people consented to for it; a conflict as for :class:`SaveClient`.

    Loading knows no grant of a client that is gone, so all its codes and tokens are dead with it.
    """

    client_id: str
    token_hash: bytes = field(repr=False)


@frozen
class UseInitialAccess:
    """Use an initial access token once; a conflict when no use of it is left."""

    token_hash: bytes = field(repr=False)
    now: int


@frozen
class AddPasskey:
    """Keep a new passkey; a conflict when its credential id is known already."""

    passkey: Passkey

    @property
    def account_id(self) -> str:
        """Whose it is."""
        return self.passkey.account_id


@frozen
class UsePasskey:
    """Note a use; a conflict when the signature counter is no longer ``expected_count`` or the passkey is gone."""

    passkey: Passkey
    expected_count: int


@frozen
class RenamePasskey:
    """Give a passkey of this account another name; a conflict when it is gone."""

    account_id: str
    credential_id: bytes
    name: str = field(repr=False)


@frozen
class RemovePasskey:
    """Forget a passkey of this account; a conflict when it is gone.

    ``keep_one``: it may not be the last one, because nothing else would be a second factor; then also a conflict.
    """

    account_id: str
    credential_id: bytes
    keep_one: bool = False


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


OwnRecordWrite = ReportMisuse | KeepCase | KeepDependant | ForgetDependant
PasskeyWrite = AddPasskey | UsePasskey | RenamePasskey | RemovePasskey

Write = (
    SpendOnce
    | CreateGrant
    | RedeemCode
    | UseRefresh
    | RevokeAccess
    | KillGrant
    | KillGrantsOf
    | SaveSession
    | EndSession
    | EndSessionsOf
    | SaveInteraction
    | FinishInteraction
    | SavePushed
    | SpendPushed
    | CountAttempt
    | ClearAttempts
    | RememberConsent
    | WithdrawConsent
    | UpgradePassword
    | NotifyLogout
    | SendMail
    | DecoupledWrite
    | SaveClient
    | DeleteClient
    | UseInitialAccess
    | PasskeyWrite
    | CredentialWrite
    | DeviceWrite
    | SaveScreen
    | LinkWrite
    | OwnRecordWrite
)
