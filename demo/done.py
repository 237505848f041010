"""Remembers which steps are done, by a fingerprint of everything that decides what they do."""

from __future__ import annotations

import hashlib
from pathlib import Path

from demo.place import Place
from demo.rows import Step


def is_done(place: Place, step: Step) -> bool:
    """Whether ``step`` was done with the same command, environment and inputs, and what it made is there."""
    try:
        same = _stamp(place, step).read_text() == fingerprint(step)
    except OSError:
        return False
    return same and all(path.exists() for path in step.makes)


def remember(place: Place, step: Step) -> None:
    """Note that ``step`` is done."""
    stamp = _stamp(place, step)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(fingerprint(step))


def fingerprint(step: Step) -> str:
    """Everything that decides what ``step`` does, as one digest."""
    digest = hashlib.sha256()
    parts = [*step.command, *(f"{name}={value}" for name, value in sorted(step.environment.items()))]
    for part in parts:
        digest.update(part.encode() + b"\0")
    for path in step.inputs:
        digest.update(f"{path}\0".encode())
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()


def _stamp(place: Place, step: Step) -> Path:
    return place.var / "demo" / "done" / step.name
