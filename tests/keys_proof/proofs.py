"""A client that makes DPoP proofs, right ones and every kind of wrong one."""

from __future__ import annotations

import json
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from keys import Algorithm, base64url
from keys.material import public_jwk
from keys.proof import DpopProof, ExpectedProof, judge_proof, read_proof

NOW = 1_800_000_000
URI = "https://id.example.vn/token"


def segment(value: Any) -> str:
    """One JSON segment of a token."""
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64url.encode(text).decode()


class Sender:
    """The holder of one key."""

    def __init__(self, algorithm: str = "ES256") -> None:
        self.algorithm = algorithm
        if algorithm == "ES256":
            self.private: Any = ec.generate_private_key(ec.SECP256R1())
        elif algorithm in {"EdDSA", "Ed25519"}:
            self.private = ed25519.Ed25519PrivateKey.generate()
        else:
            self.private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        full = public_jwk(self.private.public_key(), Algorithm.ES256)
        self.jkt = full["kid"]
        self.jwk = {name: value for name, value in full.items() if name not in {"kid", "use", "alg"}}

    def sign(self, data: bytes) -> bytes:
        """Sign as the key's algorithm does."""
        if self.algorithm == "ES256":
            r, s = decode_dss_signature(self.private.sign(data, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(32) + s.to_bytes(32)
        if self.algorithm in {"EdDSA", "Ed25519"}:
            return self.private.sign(data)
        pad = padding.PKCS1v15()
        if self.algorithm == "PS256":
            pad = padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=32)
        return self.private.sign(data, pad, hashes.SHA256())

    def proof(self, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A proof for POST to the token endpoint, now; claims and header members may be replaced, None removes."""
        head = {"typ": "dpop+jwt", "alg": self.algorithm, "jwk": self.jwk} | (header or {})
        body = {"jti": "one-of-its-kind", "htm": "POST", "htu": URI, "iat": NOW} | claims
        kept = [{k: v for k, v in part.items() if v is not None} for part in (head, body)]
        signing_input = f"{segment(kept[0])}.{segment(kept[1])}"
        return f"{signing_input}.{base64url.encode(self.sign(signing_input.encode())).decode()}"


def judged(proof: str, **expected: Any) -> DpopProof:
    """Read and judge one proof for POST to the token endpoint, now."""
    read = read_proof([proof])
    assert read is not None
    return judge_proof(read, ExpectedProof(**{"method": "POST", "uri": URI, "now": NOW} | expected))
