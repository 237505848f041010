"""A service process of its own: signs without pause and prints each token, until its input closes."""

import select
import sys
from pathlib import Path

from keys import KeyPurpose, KeyRing


def main() -> None:
    """Sign as a service does: one look at the folder per batch, then the active key."""
    ring = KeyRing.open(Path(sys.argv[1]), mode="demo")
    count = 0
    while not select.select([sys.stdin], [], [], 0)[0]:
        ring.reload_if_changed()
        token = ring.signer(KeyPurpose.CLIENT_ASSERTION).sign({"sub": "portal", "jti": str(count)})
        sys.stdout.write(token + "\n")
        sys.stdout.flush()
        count += 1


main()
