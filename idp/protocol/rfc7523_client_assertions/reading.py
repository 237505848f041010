"""RFC 7523 section 2.2: what an assertion claims, read before anything is verified, only to name the facts."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Final

import orjson

from idp.domain.needs import ReplayKey
from keys.compact import JWS_PARTS

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MAX_BYTES: Final = 8_192
NAMESPACE: Final = "client-assertion"


def unverified_claims(assertion: str) -> dict[str, object]:
    """The payload of a compact JWS, or an empty dict for anything else; never raises."""
    # CVE-2025-61920: nothing is parsed of a token that is too long.
    if len(assertion) > MAX_BYTES or not assertion.isascii():
        return {}
    parts = assertion.split(".")
    if len(parts) != JWS_PARTS:
        return {}
    try:
        claims = orjson.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}


def named(assertion: str) -> tuple[str | None, ReplayKey | None]:
    """Whose the assertion says it is, and its single-use item; read once for everything that comes after."""
    claims = unverified_claims(assertion)
    subject = claims.get("sub")
    return (subject if isinstance(subject, str) and subject else None), item(claims)


def replay_key(assertion: str) -> ReplayKey | None:
    """The single-use item of an assertion."""
    return item(unverified_claims(assertion))


def item(claims: dict[str, object]) -> ReplayKey | None:
    """The client and ``jti`` of an assertion, hashed (RFC 7523 section 3, point 7)."""
    subject, jti = claims.get("sub"), claims.get("jti")
    if not isinstance(subject, str) or not isinstance(jti, str) or not jti:
        return None
    text = f"{len(subject)}:{subject}{jti}".encode("utf-8", "surrogatepass")
    return ReplayKey(NAMESPACE, hashlib.sha256(text).digest())
