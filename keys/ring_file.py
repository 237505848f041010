"""The sealed-file provider: the whole ring in one file, replaced atomically, locked by writers only.

Secrets inside are sealed under the root key, the rest is readable and authenticated (HMAC-SHA256), so
nobody without the root key can bring a key back to life or slip one in. Not protected: an older copy of the
whole file put back by somebody who can write the folder.
"""

import fcntl
import hmac
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

import orjson

from keys import base64url
from keys.errors import KeyRefused
from keys.purposes import Algorithm, KeyPurpose
from keys.root_key import RootKey
from keys.sealing import SealingKeys, derive
from keys.states import KeyRecord, KeyState

RING: Final = "ring.json"
_LOCK: Final = "ring.lock"
_FORMAT: Final = 1

Stamp = tuple[int, int, int]


class RingFile:
    """One key folder, read by many processes and written by one at a time."""

    __slots__ = ("_authenticity", "_path", "_root", "folder")

    def __init__(self, folder: Path, root: RootKey) -> None:
        self.folder: Final = folder
        self._path: Final = str(folder / RING)
        self._authenticity: Final = derive(root.secret, "ring authenticity")
        self._root: Final = SealingKeys("key-ring", {root.key_id: root.secret}, root.key_id)

    def stamp(self) -> Stamp:
        """Return what changes whenever the file was replaced: inode, modification time (ns), size.

        Raises:
            KeyRefused: no ring here.
        """
        try:
            status = os.stat(self._path)  # noqa: PTH116 - on the way of every request
        except FileNotFoundError as missing:
            raise self._no_ring() from missing
        return (status.st_ino, status.st_mtime_ns, status.st_size)

    def _no_ring(self) -> KeyRefused:
        return KeyRefused("no_ring", f"run `python -m keys --dir {self.folder} init`")

    def seal(self, kid: str, secret: bytes) -> bytes:
        """Return a key's secret half sealed for the ring."""
        return self._root.seal(secret, kid)

    def unseal(self, record: KeyRecord) -> bytes:
        """Return a key's secret half.

        Raises:
            KeyRefused: the secret was destroyed.
            SealBroken: the file was altered or the root key is another.
        """
        if record.sealed is None:
            raise KeyRefused("destroyed", f"the secret half of {record.kid} no longer exists")
        return self._root.open(record.sealed, record.kid)

    def read(self) -> tuple[str, tuple[KeyRecord, ...], Stamp]:
        """Return the mode the ring was made in, its keys and the file's stamp.

        Raises:
            KeyRefused: no ring here, or altered, or sealed under another root key.
        """
        try:
            with (self.folder / RING).open("rb") as file:
                status = os.fstat(file.fileno())
                document = orjson.loads(file.read())
            body = base64url.decode(document["ring"].encode())
            given = base64url.decode(document["hmac"].encode())
        except FileNotFoundError as missing:
            raise self._no_ring() from missing
        except (ValueError, KeyError, AttributeError, TypeError) as broken:
            raise KeyRefused("ring_altered", f"{self.folder / RING} is not a key ring") from broken
        if not hmac.compare_digest(given, hmac.digest(self._authenticity, body, "sha256")):
            raise KeyRefused("ring_altered", "the ring was altered or belongs to another root key")
        ring = orjson.loads(body)
        records = tuple(_record(entry) for entry in ring["keys"])
        return ring["mode"], records, (status.st_ino, status.st_mtime_ns, status.st_size)

    def write(self, mode: str, records: Sequence[KeyRecord]) -> None:
        """Replace the ring: readers see the old or the new one whole, also after a power cut."""
        ring = {"format": _FORMAT, "mode": mode, "keys": [_entry(record) for record in records]}
        body = orjson.dumps(ring)
        authentic = hmac.digest(self._authenticity, body, "sha256")
        document = {"ring": base64url.encode(body).decode(), "hmac": base64url.encode(authentic).decode()}
        fresh = self.folder / f"{RING}.new"  # one name: only who holds the lock writes, and none is left over
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(orjson.dumps(document))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.folder / RING)
        directory = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder for writing; waits for another writer, never for readers."""
        descriptor = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _entry(record: KeyRecord) -> dict[str, object]:
    return {
        "kid": record.kid,
        "state": record.state.value,
        "purpose": record.purpose.value,
        "algorithm": record.algorithm.value,
        "created": record.created.isoformat(),
        "since": record.since.isoformat(),
        "reason": record.reason,
        "public": None if record.public is None else dict(record.public),
        "sealed": None if record.sealed is None else base64url.encode(record.sealed).decode(),
    }


def _record(entry: dict[str, str | None]) -> KeyRecord:
    sealed = entry["sealed"]
    return KeyRecord(
        kid=str(entry["kid"]),
        state=KeyState(str(entry["state"])),
        purpose=KeyPurpose(str(entry["purpose"])),
        algorithm=Algorithm(str(entry["algorithm"])),
        created=datetime.fromisoformat(str(entry["created"])),
        since=datetime.fromisoformat(str(entry["since"])),
        reason=entry["reason"],
        public=entry["public"],  # type: ignore[arg-type]  # authenticated above: written by _entry
        sealed=None if sealed is None else base64url.decode(sealed.encode()),
    )
