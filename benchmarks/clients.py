"""The clients of the benchmark, registered alike at both providers, and what they send."""

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import ECKey

from keys.proof import token_hash

CALLBACK: Final = "https://client.example/callback"
VERIFIER: Final = secrets.token_urlsafe(48)
CHALLENGE: Final = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True, slots=True)
class BenchClient:
    """One client and how it proves who it is."""

    client_id: str
    method: str = "client_secret_basic"
    secret: str = ""
    grant_types: tuple[str, ...] = ("authorization_code",)
    scopes: tuple[str, ...] = ("openid", "profile", "registry:verify")
    redirects: bool = True
    key: Any = field(default=None, repr=False)
    signed_introspection: bool = False

    @property
    def jwks(self) -> dict[str, Any] | None:
        """Its public keys, for private_key_jwt."""
        return None if self.key is None else {"keys": [self.key.as_dict(private=False)]}

    def headers(self) -> tuple[tuple[str, str], ...]:
        """Headers of a form post by this client."""
        kind = ("Content-Type", "application/x-www-form-urlencoded")
        if self.method != "client_secret_basic":
            return (kind,)
        text = base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()
        return (kind, ("Authorization", f"Basic {text}"))

    def form(self, issuer: str, **values: str) -> bytes:
        """A form body, with a fresh assertion where the client signs one."""
        if self.key is not None:
            now = int(time.time())
            claims = {
                "iss": self.client_id,
                "sub": self.client_id,
                "aud": issuer,
                "iat": now,
                "exp": now + 120,
                "jti": secrets.token_urlsafe(16),
            }
            header = {"alg": "ES256", "kid": self.key.kid}
            values |= {
                "client_id": self.client_id,
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": jwt.encode(header, claims, self.key),
            }
        return urlencode(values).encode()

    def peer_metadata(self) -> dict[str, Any]:
        """The same client in the words of dynamic registration, for the peer."""
        metadata: dict[str, Any] = {
            "client_id": self.client_id,
            "grant_types": list(self.grant_types),
            "response_types": ["code"] if self.redirects else [],
            "redirect_uris": [CALLBACK] if self.redirects else [],
            "token_endpoint_auth_method": self.method,
            "scope": " ".join((*self.scopes, "offline_access")),
        }
        if self.secret:
            metadata["client_secret"] = self.secret
        if self.jwks is not None:
            metadata |= {"jwks": self.jwks, "token_endpoint_auth_signing_alg": "ES256"}
        return metadata


def dpop_proof(url: str, nonce: str | None, token: str | None = None) -> str:
    """A fresh proof of :data:`DPOP_KEY` for one POST to ``url``, with ``token`` (RFC 9449 sections 4.2, 7)."""
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": DPOP_KEY.as_dict(private=False)}
    claims = {"htm": "POST", "htu": url, "iat": int(time.time()), "jti": secrets.token_urlsafe(16)}
    if nonce is not None:
        claims["nonce"] = nonce
    if token is not None:
        claims["ath"] = token_hash(token)
    return jwt.encode(header, claims, DPOP_KEY)


def _key() -> ECKey:
    key = ECKey.generate_key("P-256", {"alg": "ES256", "use": "sig"})
    key.ensure_kid()
    return key


DPOP_KEY: Final = ECKey.generate_key("P-256")
BOTH: Final = ("authorization_code", "refresh_token")
PLAIN: Final = BenchClient("bench-plain", secret=secrets.token_urlsafe(32), signed_introspection=True)
REFRESHING: Final = BenchClient("bench-refreshing", secret=secrets.token_urlsafe(32), grant_types=BOTH)
SIGNING: Final = BenchClient("bench-signing", method="private_key_jwt", key=_key(), grant_types=BOTH)
WEB_KINDS: Final = (PLAIN, REFRESHING, SIGNING)
SERVICE: Final = BenchClient(
    "bench-service",
    secret=secrets.token_urlsafe(32),
    grant_types=("client_credentials",),
    scopes=("registry:verify",),
    redirects=False,
)
