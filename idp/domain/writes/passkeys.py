"""What becomes true of a person's passkeys."""

from dataclasses import field

from idp.domain.passkey import Passkey
from idp.domain.values import frozen


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


PasskeyWrite = AddPasskey | UsePasskey | RenamePasskey | RemovePasskey
