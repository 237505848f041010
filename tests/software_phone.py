"""A phone with the e-ID app, in software: the same messages that the app's script makes with WebCrypto."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import httpx2
import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from keys import base64url

PIN = "291847"


def b64(data: bytes) -> str:
    """Base64url without padding."""
    return base64url.encode(data).decode("ascii")


@dataclass(slots=True)
class Phone:
    """A key and what it signs. ``behind`` makes its clock wrong, in seconds."""

    issuer: str
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1()), repr=False
    )
    behind: int = 0

    @property
    def jwk(self) -> dict[str, str]:
        """The public half."""
        numbers = self.key.public_key().public_numbers()
        coordinates = {"x": b64(numbers.x.to_bytes(32)), "y": b64(numbers.y.to_bytes(32))}
        return {"crv": "P-256", "kty": "EC", **coordinates}

    @property
    def device_id(self) -> str:
        """RFC 7638."""
        return b64(hashlib.sha256(orjson.dumps(self.jwk, option=orjson.OPT_SORT_KEYS)).digest())

    def signed(self, typ: str, claims: dict[str, Any], **header: Any) -> str:
        """A compact JWS."""
        head = {"alg": "ES256", "typ": typ, "kid": self.device_id} | header
        text = f"{b64(orjson.dumps(head))}.{b64(orjson.dumps(claims))}"
        r, s = decode_dss_signature(self.key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{text}.{b64(r.to_bytes(32) + s.to_bytes(32))}"

    def enrolment(self, asked: dict[str, Any], pin: str = PIN, /, **changes: Any) -> dict[str, Any]:
        """What registers this phone."""
        proof = {"aud": self.issuer, "challenge": asked["challenge"], "sub": self.device_id} | changes
        return {
            "i": asked["i"],
            "jwk": self.jwk,
            "name": "Máy của tôi",
            "pin": pin,
            "proof": self.signed("eid-device+jwt", proof),
        }

    def act(self, act: str, **claims: Any) -> str:
        """A signed act."""
        now = int(time.time()) - self.behind
        whole = {"aud": self.issuer, "iat": now, "jti": secrets.token_urlsafe(12), "act": act} | claims
        return self.signed("eid-act+jwt", whole)

    async def say(
        self, client: httpx2.AsyncClient, act: str, pin: str | None = None, **claims: Any
    ) -> httpx2.Response:
        """Post an act."""
        body = {"signed": self.act(act, **claims)} | ({} if pin is None else {"pin": pin})
        return await client.post("/eid/v1/device-acts", json=body)
