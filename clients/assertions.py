"""How a relying party shows at the token endpoint who it is: a signed assertion, and a proof of its sign-in's key.

https://www.rfc-editor.org/rfc/rfc7523 (section 2.2), https://www.rfc-editor.org/rfc/rfc9449 (sections 5 and 8)
"""

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import StarletteOAuth2App

from clients.dpop import USE_NONCE, DpopKey
from web.client_assertions import ClientAssertion, Sign

__all__ = ["KeyAssertion", "RetryingApp", "Sign", "holding"]
_key: ContextVar[DpopKey | None] = ContextVar("_key", default=None)
"""The key of the sign-in whose token request is under way."""


class KeyAssertion(ClientAssertion):
    """The assertion, and beside it the proof of the sign-in's key where its token is bound to one."""

    nonce: str | None = None
    """The last that the provider gave (RFC 9449 section 8)."""

    def __call__(
        self, auth: Any, _method: str, uri: str, headers: MutableMapping[str, str], body: str | bytes
    ) -> tuple[str, MutableMapping[str, str], str]:
        """As the base; and a DPoP proof for a bound token."""
        if (key := _key.get()) is not None:
            headers["DPoP"] = key.proof("POST", uri, nonce=self.nonce)
        return super().__call__(auth, _method, uri, headers, body)


class RetryingApp(StarletteOAuth2App):
    """Authlib's client, which asks once more when the provider wants a nonce in the proof (RFC 9449 section 8)."""

    async def fetch_access_token(self, redirect_uri: str | None = None, **parameters: Any) -> Any:
        """As the base; the second proof carries the nonce that came with the refusal."""
        try:
            return await super().fetch_access_token(redirect_uri, **parameters)
        except OAuthError as error:
            if error.error != USE_NONCE:
                raise
        return await super().fetch_access_token(redirect_uri, **parameters)


@contextmanager
def holding(key: DpopKey | None) -> Iterator[None]:
    """Token requests within carry proofs of this key."""
    kept = _key.set(key)
    try:
        yield
    finally:
        _key.reset(kept)
