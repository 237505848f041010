"""Tokens that look right and are not: one list for every place that reads a token (attacks 21 to 25)."""

from __future__ import annotations

import hashlib
import hmac
import json
import zlib
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc.jwk import ECKey

from keys import Recipient, base64url

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def segment(value: Any) -> str:
    """A JSON value, or bytes, as a segment."""
    return base64url.encode(value if isinstance(value, bytes) else json.dumps(value).encode()).decode()


def der_signature(key: ECKey, data: str) -> bytes:
    """An ECDSA signature as X.509 writes it."""
    assert key.private_key is not None
    return key.private_key.sign(data.encode(), ec.ECDSA(hashes.SHA256()))


def signature(key: ECKey, data: str) -> bytes:
    """An ECDSA signature as JOSE writes it (RFC 7518 section 3.4)."""
    r, s = decode_dss_signature(der_signature(key, data))
    return r.to_bytes(32) + s.to_bytes(32)


def signed(key: ECKey, header: Mapping[str, Any], claims: Any) -> str:
    """A token whose signature is right over whatever header is wanted."""
    data = f"{segment(dict(header))}.{segment(claims)}"
    return f"{data}.{segment(signature(key, data))}"


def of(
    key: ECKey, header: dict[str, Any], claims: dict[str, Any], encrypt_to: Mapping[str, object]
) -> dict[str, str]:
    """Forgeries of the good token that ``key`` would sign, by what is wrong with them.

    ``encrypt_to`` is the provider's published key set: what it can decrypt it must not decrypt everywhere.
    """
    thief = ECKey.generate_key("P-256")
    public = {name: key.as_dict(private=False)[name] for name in ("kty", "crv", "x", "y")}
    embedded = {name: thief.as_dict(private=False)[name] for name in ("kty", "crv", "x", "y")}
    good = signed(key, header, claims)
    head, body, sign = good.split(".")
    raw = base64url.decode(sign.encode())
    made = {
        "thief's key under the right kid": signed(thief, header, claims),
        "embedded jwk (CVE-2026-27962)": signed(thief, header | {"jwk": embedded}, claims),
        "embedded jwk without kid": signed(thief, {"alg": "ES256", "jwk": embedded}, claims),
        "jwk beside a good signature": signed(key, header | {"jwk": public}, claims),
        "jku": signed(thief, header | {"jku": "https://evil.example/keys"}, claims),
        "x5u": signed(thief, header | {"x5u": "https://evil.example/chain"}, claims),
        "x5c": signed(thief, header | {"x5c": ["MIIB"]}, claims),
        "unknown crit": signed(key, header | {"crit": ["x-new"], "x-new": 1}, claims),
        "crit that names nothing": signed(key, header | {"crit": []}, claims),
        "b64 false (RFC 7797)": signed(key, header | {"crit": ["b64"], "b64": False}, claims),
        "compressed (CVE-2025-61920)": signed(key, header | {"zip": "DEF"}, zlib.compress(bytes(200_000))),
        "zip announced, content plain": signed(key, header | {"zip": "DEF"}, claims),
        "signature of zeros (CVE-2022-21449)": f"{head}.{body}.{segment(bytes(64))}",
        "r and s of the order": f"{head}.{body}.{segment(P256_ORDER.to_bytes(32) * 2)}",
        "DER signature": f"{head}.{body}.{segment(der_signature(key, f'{head}.{body}'))}",
        "shortened signature": f"{head}.{body}.{segment(raw[:-1])}",
        "no signature": f"{head}.{body}.",
        "another spelling of the signature": good + "=",
        "other claims under the signature": f"{head}.{segment(claims | {'exp': 1})}.{sign}",
        "two members of one name": signed(key, header, json.dumps(claims)[:-1].encode() + b',"iss":"x"}'),
        "oversized": signed(key, header, claims | {"filler": "x" * 20_000}),
        "four parts": good + ".x",
        "flattened JSON": json.dumps({"protected": head, "payload": body, "signature": sign}),
    }
    for name in ("none", "None", "nOnE", ""):
        made[f"alg {name!r}"] = f"{segment(header | {'alg': name})}.{body}."
    for name in ("RS256", "PS256", "EdDSA", "ES384", "ES512", "RS1"):
        made[f"says {name}, is ES256"] = signed(key, header | {"alg": name}, claims)
    pem = key.public_key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    for name, secret in {"PEM": pem, "JWK": json.dumps(public).encode()}.items():
        data = f"{segment(header | {'alg': 'HS256'})}.{body}"
        mac = hmac.digest(secret, data.encode(), hashlib.sha256)
        made[f"HS256 under the public key as {name} (CVE-2016-10555)"] = f"{data}.{segment(mac)}"
    recipient = Recipient.of(encrypt_to, "ECDH-ES")
    made["the claims encrypted to us, unsigned"] = recipient.encrypt(json.dumps(claims), "A256GCM")
    made["an unsigned token encrypted to us"] = recipient.encrypt(made["alg 'none'"], "A256GCM", cty="JWT")
    return made
