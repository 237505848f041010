"""Passwords at rest: argon2id (RFC 9106) under named parameter profiles.

A hash carries its own parameters, so a stronger profile takes effect person by person, at their next sign-in.
"""

from enum import StrEnum
from typing import Final

from argon2 import Parameters, PasswordHasher, Type, profiles
from argon2.exceptions import InvalidHashError, VerificationError

MAX_LENGTH: Final = 1_024
"""Longest password in characters; longer ones are cut before hashing, so that length is no way to burn work."""


class Profile(StrEnum):
    """A set of argon2id parameters by name."""

    OWASP = "owasp"
    """OWASP Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane."""
    RFC_9106 = "rfc9106"
    """RFC 9106 section 4, second recommended option: 64 MiB, 3 passes, 4 lanes; where memory is no concern."""
    CHEAPEST = "cheapest"
    """For tests and throw-away data only; settings refuse it in production."""
    PRODUCTION = OWASP
    """What is used where nothing is said. Accounts are provisioned under it too, so that hashing for nobody and for
    somebody costs the same."""

    @property
    def answer_floor(self) -> float:
        """Seconds before which no refused password is answered, so that look-ups around the hashing tell nothing."""
        return _FLOORS[self]

    @property
    def safe(self) -> bool:
        """True for every profile that may guard a real account."""
        return self is not Profile.CHEAPEST


_FLOORS: Final = {Profile.OWASP: 0.25, Profile.RFC_9106: 0.5, Profile.CHEAPEST: 0.0}
PARAMETERS: Final = {
    Profile.RFC_9106: profiles.RFC_9106_LOW_MEMORY,
    Profile.OWASP: Parameters(
        type=Type.ID, version=19, salt_len=16, hash_len=32, time_cost=2, memory_cost=19_456, parallelism=1
    ),
    Profile.CHEAPEST: profiles.CHEAPEST,
}


class Passwords:
    """Hashing and checking under one profile. Slow on purpose: call it through :class:`PasswordPool`."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self._hasher = PasswordHasher.from_parameters(PARAMETERS[profile])
        self._nobody = self._hasher.hash("the password of nobody")

    def hash(self, password: str) -> str:
        """The argon2id hash in PHC form."""
        return self._hasher.hash(password[:MAX_LENGTH])

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is right; None (nobody there) costs the same work and is never right.

        An empty password is hashed like any other, so that its answer takes as long.
        """
        try:
            self._hasher.verify(password_hash or self._nobody, password[:MAX_LENGTH])
        except (VerificationError, InvalidHashError):
            return False
        return password_hash is not None

    def upgraded(self, password_hash: str, password: str) -> str | None:
        """A new hash when the stored one was made under other parameters, else None."""
        return self.hash(password) if self._hasher.check_needs_rehash(password_hash) else None
