"""How a relying party shows at the token endpoint who it is: a signed assertion, and a proof of its sign-in's key.

https://www.rfc-editor.org/rfc/rfc7523 (section 2.2), https://www.rfc-editor.org/rfc/rfc9449 (sections 5 and 8)
"""

import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from secrets import token_urlsafe
from typing import Any, Final

from authlib.common.urls import add_params_to_qs
from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import StarletteOAuth2App

from clients.dpop import USE_NONCE, DpopKey

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFETIME: Final = 60
Sign = Callable[[Mapping[str, object]], str]
_key: ContextVar[DpopKey | None] = ContextVar("_key", default=None)
"""The key of the sign-in whose token request is under way."""


class KeyAssertion:
    """Client authentication with a signed assertion; its audience is the issuer alone (a single string)."""

    name = "private_key_jwt"

    def __init__(self, sign: Sign, issuer: str) -> None:
        self._sign = sign
        self._issuer = issuer
        self.nonce: str | None = None

    def __call__(
        self, auth: Any, _method: str, uri: str, headers: MutableMapping[str, str], body: str
    ) -> tuple[str, MutableMapping[str, str], str]:
        """Add ``client_assertion`` to a request, as Authlib's client calls it; and a DPoP proof for a bound token."""
        if (key := _key.get()) is not None:
            headers["DPoP"] = key.proof("POST", uri, nonce=self.nonce)
        now = int(time.time())
        assertion = self._sign(
            {
                "iss": auth.client_id,
                "sub": auth.client_id,
                "aud": self._issuer,
                "iat": now,
                "exp": now + ASSERTION_LIFETIME,
                "jti": token_urlsafe(16),
            }
        )
        pairs = [
            ("client_id", auth.client_id),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", assertion),
        ]
        signed_body = add_params_to_qs(body or "", pairs)
        if "Content-Length" in headers:
            headers["Content-Length"] = str(len(signed_body))
        return uri, headers, signed_body


class RetryingApp(StarletteOAuth2App):  # type: ignore[misc]  # Authlib has no types
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
