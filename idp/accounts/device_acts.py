"""What the e-ID app signs: one act of one registered phone, for this provider, now, once.

An act is a compact JWS (RFC 7515) with ``typ`` ``eid-act+jwt``, ``alg`` ES256 and the device's thumbprint as ``kid``.
Its claims are ``aud`` (the issuer), ``iat``, ``jti``, ``act`` and what the act is about. It proves possession of the
phone; acts that agree to something need the PIN beside it.
"""

import hashlib
import hmac
from dataclasses import field
from typing import Final

import orjson

from idp.domain.account import Account
from idp.domain.device_key import DeviceKey
from idp.domain.facts import Facts
from idp.domain.needs import ReplayKey
from idp.domain.policy import Policy
from idp.domain.values import frozen
from idp.domain.writes import SpendOnce
from keys import KeyRefused, PublicKeySet, VerificationFailed, base64url, strict_json, thumbprint
from keys.compact import JWS_PARTS

ACT_TYP: Final = "eid-act+jwt"
ENROL_TYP: Final = "eid-device+jwt"
ALGORITHMS: Final = ("ES256",)
LONGEST: Final = 4_096
AGE: Final = 120
"""Seconds that an act may be old, or ahead: phones' clocks differ; its ``jti`` is spent for as long."""
THUMBPRINT: Final = 43
COORDINATE: Final = 32
_LONGEST_JTI: Final = 64


class DeviceRefused(Exception):
    """The act has no effect; ``code`` is language-free, ``status`` the HTTP status."""

    def __init__(self, code: str, status: int = 403, **values: int | str) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.values = values


@frozen
class SignedAct:
    """An act as it was read, nothing proven yet."""

    text: str = field(repr=False)
    device_id: str
    act: str
    jti: str = field(repr=False)
    claims: dict[str, object] = field(repr=False, hash=False)

    @property
    def replay(self) -> ReplayKey:
        """What the act is remembered under, in its device's own name."""
        return ReplayKey("eid-act", f"{self.device_id}|{self.jti}".encode())

    def text_of(self, name: str, longest: int = 128) -> str:
        """A text among the claims. Raises DeviceRefused."""
        value = self.claims.get(name)
        if not isinstance(value, str) or len(value) > longest:
            raise DeviceRefused("malformed", 400)
        return value

    def is_about(self, shown: dict[str, object]) -> bool:
        """Whether what was signed is what was shown, member by member."""
        signed = self.claims.get("context")
        return isinstance(signed, dict) and hmac.compare_digest(_digest(signed), _digest(shown))


def _digest(document: dict[str, object]) -> bytes:
    return hashlib.sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).digest()


def read_act(text: object) -> SignedAct:
    """What was sent, bounded before it is parsed. Raises DeviceRefused."""
    if not isinstance(text, str) or len(text) > LONGEST or not text.isascii():
        raise DeviceRefused("malformed", 400)
    segments = text.encode("ascii").split(b".")
    if len(segments) != JWS_PARTS:
        raise DeviceRefused("malformed", 400)
    try:
        header = strict_json.parse_object(base64url.decode(segments[0]))
        claims = strict_json.parse_object(base64url.decode(segments[1]))
    except ValueError:
        raise DeviceRefused("malformed", 400) from None
    kid, act, jti = header.get("kid"), claims.get("act"), claims.get("jti")
    if not isinstance(kid, str) or len(kid) != THUMBPRINT or not isinstance(act, str):
        raise DeviceRefused("malformed", 400)
    if not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_JTI:
        raise DeviceRefused("malformed", 400)
    return SignedAct(text, kid, act, jti, claims)


def proven(act: SignedAct, facts: Facts, policy: Policy, *, spent: bool = False) -> tuple[DeviceKey, Account]:
    """Whose act it is. Raises DeviceRefused.

    ``spent``: this very request has spent it before. Unknown, removed and foreign devices look alike, and so does one
    whose account is locked: no act of it has any effect (attack 38).
    """
    device, account = facts.device, facts.account
    if device is None or account is None or device.device_id != act.device_id:
        raise DeviceRefused("unknown_device", 401)
    try:
        claims = public_key(device).verify(act.text, algorithms=ALGORITHMS, typ=ACT_TYP, max_bytes=LONGEST)
    except VerificationFailed:
        raise DeviceRefused("unknown_device", 401) from None
    if device.account_id != account.account_id or not account.usable:
        raise DeviceRefused("unknown_device", 401)
    if claims.get("aud") != policy.issuer:
        raise DeviceRefused("wrong_audience", 400)
    issued = claims.get("iat")
    if type(issued) is not int or abs(facts.now - issued) > AGE:
        raise DeviceRefused("wrong_clock", 400, now=facts.now)
    if act.replay in facts.spent and not spent:
        raise DeviceRefused("replayed", 400)
    return device, account


def spend(act: SignedAct, facts: Facts) -> SpendOnce:
    """The claim of an act: of two at the same moment one has an effect."""
    issued = act.claims.get("iat")
    assert isinstance(issued, int)
    return SpendOnce(act.replay, facts.now + 2 * AGE, issued_at=min(issued, facts.now))


def public_key(device: DeviceKey) -> PublicKeySet:
    """The key that verifies what the phone signs."""
    return PublicKeySet.from_jwks({"keys": [jwk_of(device.x, device.y) | {"kid": device.device_id}]})


def jwk_of(x: bytes, y: bytes) -> dict[str, str]:
    """A P-256 key as a JWK."""
    return {
        "kty": "EC",
        "crv": "P-256",
        "x": base64url.encode(x).decode("ascii"),
        "y": base64url.encode(y).decode("ascii"),
    }


def read_key(jwk: object) -> tuple[str, bytes, bytes]:
    """Thumbprint and coordinates of a public P-256 key; nothing else, no private member. Raises DeviceRefused."""
    if not isinstance(jwk, dict) or jwk.get("kty") != "EC" or jwk.get("crv") != "P-256" or "d" in jwk:
        raise DeviceRefused("wrong_key", 400)
    found = []
    for name in ("x", "y"):
        text = jwk.get(name)
        if not isinstance(text, str) or len(text) > THUMBPRINT:
            raise DeviceRefused("wrong_key", 400)
        try:
            found.append(base64url.decode(text.encode()))
        except ValueError:
            raise DeviceRefused("wrong_key", 400) from None
    x, y = found
    if len(x) != COORDINATE or len(y) != COORDINATE:
        raise DeviceRefused("wrong_key", 400)
    try:
        PublicKeySet.from_jwks({"keys": [jwk_of(x, y)]})
    except KeyRefused:
        raise DeviceRefused("wrong_key", 400) from None
    return thumbprint(jwk_of(x, y)), x, y
