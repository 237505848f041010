"""What becomes true of a person's phones, and of the PIN on each."""

from idp.domain.device_key import DeviceKey
from idp.domain.values import frozen


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
