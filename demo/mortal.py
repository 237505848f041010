"""Processes that die with their parent, and folders that only their owner may enter."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import signal
import stat
import tempfile
from pathlib import Path

UNPRIVILEGED_USER = "nobody"
LONGEST_SOCKET_PATH = 100  # bytes; Linux allows 107 with the final NUL


class EngineError(Exception):
    """An embedded server could not be prepared or started; the message is meant for people."""


def mortal(
    command: tuple[str, ...],
    *,
    death_signal: signal.Signals,
    unprivileged: bool = False,
    reaching: tuple[Path, ...] = (),
) -> tuple[str, ...]:
    """The command line of ``command`` as a process that is sent ``death_signal`` when its parent thread ends.

    With ``unprivileged`` a root caller becomes ``nobody``; only where a file that must be reached lies in a folder
    closed to others (a clone in /root) does it keep the capability to pass.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise EngineError(
            "The program setpriv (Debian package util-linux) is missing; it keeps servers from outliving us."
        )
    options = ["--pdeathsig", death_signal.name]
    if unprivileged and os.geteuid() == 0:
        user = pwd.getpwnam(UNPRIVILEGED_USER)
        options += [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        if any(map(_is_closed, reaching)):
            # no_setuid_fixup: access(2), which PostgreSQL asks about its own programs, honours the capability too.
            options += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
            options += ["--securebits=+no_setuid_fixup"]
        else:
            options += ["--inh-caps=-all", "--no-new-privs"]
    return (setpriv, *options, "--", *command)


def _is_closed(path: Path) -> bool:
    return any(not parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents)


def give_away(folder: Path) -> Path:
    """Create ``folder`` as a private folder of the user that the servers run as."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.geteuid() == 0:
        user = pwd.getpwnam(UNPRIVILEGED_USER)
        os.chown(folder, user.pw_uid, user.pw_gid)
    folder.chmod(0o700)
    return folder


def socket_folder(folder: Path, socket_name: str) -> Path:
    """A private folder whose socket path is short enough: in ``folder``, else in the temporary folder."""
    near = folder / "socket"
    if len(os.fsencode(near / socket_name)) <= LONGEST_SOCKET_PATH:
        return near
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    far = Path(tempfile.gettempdir()) / f"dinhdanh-{os.geteuid()}-{digest}"
    owners = {os.geteuid(), pwd.getpwnam(UNPRIVILEGED_USER).pw_uid} if os.geteuid() == 0 else {os.geteuid()}
    if far.is_symlink() or (far.exists() and far.stat().st_uid not in owners):
        raise EngineError(f"{far} belongs to somebody else; remove it or set DINHDANH_VAR to a shorter path.")
    return far
