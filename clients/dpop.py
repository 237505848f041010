"""Proof of possession from the client's side (RFC 9449): a key for each sign-in, a proof for each request.

What this client adds to the plain one: `DpopKey.proof` beside every token request and every request with a token.
"""

import hashlib
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any, Final, Self

from joserfc import jwt
from joserfc.jwk import ECKey

ALGORITHM: Final = "ES256"
NONCE: Final = "DPoP-Nonce"
USE_NONCE: Final = "use_dpop_nonce"


class DpopKey:
    """A P-256 key that lives as long as one sign-in. Keep `text` sealed, on the server."""

    __slots__ = ("_key", "_public", "jkt")

    def __init__(self, key: ECKey) -> None:
        self._key: Final = key
        self._public: Final[Mapping[str, Any]] = {
            name: value
            for name, value in key.as_dict(private=False).items()
            if name in {"kty", "crv", "x", "y"}
        }
        self.jkt: Final = key.thumbprint()

    @classmethod
    def new(cls) -> Self:
        """A fresh key."""
        return cls(ECKey.generate_key("P-256", private=True))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The key that `text` gave."""
        return cls(ECKey.import_key(json.loads(text)))

    @property
    def text(self) -> str:
        """The key as JSON, private."""
        return json.dumps(self._key.as_dict(private=True))

    def proof(self, method: str, url: str, *, nonce: str | None = None, token: str | None = None) -> str:
        """A proof for one request (section 4.2); `token` is the access token beside it."""
        claims: dict[str, object] = {
            "jti": token_urlsafe(16),
            "htm": method,
            "htu": url.partition("?")[0].partition("#")[0],
            "iat": int(time.time()),
        }
        if nonce is not None:
            claims["nonce"] = nonce
        if token is not None:
            claims["ath"] = urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).decode().rstrip("=")
        header = {"typ": "dpop+jwt", "alg": ALGORITHM, "jwk": dict(self._public)}
        return jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])

    def __repr__(self) -> str:
        return f"DpopKey({self.jkt})"


@dataclass(frozen=True, slots=True)
class HeldToken:
    """An access token and, where it is bound to one, the key that proves it ours."""

    token: str = field(repr=False)
    key: DpopKey | None = None

    def headers(self, method: str, url: str, nonce: str | None = None) -> dict[str, str]:
        """The headers that present the token (RFC 6750 section 2.1, RFC 9449 section 7.1)."""
        if self.key is None:
            return {"Authorization": f"Bearer {self.token}"}
        proof = self.key.proof(method, url, nonce=nonce, token=self.token)
        return {"Authorization": f"DPoP {self.token}", "DPoP": proof}
