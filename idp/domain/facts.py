"""Everything a rule may know: one frozen value, with the time and fresh random bytes inside."""

import hmac
from collections.abc import Mapping
from dataclasses import field
from typing import ClassVar

from joserfc.util import urlsafe_b64encode

from idp.domain.account import Account, Credentials
from idp.domain.authorization import PushedRequest
from idp.domain.client import Client
from idp.domain.decoupled import LoadedDecoupled
from idp.domain.device_key import DeviceKey
from idp.domain.grant import LoadedGrant
from idp.domain.link import Link
from idp.domain.needs import ReplayKey
from idp.domain.passkey import Passkey
from idp.domain.screen import Screen
from idp.domain.session import Interaction, Participant, Session
from idp.domain.values import frozen


@frozen
class Fresh:
    """Random bytes drawn before the decision; each name has its own slice, so order of use never matters."""

    block: bytes = field(repr=False)

    SIZE: ClassVar[int] = 208

    def _text(self, start: int, size: int) -> str:
        return urlsafe_b64encode(self.block[start : start + size]).decode("ascii")

    @property
    def grant_id(self) -> str:
        """22 characters, 128 bits."""
        return self._text(0, 16)

    @property
    def code(self) -> str:
        """43 characters, 256 bits."""
        return self._text(16, 32)

    @property
    def access_token(self) -> str:
        """43 characters, 256 bits."""
        return self._text(48, 32)

    @property
    def refresh_token(self) -> str:
        """43 characters, 256 bits."""
        return self._text(80, 32)

    @property
    def jti(self) -> str:
        """22 characters, 128 bits."""
        return self._text(112, 16)

    @property
    def cookie(self) -> str:
        """43 characters, 256 bits: a session's or an interaction's browser secret."""
        return self._text(128, 32)

    @property
    def session_id(self) -> str:
        """22 characters, 128 bits."""
        return self._text(160, 16)

    @property
    def interaction_id(self) -> str:
        """22 characters, 128 bits."""
        return self._text(176, 16)

    @property
    def pushed_id(self) -> str:
        """43 characters, 256 bits: a push begins neither a session nor an interaction, so it takes their bytes."""
        return self._text(160, 32)

    @property
    def seal_nonce(self) -> bytes:
        """12 bytes for one AES-GCM seal."""
        return self.block[192:204]

    def derived(self, name: str) -> bytes:
        """32 bytes of this name's own, for what is drawn seldom and has no slice (HMAC as a random function)."""
        return hmac.digest(self.block, name.encode(), "sha256")

    def derived_text(self, name: str) -> str:
        """The same as 43 characters."""
        return urlsafe_b64encode(self.derived(name)).decode("ascii")

    @property
    def user_code(self) -> bytes:
        """16 bytes for the code of a device; they are the session id's, which no such decision needs."""
        return self.block[160:176]

    @property
    def one_time_code(self) -> str:
        """Six digits; 32 random bits, so that no code is more likely than another by more than 1 in 4,000."""
        return f"{int.from_bytes(self.block[204:208]) % 1_000_000:06d}"


@frozen
class InitialAccess:
    """A living initial access token (RFC 7591 section 3): ``expires_at`` in epoch seconds, uses that are left."""

    expires_at: int
    uses_left: int


@frozen
class Facts:
    """What was loaded. ``now`` is in epoch seconds. Absent means: does not exist, is dead, or was not asked.

    ``fetched_keys`` is what the client publishes at its ``jwks_uri``; rules read :attr:`client_keys`.
    ``pushed_spent``: the pushed request that was asked for has been completed; then ``pushed`` is None.
    ``owner`` is the client that the grant belongs to, whoever asks; ``beside`` what :attr:`Needs.beside` asked for.
    """

    now: int
    fresh: Fresh
    client: Client | None = None
    grant: LoadedGrant | None = None
    session: Session | None = None
    interaction: Interaction | None = None
    account: Account | None = None
    credentials: Credentials | None = None
    participants: tuple[Participant, ...] = ()
    spent: frozenset[ReplayKey] = frozenset()
    throttles: Mapping[str, int] = field(default_factory=dict)
    owner: Client | None = None
    initial_access: InitialAccess | None = None
    registered_clients: int = 0
    fetched_keys: Mapping[str, object] | None = field(default=None, repr=False)
    pushed: PushedRequest | None = None
    pushed_spent: bool = False
    decoupled: LoadedDecoupled | None = None
    waiting: tuple[LoadedDecoupled, ...] = ()
    blocked: bool = False
    """The account let this client's back-channel requests be blocked for a while."""
    beside: "Facts | None" = None
    passkey: Passkey | None = None
    passkeys: tuple[Passkey, ...] = ()
    device: DeviceKey | None = None
    devices: tuple[DeviceKey, ...] = ()
    screen: Screen | None = None
    link: Link | None = None

    @property
    def client_keys(self) -> Mapping[str, object] | None:
        """The client's JWK Set, by value or by ``jwks_uri``; None when it has none or it cannot be had now.

        Ask for it by ``Needs.client_keys_for``. :func:`idp.protocol.client_keys.imported` makes keys of it.
        """
        if self.client is None:
            return None
        return self.fetched_keys if self.client.jwks_uri is not None else self.client.jwks
