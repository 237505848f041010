"""Sealing at rest with AES-256-GCM (NIST SP 800-38D), bound to a purpose and a record.

A sealed value is: version (1 byte), key id (8), nonce (12), ciphertext with its tag. The associated data is
everything that gives the value its place: the header, the purpose and the record id. A value moved to
another row or column does not open. Not protected: that an older value of the same record is put back, and
the length of the plaintext.
"""

import secrets
from collections.abc import Callable, Mapping
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from keys.errors import SealBroken

_VERSION: Final = 1
KEY_ID_BYTES: Final = 8
_NONCE_BYTES: Final = 12
_HEADER_BYTES: Final = 1 + KEY_ID_BYTES
_LEAST_BYTES: Final = _HEADER_BYTES + _NONCE_BYTES + 16


class SealingKeys:
    """The keys of one purpose: sub-keys by HKDF (RFC 5869), so that no two purposes share a nonce space."""

    __slots__ = ("_by_id", "_current", "purpose")

    def __init__(self, purpose: str, secrets_by_id: Mapping[bytes, bytes], current: bytes) -> None:
        self.purpose: Final = purpose
        self._current: Final = current
        self._by_id: Final = {
            key_id: AESGCM(derive(secret, f"seal:{purpose}")) for key_id, secret in secrets_by_id.items()
        }

    def seal(self, plaintext: bytes, record_id: str) -> bytes:
        """Return `plaintext` sealed under the current key for this purpose and record."""
        header = bytes([_VERSION]) + self._current
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._by_id[self._current].encrypt(nonce, plaintext, self._bound(header, record_id))
        return header + nonce + sealed

    def open(self, sealed: bytes, record_id: str) -> bytes:
        """Return the plaintext.

        Raises:
            SealBroken: altered, moved, or sealed under a key that is not here (`unknown_key`).
        """
        if len(sealed) < _LEAST_BYTES or sealed[0] != _VERSION:
            raise SealBroken
        header, nonce = sealed[:_HEADER_BYTES], sealed[_HEADER_BYTES : _HEADER_BYTES + _NONCE_BYTES]
        key = self._by_id.get(header[1:])
        if key is None:
            raise SealBroken("unknown_key")
        try:
            return key.decrypt(nonce, sealed[_HEADER_BYTES + _NONCE_BYTES :], self._bound(header, record_id))
        except InvalidTag as altered:
            raise SealBroken from altered

    def is_current(self, sealed: bytes) -> bool:
        """Whether the value is under the key that seals now."""
        return sealed[1:_HEADER_BYTES] == self._current

    def _bound(self, header: bytes, record_id: str) -> bytes:
        # Each part carries its length: no two places share their associated data.
        parts = (self.purpose.encode(), record_id.encode())
        return header + b"".join(len(part).to_bytes(4) + part for part in parts)


class Sealer:
    """Seals and opens the values of one purpose; follows the ring when keys turn."""

    __slots__ = ("_present", "_reload", "purpose")

    def __init__(
        self, purpose: str, present: Callable[[str], SealingKeys], reload: Callable[[], bool]
    ) -> None:
        self.purpose: Final = purpose
        self._present: Final = present
        self._reload: Final = reload

    def seal(self, plaintext: bytes, record_id: str) -> bytes:
        """Return `plaintext` sealed for `record_id` (37 bytes longer)."""
        return self._present(self.purpose).seal(plaintext, record_id)

    def open(self, sealed: bytes, record_id: str) -> bytes:
        """Return what was sealed for `record_id`; a key made by another process is fetched from the ring.

        Raises:
            SealBroken: altered, moved to another record or purpose, or its key is gone.
        """
        try:
            return self._present(self.purpose).open(sealed, record_id)
        except SealBroken as broken:
            if broken.code != "unknown_key" or not self._reload():
                raise
        return self._present(self.purpose).open(sealed, record_id)

    def rewrap(self, sealed: bytes, record_id: str) -> bytes:
        """Return the value under the current key; the same bytes when it already is.

        Raises:
            SealBroken: as `open`.
        """
        plaintext = self.open(sealed, record_id)
        return sealed if self._present(self.purpose).is_current(sealed) else self.seal(plaintext, record_id)

    def __repr__(self) -> str:
        return f"Sealer(purpose={self.purpose!r})"


def derive(secret: bytes, label: str) -> bytes:
    """Return a 32-byte sub-key for `label` (HKDF-SHA256, RFC 5869)."""
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=label.encode()).derive(secret)
