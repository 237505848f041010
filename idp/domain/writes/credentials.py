"""What becomes true of a person's password, authenticator app, recovery codes and links by mail."""

from dataclasses import field

from idp.domain.link import Link
from idp.domain.values import frozen


@frozen
class UpgradePassword:
    """Store a stronger hash of the password that was just proven."""

    account_id: str
    password_hash: str = field(repr=False)


@frozen
class ChangePassword:
    """Another password; a conflict when the stored hash is no longer ``replaces`` (None: whatever it was)."""

    account_id: str
    password_hash: str = field(repr=False)
    replaces: str | None = field(default=None, repr=False)


@frozen
class SetTotp:
    """An authenticator app from now on, or with None no more."""

    account_id: str
    secret: bytes | None = field(repr=False)


@frozen
class ReplaceRecoveryCodes:
    """These codes, as keyed hashes, and none of those before."""

    account_id: str
    hashes: frozenset[bytes] = field(repr=False)


@frozen
class UseRecoveryCode:
    """A recovery code is gone once used; a conflict when it is gone already."""

    account_id: str
    code_hash: bytes = field(repr=False)


@frozen
class SaveLink:
    """A link by mail begins to live; its hash is new, so nothing is raced."""

    link: Link


@frozen
class UseLink:
    """Spend a link; a conflict when it is spent already."""

    digest: bytes = field(repr=False)


@frozen
class DropLinks:
    """The links of a recovery of this account are dead."""

    account_id: str


CredentialWrite = ChangePassword | SetTotp | ReplaceRecoveryCodes | UseRecoveryCode
LinkWrite = SaveLink | UseLink | DropLinks
