"""OAuth 2.0 Demonstrating Proof of Possession (DPoP): reading and judging one proof.

https://www.rfc-editor.org/rfc/rfc9449
Implemented: 4.2 (syntax), 4.3 (all twelve checks), 6 (jkt), 7 (ath), 8 and 9 (nonce is right or asked for),
11.1 (a replay key for the caller to spend). Left out: nothing of a proof; binding is `binding.py`'s.
Builds on no Authlib class: Authlib has none.
"""

import hashlib
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from keys import base64url, strict_json
from keys.compact import JWS_PARTS
from keys.proof.embedded_key import DPOP_ALGORITHMS, EmbeddedKey, read_key
from keys.proof.refusals import INVALID_DPOP_PROOF, USE_DPOP_NONCE, ProofRefused
from keys.proof.target_uri import normalised

#: Seconds: a proof from the future passes up to here, one from the past up to the age (RFC 9449 section 11.1).
LEEWAY: Final = 10
MAX_AGE: Final = 60
MAX_BYTES: Final = 8192
_LONGEST_TEXT: Final = 512
#: Header parameters that fetch or wrap a key or change what is signed; `jwk` alone is DPoP's (RFC 8725 3.10).
_REFUSED_HEADERS: Final = frozenset({"jku", "x5u", "x5c", "crit", "b64", "zip", "enc", "epk"})


@dataclass(frozen=True, slots=True)
class ReadProof:
    """A proof as it was read: well-formed, **not judged yet**.

    `jti_digest` is the replay key (43 characters): the same key, target and `jti` give the same digest.
    """

    jkt: str
    algorithm: str
    htm: str
    htu: str
    iat: int
    jti_digest: str
    nonce: str | None
    ath: str | None
    _key: EmbeddedKey = field(repr=False, compare=False)
    _signing_input: bytes = field(repr=False)
    _signature: bytes = field(repr=False)

    def signed(self) -> bool:
        """Whether the signature is the embedded key's."""
        return self._key.signed(self.algorithm, self._signing_input, self._signature)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedProof:
    """What a proof must be made for.

    `uri` is built from configuration, never from the Host header. `now` in epoch seconds. `nonces`: those that
    pass, None where none is asked for. `spent`: the store knows the proof's `jti_digest`. `access_token`: the
    token beside the proof at a resource, None at the provider's own endpoints.
    """

    method: str
    uri: str
    now: int
    spent: bool = False
    nonces: Collection[str] | None = None
    access_token: str | None = None
    algorithms: Collection[str] = DPOP_ALGORITHMS
    max_age: int = MAX_AGE


@dataclass(frozen=True, slots=True)
class DpopProof:
    """A proof that holds: the sender has the key of `jkt`.

    The caller spends `jti_digest` until `expires` (epoch seconds). `ath` is set only when it was compared with
    the access token beside it.
    """

    jkt: str
    jti_digest: str
    nonce: str | None
    expires: int
    ath: str | None = None


def read_proof(fields: Sequence[str], *, max_bytes: int = MAX_BYTES) -> ReadProof | None:
    """Return the proof in a request's `DPoP` header fields; None when there is no such field.

    Raises:
        ProofRefused: `invalid_dpop_proof`: more than one, too long, or not a proof of section 4.2.
    """
    if not fields:
        return None
    # 4.3 point 1: "There is not more than one DPoP HTTP request header field."
    if len(fields) > 1:
        raise ProofRefused(INVALID_DPOP_PROOF, "several")
    # The size comes before any parsing (CVE-2025-61920).
    if len(fields[0]) > max_bytes or not fields[0].isascii():
        raise ProofRefused(INVALID_DPOP_PROOF, "size")
    # 4.3 point 2: "The DPoP HTTP request header field value is a single and well-formed JWT."
    segments = fields[0].encode("ascii").split(b".")
    if len(segments) != JWS_PARTS:
        raise ProofRefused(INVALID_DPOP_PROOF, "format")
    try:
        claims = strict_json.parse_object(base64url.decode(segments[1]))
        signature = base64url.decode(segments[2])
    except ValueError as broken:
        raise ProofRefused(INVALID_DPOP_PROOF, "format") from broken
    algorithm, key = _checked_header(segments[0])
    # 4.3 point 3: "All required claims per Section 4.2 are contained in the JWT."
    jti, htm = _text(claims, "jti"), _text(claims, "htm")
    htu = normalised(_text(claims, "htu", longest=MAX_BYTES))
    if htu is None:
        raise ProofRefused(INVALID_DPOP_PROOF, "htu")
    return ReadProof(
        jkt=key.jkt,
        algorithm=algorithm,
        htm=htm,
        htu=htu,
        iat=_moment(claims.get("iat")),
        jti_digest=_digest(f"{key.jkt} {htu} {jti}".encode()),
        nonce=_text(claims, "nonce") if "nonce" in claims else None,
        ath=_text(claims, "ath") if "ath" in claims else None,
        _key=key,
        _signing_input=segments[0] + b"." + segments[1],
        _signature=signature,
    )


