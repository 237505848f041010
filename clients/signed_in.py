"""What a sign-in comes to: who is in, who was signed out, or why not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clients.dpop import DpopKey, HeldToken


class SignInFailed(Exception):
    """The provider refused, or its answer does not hold. ``code`` is an OAuth error code or one of ours."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who came back: the ID token's claims and the tokens. Keep it on the server, never in a cookie."""

    subject: str
    claims: Mapping[str, Any]
    id_token: str
    access_token: str
    refresh_token: str | None
    access_expires_at: int
    dpop_key: str | None = None

    @property
    def held(self) -> HeldToken:
        """The access token, with the key that it is bound to."""
        key = None if self.dpop_key is None else DpopKey.from_text(self.dpop_key)
        return HeldToken(self.access_token, key)


@dataclass(frozen=True, slots=True)
class SignedOut:
    """A provider's notice that a session ended: all of ``subject``'s when ``sid`` is None."""

    jti: str
    expires_at: int
    subject: str | None
    sid: str | None
