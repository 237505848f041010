"""The root key that seals the key ring: from the environment, a file, or (demo only) beside the keys."""

import hashlib
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from keys import base64url
from keys.errors import KeyRefused
from keys.sealing import KEY_ID_BYTES

BESIDE: Final = "root.key"
_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class RootKey:
    """32 random bytes; `key_id` names them in what they sealed."""

    secret: bytes = field(repr=False)

    @property
    def key_id(self) -> bytes:
        """Eight bytes that tell root keys apart and reveal nothing of them."""
        return hashlib.sha256(b"root key id" + self.secret).digest()[:KEY_ID_BYTES]


def load(folder: Path, environment: Mapping[str, str], *, production: bool) -> RootKey:
    """Return the root key of a key folder.

    Looked for in `KEYS_ROOT_KEY` (base64url of 32 bytes), then in the file that `KEYS_ROOT_KEY_FILE` names,
    then, outside production, in `root.key` beside the keys.

    Raises:
        KeyRefused: none found, malformed, readable by others, or lying beside the keys in production.
    """
    beside = folder / BESIDE
    if production and beside.exists():
        raise KeyRefused("root_key_beside_keys", f"move {BESIDE} to a secret store and out of {folder}")
    if text := environment.get("KEYS_ROOT_KEY"):
        return _parsed(text, "KEYS_ROOT_KEY")
    if named := environment.get("KEYS_ROOT_KEY_FILE"):
        path = Path(named)
        if production and path.resolve().is_relative_to(folder.resolve()):
            raise KeyRefused("root_key_beside_keys", f"move {path} out of {folder}")
        return _from_file(path)
    if not production and beside.exists():
        return _from_file(beside)
    raise KeyRefused("no_root_key", "set KEYS_ROOT_KEY or KEYS_ROOT_KEY_FILE")


def ensure(folder: Path, environment: Mapping[str, str], *, production: bool) -> RootKey:
    """Return the root key; in demo mode make one beside the keys (mode 0600) when there is none.

    Raises:
        KeyRefused: as `load`.
    """
    named = environment.get("KEYS_ROOT_KEY") or environment.get("KEYS_ROOT_KEY_FILE")
    if not (production or named or (folder / BESIDE).exists()):
        descriptor = os.open(folder / BESIDE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64url.encode(secrets.token_bytes(_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
    return load(folder, environment, production=production)


def _from_file(path: Path) -> RootKey:
    try:
        mode = path.stat().st_mode
        text = path.read_text("ascii")
    except (OSError, ValueError) as missing:
        raise KeyRefused("no_root_key", f"{path} cannot be read") from missing
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyRefused("root_key_exposed", f"chmod 0600 {path}: others can read the root key")
    return _parsed(text, str(path))


def _parsed(text: str, where: str) -> RootKey:
    try:
        secret = base64url.decode(text.strip().rstrip("=").encode("ascii"))
    except ValueError:
        secret = b""
    if len(secret) != _BYTES:
        raise KeyRefused("bad_root_key", f"{where} must be the base64url of {_BYTES} random bytes") from None
    return RootKey(secret)
