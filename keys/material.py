"""Making keys and reading them back: the one place that touches secret key bytes."""

import hashlib
import secrets
from collections.abc import Callable, Mapping

import orjson
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from keys import base64url
from keys.errors import KeyRefused
from keys.purposes import Algorithm

#: Bits of our own RSA keys; NIST SP 800-131A's floor. Keys live for months, and signatures cost CPU.
RSA_BITS = 2048

_REQUIRED_MEMBERS = {
    "EC": ("crv", "kty", "x", "y"),
    "RSA": ("e", "kty", "n"),
    "OKP": ("crv", "kty", "x"),
    "oct": ("k", "kty"),
}

SignBytes = Callable[[bytes], bytes]


def thumbprint(jwk: Mapping[str, str]) -> str:
    """Return the RFC 7638 SHA-256 thumbprint of a JWK (section 3.2; for OKP, RFC 8037 section 2)."""
    try:
        members = {name: jwk[name] for name in _REQUIRED_MEMBERS[jwk["kty"]]}
    except KeyError as missing:
        raise KeyRefused("bad_jwk", f"a JWK needs {missing}") from missing
    canonical = orjson.dumps(members, option=orjson.OPT_SORT_KEYS)
    return base64url.encode(hashlib.sha256(canonical).digest()).decode()


def generate(algorithm: Algorithm) -> tuple[str, dict[str, str] | None, bytes]:
    """Return a fresh key: kid, public JWK (None for symmetric keys) and secret half (PKCS#8 DER or bytes)."""
    match algorithm:
        case Algorithm.A256GCM | Algorithm.HS256:
            secret = secrets.token_bytes(32)
            return thumbprint({"kty": "oct", "k": _text(secret)}), None, secret
        case Algorithm.ES256 | Algorithm.ECDH_ES | Algorithm.ECDH_ES_A128KW | Algorithm.ECDH_ES_A256KW:
            private: _Private = ec.generate_private_key(ec.SECP256R1())
        case Algorithm.EDDSA:
            private = ed25519.Ed25519PrivateKey.generate()
        case _:
            private = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    public = public_jwk(private.public_key(), algorithm)
    encoded = private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return public["kid"], public, encoded


_Private = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
_Public = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey


def public_jwk(public: _Public, algorithm: Algorithm) -> dict[str, str]:
    """Return the public JWK of RFC 7517 with `kid`, `use` and `alg`; never a private member."""
    if isinstance(public, ec.EllipticCurvePublicKey):
        point = public.public_numbers()
        jwk = {
            "kty": "EC",
            "crv": "P-256",
            "x": _text(point.x.to_bytes(32)),
            "y": _text(point.y.to_bytes(32)),
        }
    elif isinstance(public, rsa.RSAPublicKey):
        numbers = public.public_numbers()
        jwk = {"kty": "RSA", "n": _integer(numbers.n), "e": _integer(numbers.e)}
    else:
        jwk = {"kty": "OKP", "crv": "Ed25519", "x": _text(public.public_bytes_raw())}
    use = "enc" if algorithm.decrypts_tokens else "sig"
    return jwk | {"kid": thumbprint(jwk), "use": use, "alg": algorithm.value}


def load(secret: bytes) -> PrivateKeyTypes:
    """Return a private key of the ring."""
    # The bytes come out of an authenticated seal, so the slow RSA self-check would tell nothing new.
    return serialization.load_der_private_key(secret, password=None, unsafe_skip_rsa_key_validation=True)


def signing_function(secret: bytes, algorithm: Algorithm) -> SignBytes:
    """Return the function that signs bytes as RFC 7518 section 3 (or RFC 8037 section 3.1) says."""
    private = load(secret)
    if algorithm is Algorithm.ES256 and isinstance(private, ec.EllipticCurvePrivateKey):
        return _es256(private)
    if algorithm is Algorithm.EDDSA and isinstance(private, ed25519.Ed25519PrivateKey):
        return private.sign
    if isinstance(private, rsa.RSAPrivateKey):
        sha256 = hashes.SHA256()
        if algorithm is Algorithm.RS256:
            return lambda data: private.sign(data, padding.PKCS1v15(), sha256)
        if algorithm is Algorithm.PS256:
            # RFC 7518 section 3.5: MGF1 with SHA-256, salt as long as the hash.
            pss = padding.PSS(padding.MGF1(sha256), salt_length=sha256.digest_size)
            return lambda data: private.sign(data, pss, sha256)
    raise KeyRefused("bad_key", "the key does not fit its algorithm")


def _es256(private: ec.EllipticCurvePrivateKey) -> SignBytes:
    ecdsa = ec.ECDSA(hashes.SHA256())

    def sign(data: bytes) -> bytes:
        r, s = decode_dss_signature(private.sign(data, ecdsa))
        return r.to_bytes(32) + s.to_bytes(32)

    return sign


def _text(data: bytes) -> str:
    return base64url.encode(data).decode()


def _integer(value: int) -> str:
    return _text(value.to_bytes((value.bit_length() + 7) // 8))
