"""Verifying tokens strictly, with public keys only (RFC 7515 section 5.2, RFC 8725).

The mathematics and the key import are joserfc's; what may be asked of them is decided here, before any key
is touched. Nothing in a token's header can bring a key of its own.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from keys import base64url, strict_json
from keys.compact import JWS_PARTS
from keys.errors import KeyRefused, VerificationFailed
from keys.purposes import TOKEN_ALGORITHMS

Typ = str | Collection[str | None] | None
#: Header parameters that bring or fetch a key, change what is signed, or must be understood (RFC 7515
#: section 4.1, RFC 7797 section 3, RFC 8725 section 3.10). We understand no extension, so `crit` is refused.
_REFUSED_HEADERS: Final = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "b64", "zip", "enc", "epk"})
_PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_MOST_KEYS: Final = 100
_MOST_HEADER_BYTES: Final = 1024
_LEAST_RSA_BITS: Final = 2048
_MOST_RSA_BITS: Final = 8192
_LEAST_RSA_EXPONENT: Final = 65537

#: Points of small order on Ed25519: a signature under them fits many messages (RFC 8032 section 8.9 and
#: "Taming the many EdDSAs", 2020, table 5). With the sign bit ignored.
_SMALL_ORDER: Final = frozenset(
    bytes.fromhex(point)
    for point in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    )
)


@dataclass(frozen=True, slots=True)
class _VerificationKey:
    kid: str | None
    algorithms: frozenset[str]
    key: Key = field(repr=False)


class PublicKeySet:
    """A fixed set of public keys; cheap to share between threads and requests."""

    __slots__ = ("_by_kid", "_every")

    def __init__(self, every: tuple[_VerificationKey, ...]) -> None:
        self._every: Final = every
        self._by_kid: Final = {key.kid: key for key in every if key.kid is not None}
        if len(self._by_kid) != sum(key.kid is not None for key in every):
            raise KeyRefused("duplicate_kid", "a key set names each key once")

    @classmethod
    def from_jwks(cls, document: Mapping[str, object]) -> "PublicKeySet":
        """Return the keys of a JWK Set that we can verify with; other kinds are skipped (RFC 7517 section 5).

        Raises:
            KeyRefused: not a JWK Set, a private or symmetric member, two keys of one kid, too many keys, an
                RSA key under 2048 bits, or a key that is not on its curve.
        """
        listed = document.get("keys")
        if not isinstance(listed, list) or len(listed) > _MOST_KEYS:
            raise KeyRefused("bad_jwks", f"a key set holds a list of at most {_MOST_KEYS} keys")
        found = (_usable(jwk) for jwk in listed)
        return cls(tuple(key for key in found if key is not None))

    def verify(
        self, token: str, *, algorithms: Collection[str], typ: Typ, max_bytes: int = 16384
    ) -> dict[str, object]:
        """Return the claims of a compact JWS whose signature, algorithm and `typ` are right.

        `algorithms` is the caller's allow-list; `typ` is compared without case and without `application/`
        (RFC 7515 section 4.1.9). Several may be allowed; None among them lets a token without `typ` pass.
        None alone accepts any. Times and audience are the caller's to check.

        Raises:
            VerificationFailed: the token is refused; `code` says why.
            ValueError: the allow-list itself names an algorithm that never verifies here.
        """
        if not TOKEN_ALGORITHMS.issuperset(algorithms):
            raise ValueError("the allow-list may only name digital signatures")
        header, signed, payload, signature = compact_segments(token, max_bytes)
        algorithm = checked_header(header, algorithms, typ)
        key = self._key_for(header.get("kid"), algorithm)
        if not JWSRegistry.algorithms[algorithm].verify(signed, signature, key):
            raise VerificationFailed("signature")
        try:
            return strict_json.parse_object(payload)
        except ValueError as broken:
            raise VerificationFailed("payload") from broken

    def _key_for(self, kid: object, algorithm: str) -> Key:
        if kid is None:
            # RFC 7515 section 4.1.4: kid is optional. Without it, only one key may come into question.
            fitting = [key for key in self._every if algorithm in key.algorithms]
            if len(fitting) != 1:
                raise VerificationFailed("kid_missing")
            return fitting[0].key
        known = self._by_kid.get(kid) if isinstance(kid, str) else None
        if known is None:
            raise VerificationFailed("unknown_kid")
        if algorithm not in known.algorithms:
            raise VerificationFailed("algorithm")
        return known.key

    def __len__(self) -> int:
        return len(self._every)

    def __repr__(self) -> str:
        return f"PublicKeySet({[key.kid for key in self._every]})"


def compact_segments(token: str, max_bytes: int) -> tuple[Mapping[str, object], bytes, bytes, bytes]:
    """Return header, signing input, payload and signature of a compact JWS. Raises VerificationFailed."""
    # The size comes first: nothing is parsed of a token that is too long (CVE-2025-61920).
    if len(token) > max_bytes or not token.isascii():
        raise VerificationFailed("size")
    segments = token.encode("ascii").split(b".")
    if len(segments) != JWS_PARTS or len(segments[0]) > _MOST_HEADER_BYTES:
        raise VerificationFailed("format")
    try:
        header = _header(segments[0])
        payload, signature = base64url.decode(segments[1]), base64url.decode(segments[2])
    except ValueError as broken:
        raise VerificationFailed("format") from broken
    return header, segments[0] + b"." + segments[1], payload, signature


@lru_cache(maxsize=1024)
def _header(segment: bytes) -> Mapping[str, object]:
    """Return a parsed header; a key's tokens share theirs, so it is parsed once. Whether it may pass is not kept."""
    return MappingProxyType(strict_json.parse_object(base64url.decode(segment)))


