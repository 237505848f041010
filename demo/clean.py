"""Remove what the demo, the tests and the tools left behind: ``var/`` and the caches."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHES = (".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache")


def main() -> int:
    """Remove everything, or say that the demo still runs on it."""
    data = Path(os.environ.get("DINHDANH_VAR", ROOT / "var")).resolve()
    lock = data / "demo" / "lock"
    if lock.exists():
        with lock.open() as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print(
                    f"The demo is running on {data}; stop it first (Ctrl-C in its terminal).", file=sys.stderr
                )
                return 1
    elif data != ROOT / "var":
        print(f"{data} (DINHDANH_VAR) was not made by the demo; nothing was removed.", file=sys.stderr)
        return 1
    for folder in (data, *(ROOT / cache for cache in CACHES)):
        shutil.rmtree(folder, ignore_errors=True)
    for cache in ROOT.rglob("__pycache__"):
        if ".venv" not in cache.parts:
            shutil.rmtree(cache, ignore_errors=True)
    print(f"Removed {data} and the caches.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
