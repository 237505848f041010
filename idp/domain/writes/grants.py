"""What becomes true of grants and of the tokens issued from them."""

from idp.domain.grant import AccessState, CodeState, Grant, RefreshState
from idp.domain.values import frozen


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


GrantWrite = CreateGrant | RedeemCode | UseRefresh | RevokeAccess | KillGrant | KillGrantsOf
