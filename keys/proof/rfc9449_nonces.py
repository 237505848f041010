"""Server-provided nonces of DPoP, made from the clock and a key: no store, the same in every process.

https://www.rfc-editor.org/rfc/rfc9449
Implemented: 8 and 9 (nonce of provider and resource), 8.2 (a new nonce is offered before the old one ends),
11.2 (unpredictable: HMAC-SHA256 under a key of the ring). Left out: nonces bound to one client; 8 asks for none.
Builds on no Authlib class: Authlib has none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from keys import base64url

#: Seconds for which a nonce is the current one; it passes for as long again.
WINDOW: Final = 300
FIELD: Final = "dpop.nonce"
_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class ServerNonces:
    """The nonces of one moment: `current` goes out in `DPoP-Nonce`, `accepted` pass."""

    current: str
    accepted: frozenset[str]

    def stale(self, nonce: str | None) -> bool:
        """Whether the answer should carry `current` (8.2): the client used none or the previous one."""
        return nonce != self.current


def server_nonces(
    lookup_hashes: Callable[[str, str], tuple[bytes, ...]], now: float, *, window: int = WINDOW
) -> ServerNonces:
    """Return the nonces that pass at `now` (epoch seconds): those of the current and of the previous window.

    `lookup_hashes` is `KeyRing.lookup_hashes`: the active key's hash first, so a nonce outlives a rotation.
    """
    place = int(now) // window
    made = [
        base64url.encode(hashed[:_BYTES]).decode()
        for number in (place, place - 1)
        for hashed in lookup_hashes(FIELD, f"{window}:{number}")
    ]
    return ServerNonces(made[0], frozenset(made))
