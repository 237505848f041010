"""Signing claims as a compact JWS (RFC 7515 section 7.1), with everything constant prepared beforehand."""

from collections.abc import Mapping
from typing import Final

import orjson

from keys import base64url
from keys.errors import KeyRefused
from keys.material import SignBytes
from keys.purposes import RULES, Algorithm, KeyPurpose

# Dates and dataclasses are refused instead of silently becoming text where a NumericDate is meant.
_OPTIONS: Final = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


class Signer:
    """Signs with one key. The algorithm and kid are the key's own and cannot be passed."""

    __slots__ = ("_prefixes", "_sign", "algorithm", "kid", "purpose")

    def __init__(self, kid: str, purpose: KeyPurpose, algorithm: Algorithm, sign: SignBytes) -> None:
        self.kid: Final = kid
        self.purpose: Final = purpose
        self.algorithm: Final = algorithm
        self._sign: Final = sign
        typs = RULES[purpose].typs
        self._prefixes: Final[dict[str | None, bytes]] = {
            typ: base64url.encode(orjson.dumps({"alg": algorithm.value, "kid": kid, "typ": typ})) + b"."
            for typ in typs
        }
        self._prefixes[None] = self._prefixes[typs[0]]

    def sign(self, claims: Mapping[str, object], *, typ: str | None = None) -> str:
        """Return the compact JWS of `claims`; `typ` is the purpose's own unless another of its typs is named.

        Raises:
            KeyRefused: a `typ` that is not one of this purpose's.
            TypeError: claims that JSON cannot hold (dates must be NumericDate integers).
        """
        prefix = self._prefixes.get(typ)
        if prefix is None:
            raise KeyRefused("typ", f"{self.purpose} signs {RULES[self.purpose].typs}, not {typ!r}")
        payload = orjson.dumps(claims if type(claims) is dict else dict(claims), option=_OPTIONS)
        signing_input = prefix + base64url.encode(payload)
        return (signing_input + b"." + base64url.encode(self._sign(signing_input))).decode("ascii")

    def __repr__(self) -> str:
        return f"Signer(kid={self.kid!r}, state='active')"