def checked_header(header: Mapping[str, object], algorithms: Collection[str], typ: Typ) -> str:
    """Return the algorithm of a header that may pass. Raises VerificationFailed."""
    if not _REFUSED_HEADERS.isdisjoint(header):
        raise VerificationFailed("header")
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in algorithms:
        raise VerificationFailed("algorithm")
    found = header.get("typ")
    if found is not None and not isinstance(found, str):
        raise VerificationFailed("typ")
    if typ is not None and not _is_of(found, typ):
        raise VerificationFailed("typ")
    return algorithm


def _is_of(found: str | None, typ: str | Collection[str | None]) -> bool:
    allowed = {typ} if isinstance(typ, str) else typ
    if found is None:
        return None in allowed
    return _media_type(found) in {_media_type(each) for each in allowed if each is not None}


def _media_type(typ: str) -> str:
    return typ.lower().removeprefix("application/")


def _usable(jwk: object) -> _VerificationKey | None:
    if not isinstance(jwk, dict) or not isinstance(jwk.get("kty"), str):
        raise KeyRefused("bad_jwks", "each key is an object with a kty")
    if not _PRIVATE_MEMBERS.isdisjoint(jwk):
        raise KeyRefused("private_member", "a public key set holds a private or symmetric member")
    operations = jwk.get("key_ops", ["verify"])
    if jwk.get("use", "sig") != "sig" or not isinstance(operations, list) or "verify" not in operations:
        return None
    kid = jwk.get("kid")
    if kid is not None and not isinstance(kid, str):
        raise KeyRefused("bad_jwks", "kid is text")
    try:
        key, fits = _imported(jwk)
    except (KeyError, TypeError, ValueError) as broken:
        raise KeyRefused("bad_jwk", "a key does not parse or is not on its curve") from broken
    if key is None:
        return None
    named = jwk.get("alg")
    algorithms = fits if named is None else fits & {named}
    return _VerificationKey(kid, algorithms, key) if algorithms else None


def _members(jwk: dict[str, object], *names: str) -> dict[str, str | list[str]]:
    """Return only what the specification defines: nothing else may steer the import."""
    return {name: str(jwk[name]) for name in names}


def _imported(jwk: dict[str, object]) -> tuple[Key | None, frozenset[str]]:
    # RFC 7518 section 6 and RFC 8037 section 2.
    match jwk["kty"], jwk.get("crv"):
        case "EC", "P-256":
            key: Key = ECKey.import_key(_members(jwk, "kty", "crv", "x", "y"))
            fits = frozenset({"ES256"})
        case "OKP", "Ed25519":
            point = base64url.decode(str(jwk["x"]).encode())
            if point[:31] + bytes([point[31] & 0x7F]) in _SMALL_ORDER:
                raise ValueError("small_order")
            key = OKPKey.import_key(_members(jwk, "kty", "crv", "x"))
            fits = frozenset({"EdDSA"})
        case "RSA", _:
            modulus = int.from_bytes(base64url.decode(str(jwk["n"]).encode()))
            exponent = int.from_bytes(base64url.decode(str(jwk["e"]).encode()))
            if (
                not _LEAST_RSA_BITS <= modulus.bit_length() <= _MOST_RSA_BITS
                or exponent < _LEAST_RSA_EXPONENT
            ):
                raise ValueError("rsa")
            key = RSAKey.import_key(_members(jwk, "kty", "n", "e"))
            fits = frozenset({"RS256", "PS256"})
        case _:
            return None, frozenset()
    _ = key.public_key  # a point that is not on its curve fails here, not at the first token
    return key, fits
