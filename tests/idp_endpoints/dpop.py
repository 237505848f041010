"""Clients that prove their keys over HTTP: DPoP headers, nonces remembered as real clients do."""

from __future__ import annotations

import functools
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import httpx2
from joserfc.jwk import ECKey

from idp.storage import Storage
from keys.proof import token_hash
from tests.idp_endpoints.fapi_client import ASSERTION_TYPE, FapiClient, fapi_portal
from tests.idp_endpoints.people import CALLBACK, portal
from tests.idp_endpoints.provider import ISSUER, VERIFIER, Provider, basic
from tests.keys_proof.proofs import Sender

GRANTS = frozenset({"authorization_code", "refresh_token", "client_credentials"})
SCOPES = frozenset({"openid", "profile", "offline_access", "introspection", "registry:verify"})


@functools.cache
def fapi_key() -> ECKey:
    """The key that the client ``fapi`` signs its assertions with."""
    return ECKey.generate_key("P-256", {"kid": "fapi-1", "use": "sig", "alg": "ES256"})


CLIENTS = (
    portal("bound", grant_types=GRANTS, scopes=SCOPES, dpop_bound_access_tokens=True),
    fapi_portal("fapi", fapi_key(), grant_types=GRANTS, scopes=SCOPES, dpop_bound_access_tokens=False),
    portal("free", grant_types=GRANTS, scopes=SCOPES),
)


async def furnish(storage: Storage) -> None:
    """Register the clients of these tests."""
    for client in CLIENTS:
        await storage.clients.save(client)


@dataclass(slots=True)
class Holder:
    """One key in front of the provider; ``nonce`` is the last one that was given."""

    provider: Provider
    client_id: str = "free"
    sender: Sender = field(default_factory=Sender)
    nonce: str | None = None

    def proof(self, path: str = "/token", method: str = "POST", **claims: Any) -> str:
        """A fresh proof."""
        values = {
            "htm": method,
            "htu": ISSUER + path,
            "iat": int(time.time()),
            "jti": secrets.token_urlsafe(16),
            "nonce": self.nonce,
        }
        return self.sender.proof(**(values | claims))

    @property
    def credentials(self) -> dict[str, str]:
        """The header that authenticates the client; ``app`` has nothing, ``fapi`` signs."""
        return {} if self.client_id in {"app", "fapi"} else basic(self.client_id)

    @property
    def named(self) -> dict[str, str]:
        """The same, as parameters."""
        if self.client_id == "app":
            return {"client_id": "app"}
        if self.client_id != "fapi":
            return {}
        signed = FapiClient(self.provider, "fapi", fapi_key()).assertion()
        return {"client_assertion": signed, "client_assertion_type": ASSERTION_TYPE}

    async def post(self, path: str, form: dict[str, Any], proof: str | None = None) -> httpx2.Response:
        """POST with a proof; the nonce of the answer is kept."""
        headers = self.credentials | {"DPoP": proof or self.proof(path)}
        async with self.provider.client() as client:
            response = await client.post(path, data=self.named | form, headers=headers)
        self.nonce = response.headers.get("dpop-nonce", self.nonce)
        return response

    async def redeem(self, code: str, proof: str | None = None) -> httpx2.Response:
        """The code for tokens."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        return await self.post("/token", form | {"code_verifier": VERIFIER}, proof)

    async def refresh(self, token: str, proof: str | None = None) -> httpx2.Response:
        """A refresh token for tokens."""
        return await self.post("/token", {"grant_type": "refresh_token", "refresh_token": token}, proof)

    async def own(self, proof: str | None = None) -> httpx2.Response:
        """Client credentials."""
        return await self.post(
            "/token", {"grant_type": "client_credentials", "scope": "introspection"}, proof
        )

    async def look(self, token: str, proof: str | None = None, scheme: str = "DPoP") -> httpx2.Response:
        """UserInfo."""
        shown = proof or self.proof("/userinfo", "GET", ath=token_hash(token))
        async with self.provider.client() as client:
            response = await client.get(
                "/userinfo", headers={"Authorization": f"{scheme} {token}", "DPoP": shown}
            )
        self.nonce = response.headers.get("dpop-nonce", self.nonce)
        return response
