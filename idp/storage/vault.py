"""What the stores seal and hash beside accounts: interactions, grants that name values, messages, buckets."""

from idp.domain.authorization import PushedRequest
from idp.domain.decoupled import Approval, DecoupledRequest
from idp.domain.grant import Grant
from idp.domain.session import Interaction
from idp.domain.writes import PingClient, SendMail
from idp.storage import codecs
from idp.storage.codecs import decoupled
from keys import KeyRing, SealBroken

_SEALED = b"\x01"
"""First byte of a sealed record (a plain one starts with ``[``)."""


_MOST_READ = 4_096


class Vault:
    """Seals what may name a person before it is stored."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring
        self._interactions = ring.sealer("interaction")
        self._grants = ring.sealer("grant")
        self._screens = ring.sealer("screen")
        self._pushed = ring.sealer("pushed-request")
        self.mail = ring.sealer("mail")
        self.client_secrets = ring.sealer("client-secret")
        self._decoupled = ring.sealer("decoupled")
        self._pings = ring.sealer("ping")
        self.reports = ring.sealer("misuse.report")
        self.dependants = ring.sealer("dependant")
        self.links = ring.sealer("account.link")
        self.totp = ring.sealer("account.totp")
        self.device_names = ring.sealer("device.name")
        self.passkey_names = ring.sealer("passkey.name")
        self._read: dict[bytes, Grant] = {}
        self._turn: object = None
        self._buckets: dict[str, bytes] = {}

    def interaction(self, value: Interaction) -> bytes:
        """An interaction, sealed: its request may carry a login hint."""
        return self._interactions.seal(codecs.interaction(value), value.interaction_id)

    def read_interaction(self, sealed: bytes, interaction_id: str) -> Interaction | None:
        """The opposite; what does not open is absent."""
        try:
            return codecs.read_interaction(self._interactions.open(sealed, interaction_id))
        except SealBroken:
            return None

    def screen(self, plain: bytes, interaction_id: str) -> bytes:
        """A screen, sealed: it names a person and where somebody is."""
        return self._screens.seal(plain, interaction_id)

    def read_screen(self, sealed: bytes, interaction_id: str) -> bytes | None:
        """The opposite; what does not open is absent."""
        try:
            return self._screens.open(sealed, interaction_id)
        except SealBroken:
            return None

    def pushed(self, value: PushedRequest, pushed_id: str) -> bytes:
        """A pushed request, sealed under what its browser will carry."""
        return self._pushed.seal(codecs.pushed(value), pushed_id)

    def read_pushed(self, sealed: bytes, pushed_id: str) -> PushedRequest | None:
        """The opposite; what does not open is absent."""
        try:
            return codecs.read_pushed(self._pushed.open(sealed, pushed_id))
        except SealBroken:
            return None

    def grant(self, value: Grant) -> bytes:
        """A grant, sealed only when a claim is asked for by value, or a detail names a purpose and a dossier."""
        plain = codecs.grant(value)
        personal = value.authorization_details or codecs.names_values(value.claims)
        return self._grants.seal(plain, value.grant_id) if personal else plain

    def read_grant(self, data: bytes, grant_id: str) -> Grant | None:
        """The opposite; what does not open is absent."""
        if not data.startswith(_SEALED):
            return self._read_plain(data)
        try:
            return codecs.read_grant(self._grants.open(data, grant_id))
        except SealBroken:
            return None

    def _read_plain(self, data: bytes) -> Grant | None:
        """A grant never changes, so the same bytes are the same value: tokens are looked at again and again."""
        known = self._read.get(data)
        if known is None:
            known = codecs.read_grant(data)
            if known is not None:
                if len(self._read) >= _MOST_READ:
                    self._read.pop(next(iter(self._read)))
                self._read[data] = known
        return known

    def bucket(self, name: str) -> bytes:
        """The name of a throttle bucket as a keyed hash: it may hold a personal number or an address.

        Made once from turn to turn of the ring: a client that is asked about at every request has one.
        """
        turn = self._ring.public_keys()
        if turn is not self._turn or len(self._buckets) >= _MOST_READ:
            self._turn, self._buckets = turn, {}
        known = self._buckets.get(name)
        if known is None:
            known = self._buckets[name] = self._ring.lookup_hash("throttle", name)[:16]
        return known

    def decoupled(self, value: DecoupledRequest) -> bytes:
        """A decoupled request, sealed: it names a person."""
        return self._decoupled.seal(decoupled.request(value), value.request_id)

    def read_decoupled(self, sealed: bytes, request_id: str) -> DecoupledRequest | None:
        """The opposite; what does not open is absent."""
        try:
            return decoupled.read_request(self._decoupled.open(sealed, request_id))
        except SealBroken:
            return None

    def approval(self, value: Approval, request_id: str) -> bytes:
        """Who approved a request, sealed for that request."""
        return self._decoupled.seal(decoupled.approval(value), f"{request_id}|approval")

    def read_approval(self, sealed: bytes, request_id: str) -> Approval | None:
        """The opposite; what does not open is absent."""
        try:
            return decoupled.read_approval(self._decoupled.open(sealed, f"{request_id}|approval"))
        except SealBroken:
            return None

    def ping(self, value: PingClient, record_id: str) -> bytes:
        """A ping for the outbox, sealed: it holds two secrets."""
        return self._pings.seal(decoupled.ping(value), record_id)

    def read_ping(self, sealed: bytes, record_id: str) -> PingClient:
        """The opposite. Raises :class:`keys.SealBroken`."""
        return decoupled.read_ping(self._pings.open(sealed, record_id))

    def message(self, value: SendMail, record_id: str) -> bytes:
        """A message for the outbox, sealed: it holds an address and perhaps a code."""
        return self.mail.seal(codecs.message(value), record_id)
