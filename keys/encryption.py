"""Encrypting to a recipient's public key as a compact JWE (RFC 7516 section 7.1).

The mathematics is joserfc's. Not offered: RSA1_5 (padding oracles), RSA-OAEP (its hash is SHA-1), `dir` and PBES2
(shared secrets), `zip` (compressed secrets leak by their length, and bombs are small).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from joserfc.errors import JoseError
from joserfc.jwe import JWERegistry, encrypt_compact
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from keys import base64url
from keys.errors import KeyRefused
from keys.purposes import KEY_MANAGEMENT

#: RFC 7518 section 5.1.
CONTENT_ENCRYPTION: Final = ("A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM")
#: OpenID Connect Dynamic Client Registration 1.0, section 2: what an `_enc` is when only the `_alg` is registered.
DEFAULT_CONTENT_ENCRYPTION: Final = "A128CBC-HS256"
REGISTRY: Final = JWERegistry(algorithms=[*KEY_MANAGEMENT, *CONTENT_ENCRYPTION], strict_check_header=False)

_PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_OPERATIONS: Final = frozenset({"encrypt", "wrapKey", "deriveKey", "deriveBits"})
_CURVES: Final = {"EC": ("P-256", "P-384", "P-521"), "OKP": ("X25519",)}
_ANY_SECRET: Final = X25519PrivateKey.from_private_bytes(bytes(range(32)))
_LEAST_RSA_BITS: Final = 2048
_MOST_RSA_BITS: Final = 8192
_LEAST_RSA_EXPONENT: Final = 65537
_MOST_KEYS: Final = 100


@dataclass(frozen=True, slots=True)
class Recipient:
    """A public key that somebody else can decrypt with, and the algorithm they registered for it."""

    algorithm: str
    kid: str | None
    key: Key = field(repr=False)

    @classmethod
    def of(cls, document: Mapping[str, object], algorithm: str, kid: str | None = None) -> "Recipient":
        """Return the key of a JWK Set to encrypt to (OpenID Connect Core 1.0, section 10.2).

        Of the keys that fit the algorithm, one that names it comes before one that names only its use, and that
        before one that names neither. `kid` narrows the choice to one key.

        Raises:
            KeyRefused: not a JWK Set, none that fits, or the one that fits is weak, broken or private.
        """
        if algorithm not in KEY_MANAGEMENT:
            raise KeyRefused("algorithm", f"we encrypt with {', '.join(KEY_MANAGEMENT)}")
        listed = document.get("keys")
        if not isinstance(listed, list) or len(listed) > _MOST_KEYS:
            raise KeyRefused("bad_jwks", f"a key set holds a list of at most {_MOST_KEYS} keys")
        fitting = [jwk for jwk in listed if _fits(jwk, algorithm, kid)]
        if not fitting:
            raise KeyRefused("no_encryption_key", f"no published key takes {algorithm}")
        chosen = max(fitting, key=lambda jwk: ("alg" in jwk, "use" in jwk))
        return cls(algorithm, _named(chosen), _imported(chosen))

    def encrypt(
        self, plaintext: str | bytes, enc: str, *, typ: str | None = None, cty: str | None = None
    ) -> str:
        """Return the compact JWE of `plaintext`; a nested JWT has `cty` "JWT" (RFC 7519 section 5.2).

        Raises:
            KeyRefused: an `enc` that is not one of `CONTENT_ENCRYPTION`, or a key that agrees on nothing.
        """
        if enc not in CONTENT_ENCRYPTION:
            raise KeyRefused("algorithm", f"content is encrypted with {', '.join(CONTENT_ENCRYPTION)}")
        said = {"alg": self.algorithm, "enc": enc, "kid": self.kid, "typ": typ, "cty": cty}
        header = {name: value for name, value in said.items() if value is not None}
        try:
            return encrypt_compact(header, plaintext, self.key, registry=REGISTRY)
        except (JoseError, ValueError) as broken:
            raise KeyRefused("bad_jwk", "nothing can be encrypted to this key") from broken


def _fits(jwk: object, algorithm: str, kid: str | None) -> bool:
    """Whether a key is meant for this: RFC 7517 sections 4.1 to 4.5."""
    if not isinstance(jwk, dict) or (kid is not None and jwk.get("kid") != kid):
        return False
    operations = jwk.get("key_ops")
    if operations is not None and not (isinstance(operations, list) and _any_of(operations)):
        return False
    if jwk.get("use", "enc") != "enc" or jwk.get("alg", algorithm) != algorithm:
        return False
    kty = jwk.get("kty")
    if algorithm == "RSA-OAEP-256":
        return kty == "RSA"
    return isinstance(kty, str) and jwk.get("crv") in _CURVES.get(kty, ())


def _any_of(operations: list[object]) -> bool:
    return any(isinstance(name, str) and name in _OPERATIONS for name in operations)


def _named(jwk: Mapping[str, object]) -> str | None:
    """Return the key's name, if it is one that can be written."""
    kid = jwk.get("kid")
    try:
        return kid if isinstance(kid, str) and kid.encode() else None
    except UnicodeEncodeError as broken:
        raise KeyRefused("bad_jwks", "kid is text") from broken


def _imported(jwk: Mapping[str, object]) -> Key:
    """Return the key, made of the members that RFC 7518 section 6 defines and nothing else."""
    if not _PRIVATE_MEMBERS.isdisjoint(jwk):
        raise KeyRefused("private_member", "a public key set holds a private or symmetric member")
    try:
        match jwk["kty"]:
            case "RSA":
                return _rsa(jwk)
            case "EC":
                made: Key = ECKey.import_key({name: str(jwk[name]) for name in ("kty", "crv", "x", "y")})
            case _:
                made = OKPKey.import_key({name: str(jwk[name]) for name in ("kty", "crv", "x")})
                # With a point of small order every agreement ends in zeros (RFC 7748 section 6.1), also this one.
                _ANY_SECRET.exchange(made.public_key)  # type: ignore[arg-type]  # crv says X25519
        _ = made.public_key  # a point that is not on its curve fails here
    except (JoseError, KeyError, TypeError, ValueError) as broken:
        raise KeyRefused("bad_jwk", "a key does not parse or is not on its curve") from broken
    return made


def _rsa(jwk: Mapping[str, object]) -> Key:
    modulus = int.from_bytes(base64url.decode(str(jwk["n"]).encode()))
    exponent = int.from_bytes(base64url.decode(str(jwk["e"]).encode()))
    if not _LEAST_RSA_BITS <= modulus.bit_length() <= _MOST_RSA_BITS or exponent < _LEAST_RSA_EXPONENT:
        raise ValueError("rsa")
    return RSAKey.import_key({name: str(jwk[name]) for name in ("kty", "n", "e")})
