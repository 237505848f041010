"""The life of a key: next -> active -> retiring -> retired, each move with its date and reason.

`next` is published and does not sign; `active` signs; `retiring` only verifies (or opens); `retired` is
kept as a record, without its secret. A key that others encrypt to is published while it is `active`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from keys.errors import KeyRefused
from keys.purposes import Algorithm, KeyPurpose


class KeyState(StrEnum):
    """Where a key stands in its life."""

    NEXT = "next"
    ACTIVE = "active"
    RETIRING = "retiring"
    RETIRED = "retired"


MOVES = frozenset(
    {
        (KeyState.NEXT, KeyState.ACTIVE),
        (KeyState.NEXT, KeyState.RETIRED),
        (KeyState.ACTIVE, KeyState.RETIRING),
        (KeyState.ACTIVE, KeyState.RETIRED),
        (KeyState.RETIRING, KeyState.RETIRED),
    }
)


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """One key as the ring keeps it.

    `kid` is the RFC 7638 thumbprint; `since` (UTC) is when the present state began; `public` is the public
    JWK (None for symmetric keys); `sealed` is the secret half under the root key (None once destroyed).
    """

    kid: str
    state: KeyState
    purpose: KeyPurpose = field(repr=False)
    algorithm: Algorithm = field(repr=False)
    created: datetime = field(repr=False)
    since: datetime = field(repr=False)
    reason: str | None = field(default=None, repr=False)
    public: Mapping[str, str] | None = field(default=None, repr=False)
    sealed: bytes | None = field(default=None, repr=False)

    @property
    def slot(self) -> tuple[KeyPurpose, Algorithm]:
        """The place this key fills: one active key per purpose and algorithm."""
        return (self.purpose, self.algorithm)

    def moved(self, state: KeyState, now: datetime, reason: str | None = None) -> "KeyRecord":
        """Return the record after one move; a signing key that no longer signs loses its secret half.

        Symmetric and decrypting keys keep their secret while retiring, since what is old or on its way must open.

        Raises:
            KeyRefused: the move is not one of `MOVES`.
        """
        if (self.state, state) not in MOVES:
            raise KeyRefused("key_state", f"a key cannot go from {self.state} to {state}")
        signs = self.public is not None and not self.algorithm.decrypts_tokens
        spent = state is KeyState.RETIRED or (state is KeyState.RETIRING and signs)
        sealed = None if spent else self.sealed
        return replace(self, state=state, since=now, reason=reason or self.reason, sealed=sealed)
