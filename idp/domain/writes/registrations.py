"""What becomes true of clients that register themselves (RFC 7591, RFC 7592)."""

from dataclasses import field

from idp.domain.client import Client
from idp.domain.values import frozen


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


RegistrationWrite = SaveClient | DeleteClient | UseInitialAccess
