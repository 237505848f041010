"""The adapter of :class:`idp.ports.Registry`: ``POST /v1/releases`` with an access token of our own (RFC 9068)."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, Final
from uuid import uuid4

import httpx2

from idp.ports import Unavailable
from idp.registry.claims import FIELDS, openid_claims
from idp.registry.published_keys import RegistryKeys
from keys import KeyPurpose, KeyRing
from web.anchors import trusting

CLIENT_ID: Final = "idp"
PROCEDURE: Final = "eid.profile"
PURPOSE: Final = "electronic identification account"
SCOPE: Final = "registry:release"
LIFETIME: Final = 300
_MARGIN: Final = 60
_NOT_FOUND: Final = 404
_OK: Final = 200


class HttpRegistry:
    """Asks the registry at ``base_url``, which is also the audience of our token; no redirects, 5 s at most.

    ``anchors``: a PEM file of authorities, beside the system's, that vouch for its https.
    """

    def __init__(
        self,
        base_url: str,
        issuer: str,
        ring: KeyRing,
        *,
        now: Callable[[], float] = time.time,
        transport: httpx2.AsyncBaseTransport | None = None,
        anchors: Path | None = None,
    ) -> None:
        self._audience = base_url
        self._issuer = issuer
        self._ring = ring
        self._now = now
        self._client = httpx2.AsyncClient(
            base_url=base_url,
            timeout=5.0,
            follow_redirects=False,
            transport=transport,
            trust_env=False,
            verify=trusting(anchors),
        )
        self._keys = RegistryKeys(self._client)
        self._token = ""
        self._token_ends = 0

    async def profile(self, personal_number: str) -> Mapping[str, object] | None:
        """OpenID claims of a person, or None when the registry knows nobody usable.

        Raises :class:`Unavailable` when it does not answer, or refuses us.
        """
        body = {
            "purpose": PURPOSE,
            "procedure_code": PROCEDURE,
            "subject": {"number": personal_number},
            "fields": list(FIELDS),
        }
        headers = {"Authorization": f"Bearer {self._bearer()}", "Idempotency-Key": str(uuid4())}
        try:
            answer = await self._client.post("/v1/releases", json=body, headers=headers)
            if answer.status_code == _NOT_FOUND:
                return None
            if answer.status_code != _OK:
                raise Unavailable(f"registry: status {answer.status_code}")
            values: Mapping[str, Any] = answer.json()["values"]
            return openid_claims(values, int(self._now()))
        except (httpx2.HTTPError, KeyError, TypeError, ValueError) as failure:
            raise Unavailable("registry") from failure

    async def signed(self, token: str, *, typ: str, algorithms: Sequence[str]) -> Mapping[str, object]:
        """The claims of a token that the registry signed. Raises VerificationFailed, Unavailable."""
        return await self._keys.verified(token, typ=typ, algorithms=algorithms)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _bearer(self) -> str:
        now = int(self._now())
        if now >= self._token_ends - _MARGIN:
            self._token_ends = now + LIFETIME
            claims = {
                "iss": self._issuer,
                "aud": self._audience,
                "sub": CLIENT_ID,
                "client_id": CLIENT_ID,
                "iat": now,
                "exp": self._token_ends,
                "jti": token_urlsafe(16),
                "scope": SCOPE,
                "party_kind": "state",
            }
            self._token = self._ring.signer(KeyPurpose.ACCESS_TOKEN).sign(claims, typ="at+jwt")
        return self._token
