"""What a decision wants to become true of the means by which a person proves who they are."""

from dataclasses import field

from idp.domain.device_key import DeviceKey
from idp.domain.link import Link
from idp.domain.values import frozen


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


@frozen
class AddDevice:
    """Keep a new device key; a conflict when its key is known already or the account has ``most`` of them."""

    device: DeviceKey
    most: int

    @property
    def account_id(self) -> str:
        """Whose it is."""
        return self.device.account_id


@frozen
class CountPin:
    """One more PIN is about to be looked at; a conflict when another one was counted since ``tries`` was loaded."""

    account_id: str
    device_id: str
    tries: int
    at: int


@frozen
class UseDevice:
    """The PIN was right, so its count begins anew; a conflict when the device is gone or its count moved."""

    account_id: str
    device_id: str
    tries: int
    at: int


@frozen
class RemoveDevice:
    """Forget a device key of this account; a conflict when it is gone."""

    account_id: str
    device_id: str


DeviceWrite = AddDevice | CountPin | UseDevice | RemoveDevice
LinkWrite = SaveLink | UseLink | DropLinks
CredentialWrite = ChangePassword | SetTotp | ReplaceRecoveryCodes | UseRecoveryCode