def judge_proof(proof: ReadProof, expected: ExpectedProof) -> DpopProof:
    """Return the proof that holds for this request.

    Raises:
        ProofRefused: `invalid_dpop_proof`, or `use_dpop_nonce` when only a nonce of this server is missing.
        ValueError: the expectation itself is wrong (an algorithm that never proves, a URI that is none).
    """
    if not DPOP_ALGORITHMS.issuperset(expected.algorithms):
        raise ValueError("the allow-list may only name algorithms of DPOP_ALGORITHMS")
    target = normalised(expected.uri)
    if target is None:
        raise ValueError("the expected URI is an absolute http or https URI")
    if proof.algorithm not in expected.algorithms:
        raise ProofRefused(INVALID_DPOP_PROOF, "algorithm")
    # 4.3 point 8: "The htm claim matches the HTTP method of the current request."
    if proof.htm != expected.method:
        raise ProofRefused(INVALID_DPOP_PROOF, "htm")
    # 4.3 point 9: "The htu claim matches the HTTP URI value ..., ignoring any query and fragment parts."
    if proof.htu != target:
        raise ProofRefused(INVALID_DPOP_PROOF, "htu")
    # 4.3 point 11: "The creation time of the JWT ... is within an acceptable window."
    if not expected.now - expected.max_age <= proof.iat <= expected.now + LEEWAY:
        raise ProofRefused(INVALID_DPOP_PROOF, "iat")
    # 4.3 point 6: "The JWT signature verifies with the public key contained in the jwk."
    if not proof.signed():
        raise ProofRefused(INVALID_DPOP_PROOF, "signature")
    # 11.1: a proof serves once; a spent one is not worth a new nonce.
    if expected.spent:
        raise ProofRefused(INVALID_DPOP_PROOF, "replay")
    # 4.3 point 10, 8 and 9: "the nonce claim matches the server-provided nonce value".
    if expected.nonces is not None and proof.nonce not in expected.nonces:
        raise ProofRefused(USE_DPOP_NONCE, "nonce")
    return DpopProof(
        jkt=proof.jkt,
        jti_digest=proof.jti_digest,
        nonce=proof.nonce,
        expires=proof.iat + expected.max_age + 1,
        ath=_matching_hash(proof, expected.access_token),
    )


def token_hash(access_token: str) -> str:
    """Return `ath` (RFC 9449 section 4.2): base64url of the SHA-256 of the token's ASCII."""
    return _digest(access_token.encode())


def _matching_hash(proof: ReadProof, access_token: str | None) -> str | None:
    # 4.3 point 12: "ensure that the value of the ath claim equals the hash of that access token".
    if access_token is None:
        return None
    if proof.ath != token_hash(access_token):
        raise ProofRefused(INVALID_DPOP_PROOF, "ath")
    return proof.ath


@lru_cache(maxsize=1024)
def _checked_header(segment: bytes) -> tuple[str, EmbeddedKey]:
    """Return algorithm and key of a header, read once for all proofs of a client; refusals are not kept."""
    try:
        header = strict_json.parse_object(base64url.decode(segment))
    except ValueError as broken:
        raise ProofRefused(INVALID_DPOP_PROOF, "format") from broken
    # 4.3 point 4: "The typ JOSE Header Parameter has the value dpop+jwt."
    if header.get("typ") != "dpop+jwt":
        raise ProofRefused(INVALID_DPOP_PROOF, "typ")
    if not _REFUSED_HEADERS.isdisjoint(header):
        raise ProofRefused(INVALID_DPOP_PROOF, "header")
    # 4.3 point 5: "a registered asymmetric digital signature algorithm ..., is not none, is supported".
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in DPOP_ALGORITHMS:
        raise ProofRefused(INVALID_DPOP_PROOF, "algorithm")
    return algorithm, read_key(header.get("jwk"), algorithm)


def _text(claims: dict[str, object], name: str, longest: int = _LONGEST_TEXT) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise ProofRefused(INVALID_DPOP_PROOF, name)
    return value


def _moment(value: object) -> int:
    # RFC 7519 section 2: a NumericDate may have a fraction; true is no number.
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ProofRefused(INVALID_DPOP_PROOF, "iat")
    return math.floor(value)


def _digest(data: bytes) -> str:
    return base64url.encode(hashlib.sha256(data).digest()).decode()
