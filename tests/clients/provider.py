"""A small OpenID provider: the counterpart of a relying party in tests, over ASGI, with real keys and signatures."""

from __future__ import annotations

import base64
import json
import time
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from keys import KeyPurpose, KeyRing

ISSUER = "http://localhost:8000"
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


def decoded(token: str | None) -> dict[str, Any]:
    """The claims of a JWT, unverified; none of none."""
    if token is None:
        return {}
    part = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


class Provider:
    """Issues what it is told to; ``id_token`` changes claims of the next ID token, ``away`` cuts it off."""

    def __init__(self, ring: KeyRing) -> None:
        self.ring = ring
        self.away = False
        self.id_token: dict[str, Any] = {}
        self.token_answer: dict[str, Any] = {}
        self.raw_id_token: str | None = None
        self.asked: dict[str, str] = {}
        self.posted: list[dict[str, str]] = []
        self.jwks_fetched = 0
        self.proofs: list[str | None] = []
        self.pushed: list[dict[str, str]] = []
        self.nonce: str | None = None
        self.app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._metadata),
                Route("/jwks", self._jwks),
                Route("/token", self._token, methods=["POST"]),
                Route("/par", self._push, methods=["POST"]),
            ]
        )

    def transport(self) -> httpx2.AsyncBaseTransport:
        """The way to this provider."""
        provider, inner = self, httpx2.ASGITransport(self.app)

        class Cuttable(httpx2.AsyncBaseTransport):
            async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
                if provider.away:
                    raise httpx2.ConnectError("away")
                return await inner.handle_async_request(request)

        return Cuttable()

    async def _metadata(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": ISSUER,
                "authorization_endpoint": f"{ISSUER}/authorize",
                "token_endpoint": f"{ISSUER}/token",
                "pushed_authorization_request_endpoint": f"{ISSUER}/par",
                "jwks_uri": f"{ISSUER}/jwks",
                "end_session_endpoint": f"{ISSUER}/logout",
                "id_token_signing_alg_values_supported": ["ES256", "RS256", "PS256", "EdDSA"],
                "authorization_response_iss_parameter_supported": True,
            }
        )

    async def _jwks(self, _: Request) -> Response:
        self.jwks_fetched += 1
        return JSONResponse(self.ring.jwks())

    async def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        self.posted.append(form)
        self.proofs.append(request.headers.get("dpop"))
        if self.nonce is not None and self.nonce not in str(decoded(self.proofs[-1]).values()):
            return JSONResponse({"error": "use_dpop_nonce"}, 400, {"DPoP-Nonce": self.nonce})
        if form.get("code") == "spent":
            return JSONResponse({"error": "invalid_grant"}, 400)
        answer = {
            "access_token": "an-access-token",
            "token_type": "Bearer",
            "expires_in": 300,
            "refresh_token": "a-refresh-token",
            "id_token": self.raw_id_token or self.signed_id_token(),
        }
        return JSONResponse({**answer, **self.token_answer})

    async def _push(self, request: Request) -> Response:
        pairs = parse_qsl((await request.body()).decode(), keep_blank_values=True)
        assert len({name for name, _ in pairs}) == len(pairs), "a parameter stands there twice"
        self.pushed.append(dict(pairs))
        return JSONResponse({"request_uri": f"urn:pushed:{len(self.pushed)}", "expires_in": 60}, 201)

    def authorize(self, url: str, **changed: str) -> str:
        """The person signs in: from the authorization request to the query of the redirect back."""
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        if "request_uri" in self.asked:
            self.asked = self.pushed[int(self.asked["request_uri"].rpartition(":")[2]) - 1]
        answer = {"code": "a-code", "state": self.asked["state"], "iss": ISSUER} | changed
        return str(httpx2.QueryParams({name: value for name, value in answer.items() if value}))

    def signed_id_token(self, **changed: Any) -> str:
        """An ID token for the last authorization request."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": self.asked.get("client_id"),
            "sub": "pairwise-lan",
            "nonce": self.asked.get("nonce"),
            "iat": now,
            "exp": now + 300,
            "acr": "urn:example:vn:acr:l2-a2",
            "name": "Nguyễn Thị Lan",
            "pid": "099194000101",
            "sid": "a-session",
        }
        given = {**claims, **self.id_token, **changed}
        kept = {name: value for name, value in given.items() if value is not None}
        return self.ring.signer(KeyPurpose.ID_TOKEN, "ES256").sign(kept, typ="JWT")

    def logout_token(self, audience: str, *, typ: str = "logout+jwt", **changed: Any) -> str:
        """A back-channel logout token."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": audience,
            "iat": now,
            "exp": now + 120,
            "jti": f"logout-{time.monotonic_ns()}",
            "sub": "pairwise-lan",
            "sid": "a-session",
            "events": {LOGOUT_EVENT: {}},
        }
        kept = {name: value for name, value in {**claims, **changed}.items() if value is not None}
        purpose = KeyPurpose.LOGOUT_TOKEN if typ == "logout+jwt" else KeyPurpose.ID_TOKEN
        return self.ring.signer(purpose, "ES256").sign(kept, typ=typ)
