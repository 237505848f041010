"""The public key inside a DPoP proof: the one place where a token's own header may bring a key.

https://www.rfc-editor.org/rfc/rfc9449 (section 4.2 `jwk`), https://www.rfc-editor.org/rfc/rfc7517
Implemented: RFC 9449 4.2 and 4.3 points 5 to 7 (asymmetric, public, the signature fits), RFC 7638 thumbprint.
Left out: P-384, P-521, secp256k1, Ed448: no profile that we serve asks for them.
The judgement of keys is `PublicKeySet`'s (curve, small order, RSA size), the mathematics joserfc's.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from keys.errors import KeyRefused
from keys.material import thumbprint
from keys.proof.refusals import INVALID_DPOP_PROOF, ProofRefused
from keys.public_key_set import PublicKeySet

#: RFC 9449 section 5.1 `dpop_signing_alg_values_supported`; `Ed25519` is EdDSA's name of RFC 9864.
DPOP_ALGORITHMS: Final = frozenset({"ES256", "PS256", "RS256", "EdDSA", "Ed25519"})

_PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_MEMBERS: Final = {"EC": ("crv", "x", "y"), "RSA": ("e", "n"), "OKP": ("crv", "x")}
_FITTING: Final = {
    "EC": frozenset({"ES256"}),
    "RSA": frozenset({"PS256", "RS256"}),
    "OKP": frozenset({"EdDSA", "Ed25519"}),
}
_CLASSES: Final[Mapping[str, type[ECKey | RSAKey | OKPKey]]] = {"EC": ECKey, "RSA": RSAKey, "OKP": OKPKey}
_LONGEST_MEMBER: Final = 1400  # an RSA modulus of 8192 bits has 1366 characters


class EmbeddedKey:
    """A public key that came inside a proof; `jkt` is its RFC 7638 SHA-256 thumbprint."""

    __slots__ = ("_key", "jkt")

    def __init__(self, jkt: str, key: Key) -> None:
        self.jkt: Final = jkt
        self._key: Final = key

    def signed(self, algorithm: str, signing_input: bytes, signature: bytes) -> bool:
        """Whether the signature is this key's over these bytes; the algorithm was allowed by `read_key`."""
        return JWSRegistry.algorithms[algorithm].verify(signing_input, signature, self._key)

    def __repr__(self) -> str:
        return f"EmbeddedKey({self.jkt})"


def read_key(jwk: object, algorithm: str) -> EmbeddedKey:
    """Return the key of a `jwk` header parameter that fits the proof's algorithm.

    Raises:
        ProofRefused: `invalid_dpop_proof`: not a JWK, a private or symmetric member, a kind of key that the
            algorithm does not use, a key for another use, or a key that `PublicKeySet` would not take.
    """
    if not isinstance(jwk, dict):
        raise ProofRefused(INVALID_DPOP_PROOF, "jwk")
    # RFC 9449 section 4.2: the jwk "MUST NOT contain a private key"; a symmetric key is all private.
    if not _PRIVATE_MEMBERS.isdisjoint(jwk):
        raise ProofRefused(INVALID_DPOP_PROOF, "private_member")
    kty = jwk.get("kty")
    if not isinstance(kty, str) or algorithm not in _FITTING.get(kty, ()):
        raise ProofRefused(INVALID_DPOP_PROOF, "key_type")
    if jwk.get("use", "sig") != "sig" or jwk.get("alg", algorithm) != algorithm:
        raise ProofRefused(INVALID_DPOP_PROOF, "key_use")
    members = tuple((name, jwk.get(name)) for name in ("kty", *_MEMBERS[kty]))
    texts = tuple((name, value) for name, value in members if isinstance(value, str))
    if len(texts) != len(members) or any(len(value) > _LONGEST_MEMBER for _, value in texts):
        raise ProofRefused(INVALID_DPOP_PROOF, "jwk")
    return _imported(texts)


@lru_cache(maxsize=1024)
def _imported(members: tuple[tuple[str, str], ...]) -> EmbeddedKey:
    """Return the key of exactly these members; a client proves the same key many times, it is read once."""
    jwk = dict(members)
    try:
        if len(PublicKeySet.from_jwks({"keys": [jwk]})) != 1:
            raise ProofRefused(INVALID_DPOP_PROOF, "key_curve")
        key = _CLASSES[jwk["kty"]].import_key({**jwk})
        return EmbeddedKey(thumbprint(jwk), key)
    except (KeyRefused, KeyError, TypeError) as broken:
        raise ProofRefused(INVALID_DPOP_PROOF, "bad_key") from broken
