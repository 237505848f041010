"""Pure: an honest answer in, the answer with one fault out. Nothing is looked up; keys and times come as values."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from demo.test_drive.faults import Fault
from keys.compact import JWS_PARTS, parts_in

STRANGER: Final = "https://another.example"
HOUR: Final = 3600
DAY: Final = 86_400

Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Hands:
    """What forging takes: ``sign`` with the provider's own key, ``sign_unknown`` with one that nobody published.

    ``public_key`` is the PEM text of the provider's key, the "secret" of a confused verifier.
    """

    sign: Callable[[Claims], str]
    sign_unknown: Callable[[Claims], str]
    public_key: bytes


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a compact JWS that we signed ourselves a moment ago; nothing is verified."""
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def without(claims: Claims, name: str) -> dict[str, Any]:
    """The claims but for one."""
    return {key: value for key, value in claims.items() if key != name}


CHANGED: Final[Mapping[Fault, Callable[[Claims], dict[str, Any]]]] = {
    Fault.WRONG_ISSUER: lambda claims: {**claims, "iss": STRANGER},
    Fault.WRONG_AUDIENCE: lambda claims: {**claims, "aud": STRANGER},
    Fault.FOREIGN_PARTY: lambda claims: {**claims, "aud": [claims["aud"], STRANGER], "azp": STRANGER},
    Fault.WRONG_NONCE: lambda claims: {**claims, "nonce": "of-another-sign-in"},
    Fault.MISSING_NONCE: lambda claims: without(claims, "nonce"),
    Fault.EXPIRED: lambda claims: {**claims, "iat": claims["iat"] - 2 * HOUR, "exp": claims["iat"] - HOUR},
    Fault.FROM_THE_FUTURE: lambda claims: {**claims, "iat": claims["iat"] + DAY, "exp": claims["exp"] + DAY},
    Fault.MISSING_SUBJECT: lambda claims: without(claims, "sub"),
    Fault.WRONG_TOKEN_HASH: lambda claims: {**claims, "at_hash": _encoded(bytes(16))},
    Fault.WEAK_LEVEL: lambda claims: {**claims, "acr": "urn:example:vn:acr:l1-a1"},
}
"""Faults that the provider's own key signs: only the checks of the claims find them."""


def tampered_id_token(token: str, fault: Fault, hands: Hands) -> str:
    """The ID token with the fault."""
    claims = claims_of(token)
    if fault in CHANGED:
        return hands.sign(CHANGED[fault](claims))
    if fault is Fault.UNKNOWN_KEY:
        return hands.sign_unknown(claims)
    if fault is Fault.BAD_SIGNATURE:
        start, _, signature = token.rpartition(".")
        return f"{start}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
    if fault is Fault.UNSIGNED:
        return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{token.split('.')[1]}."
    if fault is Fault.CONFUSED_ALGORITHM:
        signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{token.split('.')[1]}"
        return f"{signed}.{_encoded(hmac.digest(hands.public_key, signed.encode(), hashlib.sha256))}"
    return token


def tampered_answer(answer: Claims, fault: Fault, hands: Hands) -> dict[str, Any]:
    """The JSON of the token endpoint with the fault; an encrypted ID token is left as it is."""
    if fault is Fault.MISSING_ID_TOKEN:
        return without(answer, "id_token")
    token = answer.get("id_token")
    if not isinstance(token, str) or parts_in(token) != JWS_PARTS:
        return dict(answer)
    return {**answer, "id_token": tampered_id_token(token, fault, hands)}


def tampered_location(location: str, fault: Fault) -> str:
    """The address that the browser is sent back to, with the fault (code flow, answer in the query)."""
    parts = urlsplit(location)
    fields = dict(parse_qsl(parts.query, keep_blank_values=True))
    if fault is Fault.WRONG_STATE:
        fields["state"] = "of-another-browser"
    elif fault is Fault.MISSING_STATE:
        fields.pop("state", None)
    elif fault is Fault.MIXED_UP_ISSUER:
        fields["iss"] = STRANGER
    elif fault in {Fault.ACCESS_DENIED, Fault.SERVER_ERROR}:
        kept: dict[str, str] = {name: fields[name] for name in ("state", "iss") if name in fields}
        fields = dict(kept, error=fault.value)
    return urlunsplit(parts._replace(query=urlencode(fields)))


def _part(header: Mapping[str, str]) -> str:
    return _encoded(json.dumps(header, separators=(",", ":")).encode())


def _encoded(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")
