"""The key ring of one service: every key it has, by purpose, from one sealed folder."""

import os
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from keys import material, root_key, rotation
from keys.decryption import DecryptionKeys
from keys.errors import KeyRefused
from keys.public_key_set import PublicKeySet
from keys.purposes import PROFILES, RULES, Algorithm, KeyPurpose
from keys.ring_file import RING, RingFile
from keys.rotation import Publish, Step
from keys.sealing import Sealer, SealingKeys
from keys.signing import Signer
from keys.snapshot import Snapshot
from keys.states import KeyRecord, KeyState

Plan = Callable[[Sequence[KeyRecord], datetime], Iterable[Step]]


class KeyRing:
    """Keys of one service. Safe to share between threads; readers never wait for a rotation."""

    __slots__ = ("_file", "_mode", "_snapshot")

    def __init__(self, file: RingFile, mode: str, snapshot: Snapshot) -> None:
        self._file: Final = file
        self._mode: Final = mode
        self._snapshot = snapshot

    @classmethod
    def open(cls, path: Path, *, mode: str | None = None) -> "KeyRing":
        """Return the ring in a folder. `mode` is `demo` or `production`; by default `DINHDANH_MODE`.

        A mode that is not named counts as production.

        Raises:
            KeyRefused: no ring, altered, another root key; in production also demo keys or a root key that
                lies beside the keys.
        """
        mode = _mode(mode)
        file = RingFile(path, root_key.load(path, os.environ, production=mode == "production"))
        made_in, records, stamp = file.read()
        if mode == "production" and made_in != mode:
            raise KeyRefused("demo_keys", f"{path} holds {made_in} keys; make new ones with `init`")
        return cls(file, made_in, Snapshot(file, records, stamp))

    @classmethod
    def create(cls, path: Path, *, profile: str, mode: str | None = None) -> "KeyRing":
        """Return the ring of a folder with every key that `profile` (idp, registry, client) needs.

        Makes the folder (mode 0700) and what is missing in it; a ring that is complete stays as it is.

        Raises:
            KeyRefused: as `open`, or an unknown profile.
        """
        if profile not in PROFILES:
            raise KeyRefused("unknown_profile", f"profiles are {', '.join(PROFILES)}")
        mode = _mode(mode)
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = RingFile(path, root_key.ensure(path, os.environ, production=mode == "production"))
        with file.locked():
            if not (path / RING).exists():
                file.write(mode, ())
        ring = cls.open(path, mode=mode)
        ring.complete(profile)
        return ring

    # ------------------------------------------------------------ using keys

    def reload_if_changed(self) -> bool:
        """Read the folder again if its file was replaced (costs one `stat`); return whether it was.

        Raises:
            KeyRefused: the file is gone or altered; the ring then keeps what it had.
        """
        if self._file.stamp() == self._snapshot.stamp:
            return False
        self._read_again()
        return True

    def signer(self, purpose: KeyPurpose, algorithm: str | None = None) -> Signer:
        """Return the signer of the active key; ask for it per batch of requests, since keys turn.

        Raises:
            KeyRefused: this ring has no such key.
        """
        return self._snapshot.signer(purpose, algorithm)

    def jwks(self) -> dict[str, Any]:
        """Return the public JWK Set (RFC 7517 section 5) of all purposes."""
        return {"keys": self._snapshot.published()}

    def public_keys(self, purpose: KeyPurpose | None = None) -> PublicKeySet:
        """Return the published keys for verifying, all or those of one purpose."""
        return self._snapshot.public_keys(purpose)

    def decryption_keys(self, purpose: KeyPurpose) -> DecryptionKeys:
        """Return the private keys of a purpose; none where the ring was made before the purpose was."""
        return self._snapshot.decryption_keys(purpose)

    def sealer(self, purpose: str) -> Sealer:
        """Return the sealer of one kind of value, such as `account.profile`."""
        return Sealer(purpose, self._sealing, self.reload_if_changed)

    def lookup_hash(self, field: str, value: str) -> bytes:
        """Return the keyed hash (HMAC-SHA256, 32 bytes) that a blind index of `field` stores for `value`.

        The caller brings the value into one spelling first.
        """
        return self._snapshot.lookup_hash(field, value)

    def lookup_hashes(self, field: str, value: str) -> tuple[bytes, ...]:
        """Return the hashes under every kept key, the active one's first: to search while re-indexing."""
        return self._snapshot.lookup_hashes(field, value)

    @property
    def records(self) -> tuple[KeyRecord, ...]:
        """Every key, retired ones included."""
        return self._snapshot.records

    # ------------------------------------------------------------ turning keys

    def complete(self, profile: str) -> list[Step]:
        """Make the keys that a profile needs and this ring lacks; they serve at once."""
        return self._change(lambda records, _: _missing(records, profile))

    def rotate(
        self, purpose: KeyPurpose, algorithm: Algorithm | None = None, *, now: datetime | None = None
    ) -> list[Step]:
        """Publish a new key for a purpose (one algorithm or all it has); `rotate_due` lets it sign later.

        Naming an algorithm that the ring does not have yet starts it.

        Raises:
            KeyRefused: nothing to rotate, or an algorithm that the purpose does not allow.
        """

        def plan(records: Sequence[KeyRecord], _: datetime) -> Iterable[Step]:
            held = {r.algorithm: None for r in records if r.purpose is purpose and r.state is KeyState.ACTIVE}
            wanted = [algorithm] if algorithm else list(held)
            if not wanted:
                raise KeyRefused("no_active_key", f"no {purpose} key here; name an algorithm to start one")
            return [step for each in wanted for step in rotation.by_hand(records, purpose, each)]

        return self._change(plan, now)

    def rotate_due(self, *, now: datetime | None = None) -> list[Step]:
        """Take every step the schedule asks for; safe to call often and from several processes."""
        return self._change(rotation.due, now)

    def revoke(self, kid: str, reason: str, *, now: datetime | None = None) -> list[Step]:
        """Take a compromised key out of service at once; an active one's successor takes over at once.

        Raises:
            KeyRefused: no such key in service.
        """
        return self._change(lambda records, _: rotation.emergency(records, kid, reason), now)

    def _sealing(self, purpose: str) -> SealingKeys:
        return self._snapshot.sealing(purpose)

    def _change(self, plan: Plan, now: datetime | None = None) -> list[Step]:
        with self._file.locked():
            self._read_again()
            moment = now or datetime.now(UTC)
            steps = list(plan(self.records, moment))
            if steps:
                self._file.write(self._mode, rotation.apply(self.records, steps, moment, self._make))
                self._read_again()
        return steps

    def _make(self, purpose: KeyPurpose, algorithm: Algorithm, now: datetime) -> KeyRecord:
        if algorithm not in RULES[purpose].algorithms:
            raise KeyRefused("algorithm", f"{purpose} keys are {', '.join(RULES[purpose].algorithms)}")
        kid, public, secret = material.generate(algorithm)
        sealed = self._file.seal(kid, secret)
        return KeyRecord(kid, KeyState.NEXT, purpose, algorithm, now, now, None, public, sealed)

    def _read_again(self) -> None:
        _, records, stamp = self._file.read()
        self._snapshot = Snapshot(self._file, records, stamp)

    def __repr__(self) -> str:
        return f"KeyRing({[(record.kid, record.state.value) for record in self.records]})"


def _mode(mode: str | None) -> str:
    found = mode or os.environ.get("DINHDANH_MODE") or "production"
    if found not in {"demo", "production"}:
        raise KeyRefused("unknown_mode", "DINHDANH_MODE is demo or production")
    return found


def _missing(records: Sequence[KeyRecord], profile: str) -> list[Step]:
    held = {record.slot for record in records if record.state is KeyState.ACTIVE}
    return [Publish(*slot, at_once=True) for slot in PROFILES[profile] if slot not in held]
