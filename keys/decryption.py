"""Decrypting compact JWEs with our own keys, strictly (RFC 7516 section 5.2, RFC 8725).

Everything a header may ask is judged before a key is touched, and whatever goes wrong with the key is one and the
same refusal, so that nobody learns at which step a guess failed.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from joserfc.errors import JoseError
from joserfc.jwe import decrypt_compact
from joserfc.jwk import ECKey, Key, RSAKey

from keys import base64url, strict_json
from keys.compact import JWE_PARTS
from keys.encryption import CONTENT_ENCRYPTION, REGISTRY
from keys.errors import DecryptionFailed
from keys.purposes import KEY_MANAGEMENT

#: Header parameters that bring or fetch a key (RFC 7516 section 4.1), inflate the content, make us work
#: (RFC 7518 section 4.8.1.2), belong to algorithms we do not take, or must be understood: we know no extension.
_REFUSED_HEADERS: Final = frozenset(
    {"zip", "crit", "jku", "jwk", "x5u", "x5c", "p2c", "p2s", "iv", "tag", "skid", "b64"}
)
_EPHEMERAL: Final = frozenset({"kty", "crv", "x", "y"})
_MOST_HEADER_BYTES: Final = 1024
_MOST_PARTY_INFO: Final = 128
_MOST_NUMBER: Final = 100


@dataclass(frozen=True, slots=True)
class Decrypted:
    """What was inside, and how it was encrypted: to be compared with what its sender registered."""

    plaintext: bytes = field(repr=False)
    alg: str
    enc: str
    typ: str | None = None
    cty: str | None = None

    def nested_token(self) -> str:
        """Return the signed token inside (RFC 7519 section 5.2: `cty` MUST be "JWT").

        Raises:
            DecryptionFailed: something else is inside.
        """
        if self.cty is None or self.cty.lower().removeprefix("application/") != "jwt":
            raise DecryptionFailed("cty")
        try:
            return self.plaintext.decode("ascii")
        except UnicodeDecodeError as broken:
            raise DecryptionFailed("content") from broken


class DecryptionKeys:
    """The private keys of one purpose, as they stood at one state of the ring."""

    __slots__ = ("_by_kid", "_current")

    def __init__(self, by_kid: Mapping[str, tuple[str, Key]], current: Mapping[str, str]) -> None:
        """Take keys by kid, each with its algorithm, and the kid in service by algorithm."""
        self._by_kid: Final = by_kid
        self._current: Final = current

    def decrypt(
        self,
        token: str,
        *,
        algorithms: Collection[str] = KEY_MANAGEMENT,
        encryptions: Collection[str] = CONTENT_ENCRYPTION,
        max_bytes: int = 16384,
    ) -> Decrypted:
        """Return what a compact JWE holds, if it came by an allowed way.

        Raises:
            DecryptionFailed: the token is refused; `code` says why.
            ValueError: an allow-list itself names what is never taken here.
        """
        if not (
            set(KEY_MANAGEMENT).issuperset(algorithms) and set(CONTENT_ENCRYPTION).issuperset(encryptions)
        ):
            raise ValueError("the allow-list names an algorithm that is never taken")
        # The size comes first: nothing is parsed of a token that is too long (CVE-2025-61920).
        if len(token) > max_bytes or not token.isascii():
            raise DecryptionFailed("size")
        segments = token.encode("ascii").split(b".")
        if len(segments) != JWE_PARTS or len(segments[0]) > _MOST_HEADER_BYTES:
            raise DecryptionFailed("format")
        try:
            header = strict_json.parse_object(base64url.decode(segments[0]))
            for segment in segments[1:]:
                base64url.decode(segment)
        except ValueError as broken:
            raise DecryptionFailed("format") from broken
        algorithm, encryption = _checked(header, algorithms, encryptions)
        # RFC 7516 section 5.2, step 10: with direct key agreement, "verify that the JWE Encrypted Key value is an
        # empty octet sequence".
        if algorithm == "ECDH-ES" and segments[1]:
            raise DecryptionFailed("format")
        key = self._key_for(header.get("kid"), algorithm)
        _check_agreement(header, algorithm, key)
        try:
            opened = decrypt_compact(token, key, registry=REGISTRY)
        except (JoseError, ValueError, TypeError, KeyError, AssertionError) as failed:
            raise DecryptionFailed("decryption") from failed
        return Decrypted(
            opened.plaintext or b"", algorithm, encryption, _text(header, "typ"), _text(header, "cty")
        )

    def _key_for(self, kid: object, algorithm: str) -> Key:
        # RFC 7516 section 4.1.6: kid is optional. Without it, the key in service is meant.
        named = self._current.get(algorithm) if kid is None else kid
        known = self._by_kid.get(named) if isinstance(named, str) else None
        if known is None:
            raise DecryptionFailed("unknown_kid")
        # The algorithm belongs to the key (RFC 8725 section 3.1).
        if known[0] != algorithm:
            raise DecryptionFailed("algorithm")
        return known[1]

    def __len__(self) -> int:
        return len(self._by_kid)

    def __repr__(self) -> str:
        return f"DecryptionKeys({list(self._by_kid)})"


def _checked(
    header: Mapping[str, object], algorithms: Collection[str], encryptions: Collection[str]
) -> tuple[str, str]:
    if not _REFUSED_HEADERS.isdisjoint(header):
        raise DecryptionFailed("header")
    algorithm, encryption = header.get("alg"), header.get("enc")
    if not isinstance(algorithm, str) or algorithm not in algorithms:
        raise DecryptionFailed("algorithm")
    if not isinstance(encryption, str) or encryption not in encryptions:
        raise DecryptionFailed("algorithm")
    for name in ("typ", "cty"):
        _text(header, name)
    return algorithm, encryption


def _check_agreement(header: Mapping[str, object], algorithm: str, key: Key) -> None:
    """RFC 7518 section 4.6.1: an ephemeral key on the very curve of ours, and short party names."""
    ephemeral = header.get("epk")
    if algorithm == "RSA-OAEP-256" or not isinstance(key, ECKey):
        if not {"epk", "apu", "apv"}.isdisjoint(header):
            raise DecryptionFailed("header")
        return
    if not isinstance(ephemeral, dict) or not _EPHEMERAL.issuperset(ephemeral):
        raise DecryptionFailed("epk")
    members = [ephemeral.get(name) for name in ("x", "y")]
    if ephemeral.get("kty") != "EC" or ephemeral.get("crv") != key.curve_name:
        raise DecryptionFailed("epk")
    if not all(isinstance(each, str) and len(each) <= _MOST_NUMBER for each in members):
        raise DecryptionFailed("epk")
    for name in ("apu", "apv"):
        if len(_text(header, name) or "") > _MOST_PARTY_INFO:
            raise DecryptionFailed("header")


def _text(header: Mapping[str, object], name: str) -> str | None:
    value = header.get(name)
    if value is not None and not isinstance(value, str):
        raise DecryptionFailed("header")
    return value


def private_key(secret: object, algorithm: str) -> Key:
    """Return a joserfc key of a loaded private key."""
    if algorithm == "RSA-OAEP-256":
        return RSAKey(secret, secret)  # type: ignore[arg-type]  # material.load gave the kind that fits the algorithm
    return ECKey(secret, secret)  # type: ignore[arg-type]  # as above
