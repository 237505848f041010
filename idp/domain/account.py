"""An e-ID account (tài khoản định danh điện tử) as far as protocol and sign-in rules need it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class AccountStatus(StrEnum):
    """Life cycle of an account (domain facts: e-ID accounts, section 11)."""

    REQUESTED = "requested"
    REJECTED = "rejected"
    ISSUED = "issued"
    """Exists, and waits to be taken into use."""
    ACTIVE = "active"
    LOCKED = "locked"
    CLOSED = "closed"


class AccountType(StrEnum):
    """Kind of identity subject that holds the account."""

    CITIZEN = "citizen"
    FOREIGNER = "foreigner"
    ORGANISATION = "organisation"
    OFFICER = "officer"


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of one account. ``profile`` holds OpenID claims as the registry gave them.

    ``consents`` maps client ids to the scopes and claims the person agreed to release.
    ``epoch`` changes with every change of status, credentials or consents; a grant born under an older epoch
    than the current one is refused at birth.
    """

    account_id: str
    level: int
    status: AccountStatus
    account_type: AccountType = AccountType.CITIZEN
    personal_number: str = field(default="", repr=False)
    profile: Mapping[str, object] = field(default_factory=dict, repr=False)
    consents: Mapping[str, frozenset[str]] = field(default_factory=dict)
    epoch: int = 0
    locale: str = "vi"
    resistance: int = 0
    """What the strongest passkey of the account can reach: 0 there is none, 1 ``phr``, 2 ``phrh``."""
    role: str = ""
    """Of an officer."""
    agency: str = ""
    """Whom an officer works for, in words."""
    app_phone: bool = False
    """Whether a phone of the e-ID app is registered: consents to dossiers are then signed by it."""

    @property
    def usable(self) -> bool:
        """Only an active account signs in, gets tokens or keeps them (Law on Identity 26/2023, Art. 34)."""
        return self.status is AccountStatus.ACTIVE


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an account proves itself with. ``password_hash`` is argon2id in PHC form; ``totp_secret`` raw bytes.

    Loaded only where a factor is judged, never kept in a snapshot.
    """

    password_hash: str = field(repr=False)
    totp_secret: bytes | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    recovery: frozenset[bytes] = field(default=frozenset(), repr=False)
    """Keyed hashes of the recovery codes that are left."""

    @property
    def has_second_factor(self) -> bool:
        """True when a code of an authenticator app or a code by e-mail can be asked for."""
        return self.totp_secret is not None or self.email is not None
