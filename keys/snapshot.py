"""One state of the ring, opened: what a request uses. Never changes; the ring swaps it whole."""

from typing import Final

from keys import base64url, material
from keys.decryption import DecryptionKeys, private_key
from keys.errors import KeyRefused
from keys.keyed_digest import KeyedDigest, keyed_digest
from keys.material import signing_function
from keys.public_key_set import PublicKeySet
from keys.purposes import RULES, Algorithm, KeyPurpose
from keys.ring_file import RingFile, Stamp
from keys.sealing import KEY_ID_BYTES, SealingKeys, derive
from keys.signing import Signer
from keys.states import KeyRecord, KeyState


class Snapshot:
    """The keys as they stood at one stamp of the file; what is made from them is made once."""

    __slots__ = ("_decryption", "_file", "_lookup", "_public", "_sealing", "_signers", "records", "stamp")

    def __init__(self, file: RingFile, records: tuple[KeyRecord, ...], stamp: Stamp) -> None:
        self._file: Final = file
        self.records: Final = records
        self.stamp: Final = stamp
        self._signers: Final[dict[tuple[KeyPurpose, str | None], Signer]] = {}
        self._sealing: Final[dict[str, SealingKeys]] = {}
        self._public: Final[dict[KeyPurpose | None, PublicKeySet]] = {}
        self._decryption: Final[dict[KeyPurpose, DecryptionKeys]] = {}
        self._lookup: Final[dict[str, tuple[KeyedDigest, ...]]] = {}

    def signer(self, purpose: KeyPurpose, algorithm: str | None) -> Signer:
        """Return the active key's signer; without an algorithm, of the purpose's default."""
        found = self._signers.get((purpose, algorithm))
        if found is None:
            wanted = Algorithm(algorithm) if algorithm else RULES[purpose].algorithms[0]
            record = self._active(purpose, wanted)
            if not wanted.signs_tokens:
                raise KeyRefused("not_a_signing_key", f"{purpose} keys sign no tokens")
            sign = signing_function(self._file.unseal(record), wanted)
            found = self._signers[purpose, algorithm] = Signer(record.kid, purpose, wanted, sign)
        return found

    def public_keys(self, purpose: KeyPurpose | None) -> PublicKeySet:
        """Return the published keys, all or of one purpose."""
        found = self._public.get(purpose)
        if found is None:
            found = self._public[purpose] = PublicKeySet.from_jwks({"keys": self.published(purpose)})
        return found

    def decryption_keys(self, purpose: KeyPurpose) -> DecryptionKeys:
        """Return the private keys of a purpose that others encrypt for, those on their way out included."""
        found = self._decryption.get(purpose)
        if found is None:
            held = [
                r for r in self.records if r.purpose is purpose and r.algorithm.decrypts_tokens and r.sealed
            ]
            by_kid = {
                r.kid: (r.algorithm.value, private_key(material.load(self._file.unseal(r)), r.algorithm))
                for r in held
            }
            current = {r.algorithm.value: r.kid for r in held if r.state is KeyState.ACTIVE}
            found = self._decryption[purpose] = DecryptionKeys(by_kid, current)
        return found

    def sealing(self, purpose: str) -> SealingKeys:
        """Return the sealing keys of one purpose text."""
        found = self._sealing.get(purpose)
        if found is None:
            current = self._active(KeyPurpose.SEALING, Algorithm.A256GCM)
            held = [r for r in self.records if r.purpose is KeyPurpose.SEALING and r.sealed is not None]
            by_id = {_key_id(record): self._file.unseal(record) for record in held}
            found = self._sealing[purpose] = SealingKeys(purpose, by_id, _key_id(current))
        return found

    def lookup_hash(self, field: str, value: str) -> bytes:
        """Return the blind-index hash of a value under the active key."""
        return self._lookup_keys(field)[0](value.encode())

    def lookup_hashes(self, field: str, value: str) -> tuple[bytes, ...]:
        """Return the blind-index hashes of a value, the active key's first."""
        return tuple(digest(value.encode()) for digest in self._lookup_keys(field))

    def _lookup_keys(self, field: str) -> tuple[KeyedDigest, ...]:
        found = self._lookup.get(field)
        if found is None:
            self._active(KeyPurpose.LOOKUP, Algorithm.HS256)
            held = [r for r in self.records if r.purpose is KeyPurpose.LOOKUP and r.sealed is not None]
            held.sort(key=lambda record: record.state is not KeyState.ACTIVE)
            found = tuple(
                keyed_digest(derive(self._file.unseal(record), f"lookup:{field}")) for record in held
            )
            self._lookup[field] = found
        return found

    def _active(self, purpose: KeyPurpose, algorithm: Algorithm) -> KeyRecord:
        for record in self.records:
            if record.state is KeyState.ACTIVE and record.slot == (purpose, algorithm):
                return record
        raise KeyRefused("no_active_key", f"this ring has no active {algorithm} key for {purpose}")

    def published(self, purpose: KeyPurpose | None = None) -> list[dict[str, str]]:
        """Return the public JWKs of next, active and retiring keys, all or of one purpose; a fresh copy.

        Of keys that others encrypt to, only the active one of each algorithm (OIDC Core 10.2.1).
        """
        return [
            dict(record.public)
            for record in self.records
            if record.public is not None
            and record.state is not KeyState.RETIRED
            and (record.state is KeyState.ACTIVE or not record.algorithm.decrypts_tokens)
            and purpose in {None, record.purpose}
        ]


def _key_id(record: KeyRecord) -> bytes:
    return base64url.decode(record.kid.encode())[:KEY_ID_BYTES]
